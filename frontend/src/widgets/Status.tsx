import type { Status as StatusName } from "../api/types";

const WORDS: Record<StatusName, string> = {
  scheduled: "queued",
  running: "running",
  finished: "finished",
  failed: "failed",
  killed: "killed",
  unknown: "unknown",
};

/** A dot and a word: never colour alone. */
export function Status({ status }: { status: StatusName }) {
  return (
    <span class={`status ${status}`}>
      <span class="dot" aria-hidden="true" />
      {WORDS[status]}
    </span>
  );
}

export function statusWord(status: string): string {
  return WORDS[status as StatusName] ?? status;
}
