import { signal } from "@preact/signals";
import { type Change, changeShown } from "../api/changes";
import { RequestError } from "../api/client";
import { refresh, table } from "./runs";

/** What people have the server do. */

/** Why the last thing asked for was not done; "" when it was. */
export const refusal = signal("");
/** The runs that were shown before the last change, for as long as that can be undone. */
export const undoable = signal<readonly string[] | null>(null);

/** Does something at the server, says where that fails, and reads again how things are. Whether it was done. */
export async function attempt(what: () => Promise<unknown>): Promise<boolean> {
  let done = true;
  try {
    await what();
    refusal.value = "";
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    refusal.value = error.message;
    done = false;
  }
  await refresh();
  return done;
}

/** Which runs the dashboards see, changed; what it was before can be had back. */
export async function change(what: Change): Promise<void> {
  const before = table.peek().runs.flatMap((run) => (run.shown ? [run.id] : []));
  if (await attempt(() => changeShown(what))) undoable.value = before;
}

export async function undo(): Promise<void> {
  const before = undoable.peek();
  undoable.value = null;
  if (before) await attempt(() => changeShown({ only: before }));
}
