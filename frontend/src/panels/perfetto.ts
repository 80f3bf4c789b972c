/**
 * Hands a trace to Perfetto's page, as that page says: ask until it answers, then send the bytes.
 * https://perfetto.dev/docs/visualization/deep-linking-to-perfetto-ui
 */

export const PERFETTO = "https://ui.perfetto.dev";
const ASK_MS = 100;
const PATIENCE_MS = 30_000;
const NO_WAY =
  "Perfetto's page does not answer: there may be no way to it from here. Download the trace, and open it where there is.";

/** What came of it, for people. The window must open while the click is still being handled. */
export async function openTrace(address: string, title: string): Promise<string> {
  if (!navigator.onLine) return NO_WAY;
  const page = window.open(PERFETTO);
  if (!page) return "The browser has kept the window from opening: allow this page to open windows.";
  try {
    const [response] = await Promise.all([fetch(address), answer(page)]);
    if (!response.ok) return `The trace cannot be read: TensorBoard answered ${response.status}.`;
    const buffer = await response.arrayBuffer();
    page.postMessage({ perfetto: { buffer, title } }, PERFETTO, [buffer]);
    return "Perfetto has it.";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Resolves when the page answers. */
function answer(page: Window): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = setInterval(() => {
      if (page.closed) end(() => reject(new Error("The window was closed; the trace has stayed here.")));
      else page.postMessage("PING", PERFETTO);
    }, ASK_MS);
    const end = (settle: () => void) => {
      clearInterval(asking);
      clearTimeout(giveUp);
      window.removeEventListener("message", onMessage);
      settle();
    };
    const onMessage = (event: MessageEvent) => {
      if (event.origin === PERFETTO && event.source === page && event.data === "PONG") end(resolve);
    };
    const giveUp = setTimeout(() => end(() => reject(new Error(NO_WAY))), PATIENCE_MS);
    window.addEventListener("message", onMessage);
  });
}
