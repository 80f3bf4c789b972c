/** Hands a trace to Perfetto's page, as that page says: ask until it answers, then send the bytes. */

const PERFETTO = "https://ui.perfetto.dev";
const ASK_MS = 100;
const PATIENCE_MS = 30_000;

/** What came of it, for people. The window must open while the click is still being handled. */
export async function openTrace(address: string, title: string): Promise<string> {
  const page = window.open(PERFETTO);
  if (!page) return "The browser has kept the window from opening: allow this page to open windows.";
  try {
    const [response] = await Promise.all([fetch(address), answer(page)]);
    if (!response.ok) return `The trace cannot be read: TensorBoard answered ${response.status}.`;
    const buffer = await response.arrayBuffer();
    page.postMessage({ perfetto: { buffer, title, keepApiOpen: true } }, PERFETTO, [buffer]);
    return "Opened.";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Resolves when the page answers. */
function answer(page: Window): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = setInterval(() => page.postMessage("PING", PERFETTO), ASK_MS);
    const end = () => {
      clearInterval(asking);
      clearTimeout(giveUp);
      window.removeEventListener("message", onMessage);
    };
    const onMessage = (event: MessageEvent) => {
      if (event.origin !== PERFETTO || event.data !== "PONG") return;
      end();
      resolve();
    };
    const giveUp = setTimeout(() => {
      end();
      reject(new Error("Perfetto's page does not answer. Is there a way from this browser to ui.perfetto.dev?"));
    }, PATIENCE_MS);
    window.addEventListener("message", onMessage);
  });
}
