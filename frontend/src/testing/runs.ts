import type { Column, RunRow, RunTable } from "../api/types";

/** Builds run tables for tests. */

export function run(id: string, more: Partial<RunRow> = {}): RunRow {
  return {
    id,
    name: `experiment/${id}`,
    label: id,
    experiment: "experiment",
    parent: null,
    stub: false,
    status: "finished",
    start_s: 0,
    end_s: 1,
    user: "",
    shown: true,
    cells: [],
    ...more,
  };
}

export function column(key: string, more: Partial<Column> = {}): Column {
  const kind = key.startsWith("metrics.") ? "metric" : key.startsWith("params.") ? "param" : "tag";
  const name = key.slice(key.indexOf(".") + 1);
  return {
    key,
    kind,
    name,
    runs: 1,
    varies: true,
    numeric: kind === "metric",
    better: "lower",
    curves: 1,
    primary: false,
    ...more,
  };
}

/** A table of `runs` whose cells belong to `columns`, in that order. */
export function tableOf(runs: RunRow[], columns: Column[] = []): RunTable {
  return { version: "1", columns, cells: columns.map(({ key }) => key), runs, limit: 1000, more: false };
}
