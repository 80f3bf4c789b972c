/**
 * What the page is sent, field by field: the twin of `tb_aml_plugin/tab/wire.py`.
 *
 * Times are seconds since the Unix epoch. JSON has no NaN and no infinity: where a number may be one, it comes as text;
 * in curves, as null.
 */

export type NumberOrText = number | "NaN" | "Infinity" | "-Infinity";
export type Cell = number | string | null;
export type Status = "scheduled" | "running" | "finished" | "failed" | "killed" | "unknown";
export type Sync = "connecting" | "live" | "failing" | "once";
export type Kind = "param" | "metric" | "tag";
export type Better = "lower" | "higher" | "unknown";

export interface Column {
  key: string;
  kind: Kind;
  name: string;
  runs: number;
  varies: boolean;
  numeric: boolean;
  better: Better;
  curve: boolean;
}

export interface RunRow {
  id: string;
  name: string;
  label: string;
  experiment: string;
  parent: string | null;
  status: Status;
  start_s: number | null;
  end_s: number | null;
  user: string;
  shown: boolean;
  cells: Cell[];
}

export interface RunTable {
  version: string;
  columns: Column[];
  cells: string[];
  runs: RunRow[];
}

export interface Found {
  version: string;
  runs: number[];
}

export interface Health {
  version: string;
  location: string;
  sync: Sync;
  problem: string;
  curve_problem: string;
  runs: number;
  shown: number;
  experiments: string[];
  cache_mb: number;
}

export interface Fact {
  label: string;
  value: string;
  href: string | null;
}

export interface Pair {
  key: string;
  value: string;
}

export interface LastPoint {
  metric: string;
  step: number;
  wall_time_s: number;
  value: NumberOrText;
  better: Better;
}

export interface RunDetail {
  id: string;
  name: string;
  label: string;
  ancestors: Pair[];
  status: Status;
  start_s: number | null;
  end_s: number | null;
  facts: Fact[];
  params: Pair[];
  tags: Pair[];
  metrics: LastPoint[];
  note: string;
  python: string;
}

export interface Curve {
  run: string;
  steps: number[];
  wall_times_s: number[];
  values: (number | null)[];
  points: number;
  not_finite: number;
  first_wall_time_s: number;
}

export interface Curves {
  metric: string;
  curves: Curve[];
  missing: string[];
  problem: string;
}

export interface Sparklines {
  metric: string;
  values: Record<string, (number | null)[]>;
}

export interface Shown {
  version: string;
  shown: number;
  runs: number;
}

export interface Problem {
  message: string;
  position: number | null;
}

export interface Refusal {
  error: Problem;
}
