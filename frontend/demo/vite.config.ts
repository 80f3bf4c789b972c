import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Connect, defineConfig, type Plugin } from "vite";

// The page by itself, with answers that were recorded once: no Python, no TensorBoard. scripts/record-demo records.

interface Answer {
  type: string;
  text?: string;
  base64?: string;
}

const recorded = fileURLToPath(new URL("recorded/answers.json", import.meta.url));
const NOT_RECORDED = "This page shows what was recorded once, and this was not. Start TensorBoard to have everything.";

function answers(): Connect.NextHandleFunction {
  const known = JSON.parse(readFileSync(recorded, "utf8")) as Record<string, Answer>;
  return (request, response, next) => {
    const address = new URL(request.url ?? "/", "http://localhost");
    if (!/^\/data\/(plugin\/azureml\/api\/|runs$)/.test(address.pathname)) return next();
    address.searchParams.sort();
    const found = request.method === "GET" && known[`${address.pathname}${address.search}`];
    if (!found) {
      response.writeHead(404, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { message: NOT_RECORDED, position: null } }));
      return;
    }
    response.writeHead(200, { "Content-Type": found.type, "X-Polled": String(Math.floor(Date.now() / 1000)) });
    response.end(found.base64 === undefined ? found.text : Buffer.from(found.base64, "base64"));
  };
}

const plugin: Plugin = {
  name: "recorded-answers",
  configureServer(server) {
    server.middlewares.use((request, response, next) => answers()(request, response, next));
  },
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/data/plugin/azureml/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [plugin],
  server: { fs: { allow: [".."] } },
});
