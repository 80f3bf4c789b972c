import { signal } from "@preact/signals";
import { RequestError } from "../api/client";
import { getMedia } from "../api/files";
import { getRun } from "../api/reads";
import type { Media, RunDetail } from "../api/types";

/** The run whose page is open. What came last stays while its successor, or TensorBoard itself, is away. */

export const shownRun = signal<RunDetail | null>(null);
/** What its panels have to show; null until that is known. */
export const media = signal<Media | null>(null);
export const runProblem = signal<RequestError | null>(null);

/** Reads the run `id` again; what it has as files only when `withMedia`. Ends when `abort` does. */
export async function load(id: string, withMedia: boolean, abort: AbortSignal): Promise<void> {
  if (shownRun.peek()?.id !== id) {
    shownRun.value = null;
    media.value = null;
    runProblem.value = null;
  }
  try {
    const detail = await getRun(id, abort);
    if (abort.aborted) return;
    shownRun.value = detail;
    runProblem.value = null;
    if (withMedia || media.peek()?.run !== id) await loadMedia(id, abort);
  } catch (error) {
    if (abort.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    // A run that is gone is said to be; while nothing answers, the strip says so and the page stays.
    if (error.status || shownRun.peek()?.id !== id) runProblem.value = error;
  }
}

async function loadMedia(id: string, abort: AbortSignal): Promise<void> {
  try {
    const found = await getMedia(id, abort);
    if (!abort.aborted) media.value = found;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (abort.aborted) return;
    // The panel of artifacts says why; the others have nothing to show.
    media.value = { run: id, series: [], logs: 0, files: 0, complete: false, problems: [] };
  }
}
