/**
 * What the page is sent, field by field. Written from `tb_aml_plugin/tab/wire*.py` by
 * `python -m tests.support.typescript`: change it there.
 */

export type NumberOrText = number | "NaN" | "Infinity" | "-Infinity";

export type Cell = number | string | null;

export type Status = "scheduled" | "running" | "finished" | "failed" | "killed" | "unknown";

export type Sync = "connecting" | "live" | "failing" | "once";

export type Kind = "param" | "metric" | "tag";

export type Better = "lower" | "higher" | "unknown";

export type Verdict = "better" | "worse" | "neither";

export type Subject = "runs" | "curves" | "artifacts" | "mirror" | "sign-in";

/** A param, a metric or a tag that some run has. */
export interface Column {
  key: string; // "params.lr"
  kind: Kind;
  name: string; // "lr"
  runs: number; // how many have it
  varies: boolean; // whether two runs differ in it
  numeric: boolean;
  better: Better; // which way a metric is better, as a sweep says or its name suggests
  curves: number; // how many runs logged the metric at more than one step, as far as is known
  primary: boolean; // a metric that a sweep is after
}

/** A run as the table shows it. */
export interface RunRow {
  id: string;
  name: string; // its name in TensorBoard
  label: string;
  experiment: string;
  parent: string | null; // run id; of a run that is in the table
  stub: boolean; // not on the Board itself: stands for its children, has no cells and cannot be shown
  status: Status;
  start_s: number | null;
  end_s: number | null;
  user: string;
  shown: boolean; // whether TensorBoard's dashboards see it
  cells: Cell[]; // as `RunTable.cells` names them
}

/** All runs on the Board, in the order in which they started; behind them the stubs. */
export interface RunTable {
  version: string;
  columns: Column[];
  cells: string[]; // keys of the columns that are in `RunRow.cells`
  runs: RunRow[];
  limit: number; // at most so many runs are on the Board
  more: boolean; // whether the place may hold further runs that only the limit keeps away
}

/** Which runs a search finds. */
export interface Found {
  version: string; // that of the table that `runs` counts in
  runs: number[]; // indices into `RunTable.runs`, increasing
}

/** What a search finds at the place itself, among the runs that are not on the Board. */
export interface PlaceFound {
  filter: string; // the part of the search that the place was asked for, as an MLflow filter; "" when none can be
  runs: RunRow[]; // started last first; no cells, not shown
  more: boolean; // whether the place may hold further ones
}

/** Something that does not work now. */
export interface Trouble {
  about: Subject;
  message: string; // what happened and what to do
  since_s: number;
}

/** Something that is kept so that the place need not be asked again. */
export interface CacheUse {
  what: string; // such as "curves"
  mb: number;
  limit_mb: number;
}

/** Whether what is shown can be trusted. The header X-Polled tells the time of the last good poll. */
export interface Health {
  version: string; // of the run table
  location: string;
  identity: string; // whom the place takes us for; "" where it does not tell
  sync: Sync;
  paused: boolean; // whether polling rests because someone said so
  troubles: Trouble[];
  throttled_until_s: number | null; // when the place may be asked again; None when it does not hold us back
  points_per_s: number; // of curves that arrived lately
  runs: number;
  shown: number;
  limit: number; // as in RunTable
  more: boolean; // as in RunTable
  experiments: string[]; // names of those on the Board
  not_shown: number; // things that no dashboard can show, see NotShownList
  caches: CacheUse[];
  tasks: Task[];
  sign_in: SignIn | null; // None when nobody has to sign in
  writes: boolean; // whether runs can be changed from here, see WriteAccess
}

/** Something that a run holds and no dashboard shows. */
export interface NotShownRow {
  run: string; // id
  label: string;
  what: string; // an artifact's path, a metric's or a tag's name
  reason: string; // with the cure where there is one
}

/** Everything that no dashboard shows, as far as it has been looked at. */
export interface NotShownList {
  total: number;
  rows: NotShownRow[]; // the first 1000
}

/** One line about a run. */
export interface Fact {
  label: string;
  value: string;
  href: string | null; // http or https
}

/** A param or a tag. */
export interface Pair {
  key: string;
  value: string;
}

/** The newest point of a metric. */
export interface LastPoint {
  metric: string;
  step: number;
  wall_time_s: number;
  value: NumberOrText;
  better: Better;
}

/** A page elsewhere about the run. */
export interface Link {
  label: string; // such as "Azure ML studio"
  href: string; // http or https
}

/** A run where others are spoken of. */
export interface RunBrief {
  id: string;
  label: string;
  status: Status;
}

/** Everything the Board knows of one run. */
export interface RunDetail {
  id: string;
  name: string;
  label: string;
  experiment: string;
  ancestors: Pair[]; // run id, label; the root first
  children: RunBrief[]; // the first 1000, in the order in which they started
  child_count: number;
  status: Status;
  start_s: number | null;
  end_s: number | null;
  shown: boolean;
  facts: Fact[];
  links: Link[];
  uri: string; // "runs:/…", which MLflow's functions take
  artifact_uri: string; // where the artifacts are, without secrets; "" where the place does not tell
  params: Pair[];
  tags: Pair[]; // those that people set
  metrics: LastPoint[];
  note: string; // Markdown as typed
  python: string; // a snippet that reads the run
}

/** A param or a tag of several runs, in the order of `Comparison.runs`. */
export interface ComparedText {
  key: string;
  differs: boolean;
  values: (string | null)[];
}

/** The last values of a metric of several runs, in the order of `Comparison.runs`. */
export interface ComparedMetric {
  key: string;
  differs: boolean;
  better: Better;
  values: (NumberOrText | null)[];
  deltas: (number | null)[]; // to the baseline; null where one of the two is missing or not finite
  verdicts: Verdict[];
}

/** Up to ten runs side by side. */
export interface Comparison {
  runs: RunBrief[];
  baseline: string; // run id
  params: ComparedText[];
  metrics: ComparedMetric[];
  tags: ComparedText[]; // those that people set
  missing: string[]; // ids asked for that are not on the Board
}

/** One metric of one run: three columns of equal length. */
export interface Curve {
  run: string; // id
  steps: number[];
  wall_times_s: number[];
  values: (number | null)[];
  points: number; // in the range asked for, before any were left out
  not_finite: number; // how many of those are NaN or infinite
  first_wall_time_s: number; // of the whole curve
}

/** One metric of several runs. */
export interface Curves {
  metric: string;
  curves: Curve[];
  missing: string[]; // ids of runs that have the metric and whose curve has not arrived
  problem: string; // why, when reading fails; "" otherwise
}

/** One metric of several runs, each in a few points. */
export interface Sparklines {
  metric: string;
  values: Record<string, (number | null)[]>; // by run id
}

/** What downloads can be. */
export interface Exports {
  formats: string[]; // "csv", "json" and, where pyarrow is installed, "parquet"
}

/** Why a request was refused. */
export interface Problem {
  message: string; // with the cure
  position: number | null; // index of the offending character, where the request held a text to parse
}

/** The one shape of every answer that is an error. */
export interface Refusal {
  error: Problem;
}

export type SignInState = "needed" | "waiting";

export type WriteAction = "tag" | "rename" | "note" | "stop" | "archive" | "restore";

/**
 * What TensorBoard's dashboards see after a change. POST /api/shown takes one of
 *
 * {"show": [run id…]}, {"hide": [run id…]}, {"only": [run id…]}, {"all": true},
 * {"top": {"count": 10, "metric": "val/loss", "better": "lower"}}: those best in it now, and no others.
 */
export interface Shown {
  version: string;
  shown: number;
  runs: number;
}

/** An experiment of the place. */
export interface ExperimentRow {
  id: string;
  name: string;
  chosen: boolean; // whether its runs are on the Board
  runs: number; // how many of them are
}

/**
 * Which runs of the place are on the Board. POST /api/chosen takes one of
 *
 * {"add_experiments": [id…]}, {"remove_experiments": [id…]}, {"only_experiments": [id…]},
 * {"add_runs": [run id…]}, {"remove_runs": [run id…]}, {"limit": 1000}, {"reset": true}: as at the start,
 * and answers once a poll has followed it, or after ten seconds.
 */
export interface Chosen {
  version: string; // of the run table
  experiments: ExperimentRow[]; // all of the place, by name
  added_runs: string[]; // ids; on the Board besides those of the experiments
  removed_runs: string[]; // ids; kept off the Board
  filter: string; // MLflow filter that all of them pass
  order_by: string[]; // which come first where there are more than `limit`
  limit: number;
  changed: boolean; // whether this is other than at the start
  pending: boolean; // whether the Board does not show it yet
}

/** Something that takes its time. POST /api/tasks/cancel takes {"id": …}. */
export interface Task {
  id: string;
  what: string; // "Reading curves of train/loss"
  done: number;
  total: number | null; // None while nobody knows
  since_s: number;
}

/** What takes its time now, the oldest first. */
export interface Tasks {
  tasks: Task[];
}

/** How to sign in to the place. */
export interface SignIn {
  state: SignInState;
  message: string; // what happened and what to do
  code: string; // to be typed at `address`; "" where there is none
  address: string; // https; "" where there is none
  expires_s: number | null; // when the code does
}

/** Whether runs can be changed from the tab. `token` goes into the header X-Aml-Token of POST /api/write. */
export interface WriteAccess {
  allowed: boolean;
  reason: string; // why not, with the cure; "" when allowed
  token: string; // of this process; "" unless allowed
  actions: WriteAction[]; // what the place can do
}

/**
 * A run was changed, and the Board shows it. POST /api/write takes one of
 *
 * {"tag": {"run": id, "key": …, "value": … or null to delete}}, {"rename": {"run": id, "name": …}},
 * {"note": {"run": id, "text": …}}, {"stop": {"run": id}}, {"archive": {"run": id}}, {"restore": {"run": id}}.
 */
export interface Written {
  action: WriteAction;
  run: string;
  version: string; // of the run table
}

export type Preview = "text" | "markdown" | "json" | "table" | "image" | "audio" | "video" | "html" | "trace" | "none";

export type MediaKind =
  | "image"
  | "audio"
  | "video"
  | "table"
  | "matrix"
  | "accuracy"
  | "predictions"
  | "residuals"
  | "text"
  | "html"
  | "trace";

export type Sought = "error" | "text";

/** A file or a folder. */
export interface Artifact {
  path: string;
  name: string; // the last part of `path`
  is_folder: boolean;
  size_bytes: number | null; // None where the place does not tell
  preview: Preview; // how it can be looked at, guessed from its name
}

/** What is in a folder, one level deep: folders first, then by name. */
export interface ArtifactList {
  run: string;
  folder: string; // "" the root
  artifacts: Artifact[]; // the first 1000
  total: number;
}

/** The beginning of a text file. */
export interface TextPart {
  path: string;
  text: string; // at most 256 KB of it; bytes that are no UTF-8 are replaced
  size_bytes: number | null;
  truncated: boolean;
  binary: boolean; // whether it is no text after all; `text` is empty then
}

/** A column of a table. */
export interface TableColumn {
  name: string;
  numeric: boolean;
}

/** Some rows of a table: sorted and filtered first, then cut out. */
export interface TablePage {
  path: string;
  columns: TableColumn[]; // the first 200
  rows: Cell[][]; // NaN and infinity as text
  first: number; // index of the first of `rows` among those found
  found: number; // how many rows pass the filter
  total: number; // how many rows were read
  truncated: boolean; // whether the file holds more rows than were read
}

/** A confusion matrix: `counts[i][j]` is how often class i was taken for class j. */
export interface Matrix {
  path: string;
  labels: string[];
  counts: number[][];
}

/** One class against the rest at each threshold: five columns of equal length, thresholds increasing. */
export interface RateCurves {
  label: string;
  thresholds: number[];
  precision: (number | null)[]; // null where nothing was predicted
  recall: (number | null)[]; // null where there is nothing to find
  false_positive_rate: (number | null)[];
  average_precision: number | null;
  area: number | null; // under the ROC curve
}

/** An accuracy table as curves: precision over recall, recall over false positive rate. */
export interface Accuracy {
  path: string;
  classes: RateCurves[];
}

/** Residuals or predictions in bins; `edges` is one longer than the others. */
export interface Bins {
  path: string;
  edges: number[];
  counts: number[];
  averages: (number | null)[]; // of predictions in each bin; empty for residuals
  errors: (number | null)[]; // their standard errors; empty for residuals
}

/** A file of a series. */
export interface Frame {
  path: string;
  step: number | null;
  size_bytes: number | null;
}

/** What was logged under one key, at each of its steps. */
export interface MediaSeries {
  key: string;
  kind: MediaKind;
  frames: Frame[]; // steps increasing
}

/** A file that cannot be shown. */
export interface FileProblem {
  path: string;
  reason: string;
}

/** What the panels of a run's page have to show; a panel with nothing is left out. */
export interface Media {
  run: string;
  series: MediaSeries[]; // by kind, then by key
  logs: number; // log files
  files: number; // all files that were seen
  complete: boolean; // whether every folder was looked into
  problems: FileProblem[];
}

/** A log of a run. */
export interface LogFile {
  path: string;
  name: string;
  node: string; // the machine or the rank that wrote it; "" where there is one only
  size_bytes: number | null;
}

/** The logs of a run, the one to read first at the front. */
export interface Logs {
  run: string;
  files: LogFile[];
}

/** Some bytes of a log, as text. Ask again from `end` for what came since. */
export interface LogPart {
  path: string;
  start: number; // offset of the first byte in `text`; begins a line where the request let us choose
  end: number; // offset behind the last one
  size_bytes: number | null; // as far as known; what is behind `end` is for the next request
  text: string; // bytes that are no UTF-8 are replaced; ANSI colours are left in
  final: boolean; // whether the run has ended and this reaches the end of the file
}

/** Where something stands in a log. */
export interface LogPlace {
  path: string;
  offset: number | null; // of the line; None when it was not found
  line: string; // its first 500 characters
  searched_to: number; // offset up to which was looked; go on from there unless `complete`
  complete: boolean;
}
