import type { Cell } from "../api/types";

/** Rows as RFC 4180 writes them. A text that a spreadsheet would run as a formula is kept a text. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+@\t\r]|^-(?![\d.])/.test(cell) && cell !== "-Infinity" ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
