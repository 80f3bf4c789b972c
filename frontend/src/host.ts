import { signal } from "@preact/signals";

/** The page around this frame: its address, its theme, its reload button. Works alone, too. */

const PREFIX = "p.azureml.";
const TAB = "azureml";

function outside(): Window {
  try {
    return window.parent.location.href ? window.parent : window; // throws when the frame is embedded elsewhere
  } catch {
    return window;
  }
}

export const host = outside();

/** Our part of the address: what follows the hash under `p.azureml.`. */
export function readState(): Record<string, string> {
  const state: Record<string, string> = {};
  for (const part of host.location.hash.slice(1).split("&")) {
    const [key = "", value = ""] = part.split("=", 2).map(decoded);
    if (key.startsWith(PREFIX)) state[key.slice(PREFIX.length)] = value;
  }
  return state;
}

/** Writes our part of the address and leaves the rest as it is; `push` makes it a step that Back undoes. */
export function writeState(state: Record<string, string>, push: boolean): void {
  const parts = host.location.hash.slice(1).split("&");
  const others = parts.filter((part) => part && !decoded(part).startsWith(PREFIX));
  const ours = Object.entries(state).map(
    ([key, value]) => `${PREFIX}${encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  );
  const hash = `#${[...(others.length ? others : [TAB]), ...ours].join("&")}`;
  if (hash === host.location.hash) return;
  const how = push ? "pushState" : "replaceState";
  host.history[how](host.history.state, "", `${host.location.pathname}${host.location.search}${hash}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function onAddressChange(listener: () => void): void {
  host.addEventListener("hashchange", listener);
  host.addEventListener("popstate", listener);
}

export type Dashboard = "timeseries" | "hparams" | "images";

/** Address of one of TensorBoard's dashboards that shows only `runs` (their names) and, if given, one tag. */
export function dashboardAddress(dashboard: Dashboard, runs: readonly string[], tag?: string): string {
  const filters = new URLSearchParams();
  if (runs.length) filters.set(RUN_FILTER[dashboard], `^(${runs.map(escaped).join("|")})$`);
  if (tag !== undefined) filters.set("tagFilter", `^${escaped(tag)}$`);
  const query = new URLSearchParams(host.location.search);
  for (const key of ["runFilter", "tagFilter"]) query.delete(key);
  if (dashboard === "timeseries") for (const [key, value] of filters) query.set(key, value);
  const text = query.toString();
  // The older dashboards keep their filters in the hash, percent-encoded.
  const rest = dashboard === "images" ? [...filters].map(([key, value]) => `&${key}=${encodeURIComponent(value)}`) : [];
  return `${host.location.pathname}${text ? `?${text}` : ""}#${dashboard}${rest.join("")}`;
}

const RUN_FILTER: Record<Dashboard, string> = { timeseries: "runFilter", hparams: "runFilter", images: "regexInput" };

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Whether TensorBoard is dark. It does not tell its frames; the class on its body does. */
export const dark = signal(false);

export function followTheme(): void {
  const media = host.matchMedia("(prefers-color-scheme: dark)");
  const look = (): void => {
    dark.value = host === window ? media.matches : host.document.body.classList.contains("dark-mode");
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  };
  new MutationObserver(look).observe(host.document.body, { attributeFilter: ["class"] });
  media.addEventListener("change", look);
  look();
}

/** Whether the person can see this page now: the browser's tab is in front, and TensorBoard shows this frame. */
export const visible = signal(true);

export function followVisibility(): void {
  const frame = host === window ? null : window.frameElement;
  const look = (): void => {
    // TensorBoard keeps the frame of another tab, squeezed to no height.
    visible.value = document.visibilityState === "visible" && (frame?.clientHeight ?? 1) > 0;
  };
  document.addEventListener("visibilitychange", look);
  // Of the outer page: within a frame that nobody sees, observers rest.
  if (frame) new (host as typeof window).ResizeObserver(look).observe(frame);
  look();
}

/** Calls `listener` when TensorBoard reloads its data, by its button or by itself. */
export function onReload(listener: () => void): void {
  if (host === window) return;
  const channel = new MessageChannel();
  channel.port1.onmessage = (event: MessageEvent<string>) => {
    const { type, id } = JSON.parse(event.data) as { type: string; id: number };
    // TensorBoard keeps a promise for each of its messages until the reply.
    channel.port1.postMessage(JSON.stringify({ type, id, payload: null, error: null, isReply: true }));
    if (type === "experimental.DataReloaded") listener();
  };
  host.postMessage("experimental.bootstrap", "*", [channel.port2]);
}

/** Whether keys are letters there, and not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "range";
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}
