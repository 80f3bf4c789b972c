import type { Better, Cell, Column, RunRow, RunTable } from "../api/types";
import { numeric } from "./format";

/** From runs to the lines of the table: filtered, sorted, as a tree or in groups. Pure. */

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
  summaries: Map<string, Summary>; // by column key, numeric ones
}

export type Line = RunLine | GroupLine;

export interface Arrangement {
  sort: readonly SortBy[];
  folded: ReadonlySet<string>; // run ids and group keys
  group: string; // column key, "parent", or "" for the tree
  under: string | null; // only the runs below this one
}

type Value = number | string | null;

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

/** Compares by each of `sort` in turn; runs that lack the value come last whichever the direction. */
export function comparison(
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  sort: readonly SortBy[],
): (one: RunRow, other: RunRow) => number {
  const by = sort.map(({ column, descending }) => ({ get: getterOf(table, columns, column), descending }));
  return (one, other) => {
    for (const { get, descending } of by) {
      const a = get(one);
      const b = get(other);
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1;
        continue;
      }
      const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
      if (order) return descending ? -order : order;
    }
    return 0;
  };
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The lines to draw. `matched` holds the runs to show; those above them come along as context. */
export function lines(
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  matched: (run: RunRow) => boolean,
  arrangement: Arrangement,
): Line[] {
  const compare = comparison(table, columns, arrangement.sort);
  const scope = arrangement.under === null ? table.runs : descendants(table.runs, arrangement.under);
  return arrangement.group
    ? grouped(table, columns, scope.filter(matched), arrangement, compare)
    : tree(scope, matched, arrangement, compare);
}

export function childrenOf(runs: readonly RunRow[]): Map<string, RunRow[]> {
  const children = new Map<string, RunRow[]>();
  for (const run of runs) {
    if (run.parent === null) continue;
    const siblings = children.get(run.parent);
    if (siblings) siblings.push(run);
    else children.set(run.parent, [run]);
  }
  return children;
}

/** All runs below the run `id`, at any depth. */
export function descendants(runs: readonly RunRow[], id: string): RunRow[] {
  const children = childrenOf(runs);
  const found: RunRow[] = [];
  const seen = new Set([id]);
  const left = [...(children.get(id) ?? [])];
  for (let run = left.pop(); run; run = left.pop()) {
    if (seen.has(run.id)) continue;
    seen.add(run.id);
    found.push(run);
    left.push(...(children.get(run.id) ?? []));
  }
  return found;
}

type Compare = (one: RunRow, other: RunRow) => number;

function tree(
  scope: readonly RunRow[],
  matched: (run: RunRow) => boolean,
  { folded }: Arrangement,
  compare: Compare,
): Line[] {
  const children = childrenOf(scope);
  const within = new Set(scope.map((run) => run.id));
  const roots = scope.filter((run) => run.parent === null || !within.has(run.parent));
  const found: Line[] = [];
  const seen = new Set<string>(); // a store may say that two runs are each other's parents
  const visit = (runs: readonly RunRow[], depth: number, hidden: boolean): number => {
    let count = 0;
    for (const run of [...runs].sort(compare)) {
      if (seen.has(run.id)) continue;
      seen.add(run.id);
      const own = matched(run);
      const open = !folded.has(run.id);
      const line: RunLine = { kind: "run", run, depth, children: 0, open, context: !own };
      const at = found.length;
      if (!hidden) found.push(line);
      line.children = visit(children.get(run.id) ?? [], depth + 1, hidden || !open);
      if (!own && !line.children && !hidden) found.splice(at, 1);
      count += line.children + (own ? 1 : 0);
    }
    return count;
  };
  visit(roots, 0, false);
  visit(
    scope.filter((run) => !seen.has(run.id)),
    0,
    false,
  );
  return found;
}

function grouped(
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  scope: readonly RunRow[],
  { group, folded }: Arrangement,
  compare: Compare,
): Line[] {
  const groups = new Map<string, RunRow[]>();
  const labels = new Map(table.runs.map((run) => [run.id, run.label]));
  const get = group === "parent" ? (run: RunRow): Value => run.parent : getterOf(table, columns, group);
  for (const run of [...scope].sort(compare)) {
    const value = get(run);
    const key = value === null ? "" : String(value);
    const members = groups.get(key);
    if (members) members.push(run);
    else groups.set(key, [run]);
  }
  const numericKeys = table.cells.filter((key) => columns.get(key)?.numeric);
  const found: Line[] = [];
  for (const [key, runs] of [...groups].sort(([a], [b]) => (a && b ? collator.compare(a, b) : a ? -1 : 1))) {
    const open = !folded.has(`group:${key}`);
    const label = key === "" ? "none" : group === "parent" ? (labels.get(key) ?? key) : key;
    const summaries = new Map(
      numericKeys.map((column) => [column, summary(runs.map(getterOf(table, columns, column)))]),
    );
    found.push({ kind: "group", key: `group:${key}`, label, runs, open, summaries });
    if (open) {
      for (const run of runs) found.push({ kind: "run", run, depth: 1, children: 0, open: true, context: false });
    }
  }
  return found;
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

/** The best value of a column among `runs`; null when nobody knows which way is better, or only one run has it. */
export function best(runs: readonly RunRow[], index: number, better: Better): Cell {
  if (better === "unknown") return null;
  const values = runs.map((run) => numeric(run.cells[index])).filter(Number.isFinite);
  if (values.length < 2) return null;
  return values.reduce((a, b) => (better === "lower" ? Math.min(a, b) : Math.max(a, b)));
}

export type Tick = "all" | "none" | "some";

export function tick(runs: readonly RunRow[]): Tick {
  const shown = runs.reduce((count, run) => count + (run.shown ? 1 : 0), 0);
  return shown === 0 ? "none" : shown === runs.length ? "all" : "some";
}

/** For each run with children, by id: the tick of it and all below it. */
export function familyTicks(runs: readonly RunRow[]): Map<string, Tick> {
  const parents = new Map(runs.map((run) => [run.id, run.parent]));
  const counts = new Map<string, { shown: number; all: number; own: boolean }>();
  const shown = new Map(runs.map((run) => [run.id, run.shown]));
  for (const run of runs) {
    const seen = new Set([run.id]);
    for (let above = run.parent; above !== null && !seen.has(above); above = parents.get(above) ?? null) {
      seen.add(above);
      const count = counts.get(above) ?? { shown: 0, all: 0, own: shown.get(above) ?? false };
      count.all += 1;
      count.shown += run.shown ? 1 : 0;
      counts.set(above, count);
    }
  }
  return new Map(
    [...counts].map(([id, { shown: below, all, own }]): [string, Tick] => {
      const total = below + (own ? 1 : 0);
      return [id, total === 0 ? "none" : total === all + 1 ? "all" : "some"];
    }),
  );
}
