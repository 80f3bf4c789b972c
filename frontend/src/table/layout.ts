import { useComputed } from "@preact/signals";
import { best } from "../model/table";
import { pinned, widthOf } from "../state/columns";
import { columns, keys, matched, table } from "../state/runs";
import type { Layout } from "./Row";

export const TICK_PX = 36;

/** Which columns are drawn where, and which of their values is the best. */
export function useLayout(): Layout {
  return useComputed<Layout>(() => {
    const shown = keys.value;
    const indices = new Map(table.value.cells.map((key, index) => [key, index]));
    const left = new Map<string, number>();
    let x = TICK_PX + widthOf("name", undefined);
    for (const key of shown.slice(1)) {
      if (!pinned.value.includes(key)) break;
      left.set(key, x);
      x += widthOf(key, columns.value.get(key));
    }
    const marks = new Map<string, unknown>();
    const ended = matched.value.filter(({ status }) => status !== "running"); // what still changes is not the best
    for (const key of shown) {
      const column = columns.value.get(key);
      if (column?.kind === "metric") marks.set(key, best(ended, indices.get(key) ?? -1, column.better));
    }
    return { keys: shown, columns: columns.value, indices, best: marks, left };
  }).value;
}

/** The columns as CSS has them; the last takes what is left. */
export function template(layout: Layout): string {
  const each = layout.keys.map((key) => `${widthOf(key, layout.columns.get(key))}px`);
  return `${TICK_PX}px ${each.join(" ")} minmax(0, 1fr)`;
}
