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
import { type Arrangement, getterOf, isSummary, type Line, summary, type Value } from "./table";
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

/** Remembers the last tree, groups and order, so that folding does not sort and sorting does not group again. */
export function createGrid(): Grid {
  const treeOf = remembered(nodes);
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
      data: treeOf(table, columns, matched, how.group, how.under),
      state: { sorting: sorting(how.sort), grouping: grouping(how.group) },
      getIsRowExpanded: (row) => !how.folded.has(keyOf(row as GridRow)),
    }));
    const labels = how.group === "parent" ? new Map(table.runs.map((run) => [run.id, run.label])) : undefined;
    const known = new Set(table.cells.filter((key) => key !== how.group && columns.get(key)?.numeric));
    return expandRows(grid.getSortedRowModel()).rows.map((row) => lineOf(row as GridRow, how, labels, known));
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

function nodes(
  table: RunTable,
  columns: ReadonlyMap<string, Column>,
  matched: Matched,
  group: string,
  under: string | null,
): TreeNode[] {
  const below = under === null ? null : new Set(descendants(table.runs, under));
  const scope = below ? table.runs.filter((run) => below.has(run)) : table.runs;
  if (!group) return forest(scope, matched);
  // Groups stand in the order of their labels unless they are sorted by something that they have a mean of.
  const get = groupOf(table, columns, group);
  return scope
    .filter((run) => matched(run) && !run.stub)
    .map((run) => ({ node: { run, children: [], matched: true, below: 0 }, label: get(run) }))
    .sort(({ label: a }, { label: b }) => (a && b ? collator.compare(a, b) : Number(!a) - Number(!b)))
    .map(({ node }) => node);
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
    const { run, below, matched } = row.original;
    return { kind: "run", run, depth: row.depth, children: below, open, context: !matched };
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
