import { computed } from "@preact/signals";
import type { Column } from "../api/types";
import { isNumbers, isTexts, isTextsOrNull, saved } from "./saved";

/** Which columns the table has, in which order, how wide. */

export interface FixedColumn {
  key: string;
  label: string;
  width: number;
}

export const FIXED: readonly FixedColumn[] = [
  { key: "name", label: "Run", width: 196 },
  { key: "status", label: "Status", width: 92 },
  { key: "experiment", label: "Experiment", width: 104 },
  { key: "started", label: "Started", width: 84 },
  { key: "duration", label: "Duration", width: 80 },
  { key: "user", label: "User", width: 72 },
  { key: "curve", label: "Curve", width: 120 },
];

const WIDTH = { param: 84, metric: 92, tag: 84 };
const NARROWEST = 56;

/** Keys in order; null is the choice that the server and the data suggest. */
export const chosen = saved<string[] | null>("columns", null, isTextsOrNull);
export const pinned = saved<string[]>("pinned", [], isTexts);
export const widths = saved<Record<string, number>>("widths", {}, isNumbers);
/** The metric of the column "Curve"; "" is the first that has curves. */
export const curveMetric = saved<string>("curve", "", (value): value is string => typeof value === "string");

export const cellsWanted = computed(() => chosen.value?.filter((key) => key.includes(".")) ?? null);

export function widthOf(key: string, column: Column | undefined): number {
  const usual = FIXED.find((fixed) => fixed.key === key)?.width ?? (column ? WIDTH[column.kind] : 100);
  return Math.max(NARROWEST, widths.value[key] ?? usual);
}

export function resize(key: string, width: number): void {
  widths.value = { ...widths.value, [key]: Math.max(NARROWEST, Math.round(width)) };
}

/** The keys to draw: the name first, then what is pinned, then the rest in the order chosen. */
export function arranged(suggested: readonly string[], pins: readonly string[], known: ReadonlySet<string>): string[] {
  const fixed = new Set(FIXED.map(({ key }) => key));
  const keys = suggested.filter((key) => key !== "name" && (fixed.has(key) || known.has(key)));
  return ["name", ...keys.filter((key) => pins.includes(key)), ...keys.filter((key) => !pins.includes(key))];
}

/** What is drawn when nobody has chosen: columns that tell something about these runs. */
export function suggested(facts: {
  experiments: number;
  users: boolean;
  cells: readonly string[];
  curves: boolean;
}): string[] {
  return [
    "name",
    "status",
    ...(facts.experiments > 1 ? ["experiment"] : []),
    "started",
    "duration",
    ...(facts.users ? ["user"] : []),
    ...facts.cells.filter((key) => !key.startsWith("tags.")),
    ...(facts.curves ? ["curve"] : []),
    ...facts.cells.filter((key) => key.startsWith("tags.")),
  ];
}

export function reset(): void {
  chosen.value = null;
  pinned.value = [];
  widths.value = {};
  curveMetric.value = "";
}
