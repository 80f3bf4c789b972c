// notices.js FOLDER: writes there what the bundle contains of others' work, with their licences.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const target = join(process.argv[2], "THIRD_PARTY_NOTICES.txt");
const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const found = new Map();
const visit = (name) => {
  if (found.has(name)) return;
  const folder = join(modules, name);
  const described = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  found.set(name, { described, text: file ? readFileSync(join(folder, file), "utf8").trim() : "" });
  for (const dependency of Object.keys(described.dependencies ?? {})) visit(dependency);
};
for (const name of Object.keys(own.dependencies)) visit(name);

const parts = [...found].sort().map(([name, { described, text }]) => {
  const title = `${name} ${described.version} (${described.license})`;
  return `${title}\n${"-".repeat(title.length)}\n\n${text}\n`;
});
writeFileSync(target, `The page of this plugin contains the following works of others.\n\n\n${parts.join("\n\n")}`);
