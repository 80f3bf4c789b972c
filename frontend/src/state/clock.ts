import { signal } from "@preact/signals";

/** Now, in seconds; ticks once a second, so that durations and ages move. */
export const nowS = signal(Date.now() / 1000);

setInterval(() => {
  if (document.visibilityState === "visible") nowS.value = Date.now() / 1000;
}, 1000);
