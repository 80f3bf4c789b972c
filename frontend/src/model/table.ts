import type { Better, Cell, Column, RunRow, RunTable } from "../api/types";
import { numeric } from "./format";

/** The values of the run table, and the lines that it is drawn as. Pure. */

export interface SortBy {
  column: string;
  descending: boolean;
}

export interface Summary {
  mean: number;
  min: number;
  max: number;
}

export interface RunLine {
  kind: "run";
  run: RunRow;
  depth: number;
  children: number; // how many runs are folded below, all levels
  open: boolean;
  context: boolean; // here for its children only: the search did not find it
}

export interface GroupLine {
  kind: "group";
  key: string;
  label: string;
  runs: RunRow[];
  open: boolean;
  summary: (column: string) => Summary | null; // null for a column that has no numbers
}

export type Line = RunLine | GroupLine;

export interface Arrangement {
  sort: readonly SortBy[];
  folded: ReadonlySet<string>; // run ids and group keys
  group: string; // column key, "parent", or "" for the tree
  under: string | null; // only the runs below this one
}

export type Value = number | string | null;

/** The value that a run has in a column, to sort and group by; null where it has none. */
export function getterOf(table: RunTable, columns: ReadonlyMap<string, Column>, key: string): (run: RunRow) => Value {
  const fixed = FIXED[key];
  if (fixed) return fixed;
  const index = table.cells.indexOf(key);
  if (columns.get(key)?.numeric) {
    return (run) => {
      const found = numeric(run.cells[index]);
      return Number.isNaN(found) ? null : found;
    };
  }
  return (run) => run.cells[index] ?? null;
}

const FIXED: Record<string, (run: RunRow) => Value> = {
  name: (run) => run.label,
  status: (run) => run.status,
  experiment: (run) => run.experiment,
  started: (run) => run.start_s,
  duration: (run) =>
    run.start_s === null
      ? null
      : (run.end_s ?? (run.status === "running" ? Date.now() / 1000 : run.start_s)) - run.start_s,
  user: (run) => run.user || null,
};

/** The best value of a column among `runs`; null when nobody knows which way is better, or only one run has it. */
export function best(runs: readonly RunRow[], index: number, better: Better): Cell {
  if (better === "unknown") return null;
  const values = runs.map((run) => numeric(run.cells[index])).filter(Number.isFinite);
  if (values.length < 2) return null;
  return values.reduce((a, b) => (better === "lower" ? Math.min(a, b) : Math.max(a, b)));
}

/** Over the finite ones of `values`; all NaN when there are none. */
export function summary(values: readonly Value[]): Summary {
  const finite = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  const n = finite.length;
  if (!n) return { mean: Number.NaN, min: Number.NaN, max: Number.NaN };
  return {
    mean: finite.reduce((sum, value) => sum + value / n, 0),
    min: finite.reduce((a, b) => Math.min(a, b)),
    max: finite.reduce((a, b) => Math.max(a, b)),
  };
}

export function isSummary(value: unknown): value is Summary {
  return typeof value === "object" && value !== null && "mean" in value;
}
