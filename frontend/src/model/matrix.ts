import type { Matrix } from "../api/types";

/** How the cells of a confusion matrix are told. */
export type Scale = "counts" | "rows" | "columns";

/** Each cell as a share, 0 … 1: of the largest, of its row, or of its column; 0 where there is nothing to share. Pure. */
export function shares({ counts }: Matrix, scale: Scale): number[][] {
  const columns = counts[0]?.map((_, j) => counts.reduce((sum, row) => sum + (row[j] ?? 0), 0)) ?? [];
  const largest = counts.flat().reduce((a, b) => Math.max(a, b), 0);
  return counts.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j) => {
      const whole = scale === "rows" ? total : scale === "columns" ? (columns[j] ?? 0) : largest;
      return whole > 0 ? count / whole : 0;
    });
  });
}

/** Of all that were classified, the share that was classified right. */
export function accuracy({ counts }: Matrix): number {
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  return all > 0 ? right / all : Number.NaN;
}
