import type { Line } from "../model/table";
import { fold, selected } from "../state/runs";
import { go } from "../state/view";

/** What clicks and keys do to the lines of the table. */

/** What a key does to the line that has the focus; whether it does anything. */
export function actOn(line: Line, key: string, toggle: (line: Line) => void): boolean {
  const id = line.kind === "run" ? line.run.id : line.key;
  if (key === "ArrowRight" || key === "ArrowLeft") fold(id, key === "ArrowLeft");
  else if (key === " ") toggle(line);
  else if (line.kind === "group") return false;
  else if (key === "Enter") go({ page: "run", run: line.run.id });
  else if (key === "x") flip(line.run.id);
  else return false;
  return true;
}

function flip(id: string): void {
  const next = new Set(selected.value);
  if (!next.delete(id)) next.add(id);
  selected.value = next;
}

/** A click selects one, with Ctrl one more or one less, with Shift all from the last one on. */
export function select(lines: readonly Line[], to: number, from: number, event: MouseEvent | KeyboardEvent): void {
  const line = lines[to];
  if (line?.kind !== "run") return;
  if (event.shiftKey) {
    const [low, high] = from < to ? [from, to] : [to, from];
    const next = new Set(selected.value);
    for (const other of lines.slice(low, high + 1)) if (other.kind === "run") next.add(other.run.id);
    selected.value = next;
  } else if (event.ctrlKey || event.metaKey) flip(line.run.id);
  else {
    const alone = selected.value.size === 1 && selected.value.has(line.run.id);
    selected.value = new Set(alone ? [] : [line.run.id]);
  }
}
