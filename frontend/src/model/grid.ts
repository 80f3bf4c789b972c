import {
  type ColumnDef,
  columnGroupingFeature,
  constructTable,
  createGroupedRowModel,
  createSortedRowModel,
  expandRows,
  type Row,
  rowAggregationFeature,
  rowExpandingFeature,
  rowSortingFeature,
  tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";
import type { Column, RunRow, RunTable } from "../api/types";
import { type Arrangement, getterOf, isSummary, type Line, type RunLine, summary, type Value } from "./table";
import { descendants, forest, type TreeNode } from "./tree";

/** From runs to the lines of the table: sorted, as a tree or in groups. TanStack's table does the work, and remembers it. */

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  rowSortingFeature,
  columnGroupingFeature,
  rowAggregationFeature,
  rowExpandingFeature,
  groupedRowModel: createGroupedRowModel(),
  sortedRowModel: createSortedRowModel(),
});
type Features = typeof features;
type GridRow = Row<Features, TreeNode>;
type GridColumn = ColumnDef<Features, TreeNode>;

const collator = new Intl.Collator(undefined, { numeric: true });
const NONE = "";

type Matched = (run: RunRow) => boolean;
export type Grid = (
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  matched: Matched,
  how: Arrangement,
) => Line[];

/**
 * Remembers the last tree, groups and order: folding does not sort, sorting does not group, and a search of the tree, whose
 * order it does not change, only walks through it.
 */
export function createGrid(): Grid {
  const treeOf = remembered(tree);
  const flatOf = remembered(flat);
  const columnsOf = remembered(definitions);
  const grouping = remembered((group: string) => (group ? [group] : []));
  const sorting = remembered((sort: Arrangement["sort"]) =>
    sort.map(({ column: id, descending: desc }) => ({ id, desc })),
  );
  const grid = constructTable<Features, TreeNode>({
    features,
    columns: [],
    data: [],
    getRowId: ({ run }) => run.id,
    getSubRows: ({ children }) => children,
    autoResetAll: false,
    renderFallbackValue: null,
  });
  return (table, columns, matched, how) => {
    grid.setOptions((before) => ({
      ...before,
      columns: columnsOf(table, columns, how.group),
      data: how.group ? flatOf(table, columns, matched, how.group, how.under) : treeOf(table, how.under),
      state: { sorting: sorting(how.sort), grouping: grouping(how.group) },
      getIsRowExpanded: (row) => !how.folded.has(keyOf(row as GridRow)),
    }));
    const sorted = grid.getSortedRowModel();
    if (!how.group) return treeLines(sorted.rows as GridRow[], matched, how.folded);
    const labels = how.group === "parent" ? new Map(table.runs.map((run) => [run.id, run.label])) : undefined;
    const known = new Set(table.cells.filter((key) => key !== how.group && columns.get(key)?.numeric));
    return expandRows(sorted).rows.map((row) => lineOf(row as GridRow, how, labels, known));
  };
}

/** `make`, but what it made last where it is asked for the same again. */
function remembered<A extends readonly unknown[], R>(make: (...given: A) => R): (...given: A) => R {
  let last: { given: A; made: R } | null = null;
  return (...given) => {
    if (last?.given.every((value, i) => value === given[i])) return last.made;
    last = { given, made: make(...given) };
    return last.made;
  };
}

function scopeOf(table: RunTable, under: string | null): readonly RunRow[] {
  if (under === null) return table.runs;
  const below = new Set(descendants(table.runs, under));
  return table.runs.filter((run) => below.has(run));
}

function tree(table: RunTable, under: string | null): TreeNode[] {
  return forest(scopeOf(table, under));
}

/** The runs to group. Groups stand in the order of their labels unless they are sorted by something they have a mean of. */
function flat(
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  matched: Matched,
  group: string,
  under: string | null,
): TreeNode[] {
  const get = groupOf(table, columns, group);
  return scopeOf(table, under)
    .filter((run) => matched(run) && !run.stub)
    .map((run) => ({ node: { run, children: [] }, label: get(run) }))
    .sort(({ label: a }, { label: b }) => (a && b ? collator.compare(a, b) : Number(!a) - Number(!b)))
    .map(({ node }) => node);
}

/** The rows that match, with those above them as context, as far as they are unfolded. */
function treeLines(rows: readonly GridRow[], matched: Matched, folded: ReadonlySet<string>): Line[] {
  const found: Line[] = [];
  const walk = (level: readonly GridRow[], depth: number, hidden: boolean): number => {
    let count = 0;
    for (const row of level) {
      const { run } = row.original;
      const own = matched(run);
      if (!own && !row.subRows.length) continue;
      const open = !folded.has(run.id);
      const at = found.length;
      if (!hidden) found.length += 1; // its place; whether it stays is known once those below are
      const children = walk(row.subRows as GridRow[], depth + 1, hidden || !open);
      count += children + (own ? 1 : 0);
      if (hidden) continue;
      if (own || children) found[at] = runLine(run, depth, children, open, !own);
      else found.length = at;
    }
    return count;
  };
  walk(rows, 0, false);
  return found;
}

const drawn = new WeakMap<RunRow, RunLine>();

/** The same object as long as nothing in it changes: rows that stay as they are need not be drawn again. */
function runLine(run: RunRow, depth: number, children: number, open: boolean, context: boolean): RunLine {
  const before = drawn.get(run);
  if (before?.depth === depth && before.children === children && before.open === open && before.context === context)
    return before;
  const line: RunLine = { kind: "run", run, depth, children, open, context };
  drawn.set(run, line);
  return line;
}

function groupOf(table: RunTable, columns: ReadonlyMap<string, Column>, group: string): (run: RunRow) => string {
  const get = group === "parent" ? (run: RunRow): Value => run.parent : getterOf(table, columns, group);
  return (run) => String(get(run) ?? NONE);
}

function definitions(table: RunTable, columns: ReadonlyMap<string, Column>, group: string): GridColumn[] {
  const fixed = ["name", "status", "experiment", "started", "duration", "user", "parent"];
  return [...fixed, ...table.cells].map((key): GridColumn => {
    const get = key === "parent" ? (run: RunRow): Value => run.parent : getterOf(table, columns, key);
    const grouped = groupOf(table, columns, group);
    return {
      id: key,
      accessorFn: ({ run }) => get(run) ?? undefined,
      ...(key === group ? { getGroupingValue: ({ run }: TreeNode) => grouped(run) } : {}),
      sortFn: compared,
      sortUndefined: "last",
      ...(columns.get(key)?.numeric ? { aggregationFn: MEAN_AND_RANGE } : {}),
    };
  });
}

const MEAN_AND_RANGE = {
  aggregate: ({ rows, getValue }: { rows: readonly GridRow[]; getValue: (row: GridRow) => unknown }) => {
    const found = summary(rows.map((row) => (getValue(row) as Value | undefined) ?? null));
    return Number.isNaN(found.mean) ? undefined : found; // undefined stands last
  },
};

function compared(one: GridRow, other: GridRow, column: string): number {
  const [a, b] = [one, other]
    .map((row) => row.getValue(column))
    .map((value) => (isSummary(value) ? value.mean : value));
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}

function keyOf(row: GridRow): string {
  return row.getIsGrouped() ? `group:${row.groupingValue}` : row.original.run.id;
}

function lineOf(
  row: GridRow,
  how: Arrangement,
  labels: ReadonlyMap<string, string> | undefined,
  numbers: ReadonlySet<string>,
): Line {
  const key = keyOf(row);
  const open = !how.folded.has(key);
  if (!row.getIsGrouped()) {
    return { kind: "run", run: row.original.run, depth: row.depth, children: 0, open, context: false };
  }
  const value = String(row.groupingValue);
  return {
    kind: "group",
    key,
    label: value === NONE ? "none" : (labels?.get(value) ?? value),
    runs: row.subRows.map(({ original }) => original.run),
    open,
    summary: (column) => {
      const found: unknown = numbers.has(column) ? row.getValue(column) : null;
      return isSummary(found) ? found : null;
    },
  };
}
