import { batch, computed, effect, signal } from "@preact/signals";
import { getTensorBoardRuns, RequestError, slow } from "../api/client";
import { getHealth, getRuns, search } from "../api/reads";
import type { Column, Health, RunRow, RunTable } from "../api/types";
import { dark, visible } from "../host";
import { ColourOrder } from "../model/colours";
import { createGrid } from "../model/grid";
import { byImportance, curveToDraw } from "../model/metrics";
import type { Line } from "../model/table";
import { arranged, cellsWanted, chosen, curveMetric, pinned, suggested } from "./columns";
import { experiment, group, query, sort, statuses } from "./view";

/** The runs, kept up to date while the page is visible; what the search finds of them; what is ticked and selected. */

const POLL_MS = 5000;
const SLOW_POLL_MS = 1000;

const NO_RUNS: RunTable = { version: "", columns: [], cells: [], runs: [], limit: 0, more: false };

export const table = signal<RunTable>(NO_RUNS);
export const health = signal<Health | null>(null);
export const polledS = signal(0);
/** Why TensorBoard itself could not be asked; null while it can. What was there before stays. */
export const trouble = signal<{ error: RequestError; sinceS: number } | null>(null);
/** Since when what is shown may be out of date; null while it is not. */
export const stale = computed(() => {
  const now = health.value;
  const isStale = trouble.value || now?.sync === "failing" || now?.sign_in;
  return isStale && table.value.runs.length ? polledS.value : null;
});
/** Whether something takes its time, of which more is known in a second. */
const isBusy = computed(() => {
  const now = health.value;
  return now !== null && !now.paused && (now.sync === "connecting" || now.tasks.length > 0);
});
export const loadedOnce = computed(() => table.value !== NO_RUNS);

export const columns = computed(() => new Map<string, Column>(table.value.columns.map((c) => [c.key, c])));
export const byId = computed(() => new Map<string, RunRow>(table.value.runs.map((run) => [run.id, run])));
export const experiments = computed(() => [...new Set(table.value.runs.map((run) => run.experiment))].sort());

const order = new ColourOrder();
const met = signal(0);
/** The colour of a run in Time Series; null when TensorBoard does not show it. */
export const colourOf = computed(() => {
  met.value; // read: the order is no signal itself
  const isDark = dark.value;
  return (run: RunRow): string | null => (run.shown ? order.of(run.name, isDark) : null);
});

export const keys = computed(() => {
  const { runs, cells } = table.value;
  const usual = suggested({
    experiments: experiment.value ? 1 : experiments.value.length,
    users: runs.some((run) => run.user),
    cells,
    curves: curveChoice.value !== "",
  });
  return arranged(chosen.value ?? usual, pinned.value, new Set(columns.value.keys()));
});

/** The metrics, those that tell most first. */
export const metricColumns = computed(() => byImportance(table.value));

/** The metric whose curves the table draws: the one chosen, or else one that has curves. */
export const curveChoice = computed(() => {
  const wanted = columns.value.get(`metrics.${curveMetric.value}`);
  return wanted ? wanted.name : (curveToDraw(metricColumns.value, table.value.cells)?.name ?? "");
});

interface SearchState {
  text: string;
  version: string;
  found: ReadonlySet<string> | null; // null: everything
  error: RequestError | null;
}

const searched = signal<SearchState>({ text: "", version: "", found: null, error: null });
export const searchError = computed(() => searched.value.error);

/** The runs that pass search and experiment, their status left aside: what the status chips count. */
const passing = computed(() => {
  const { found } = searched.value;
  const wanted = experiment.value;
  const { runs } = table.value;
  if (!found && !wanted) return runs;
  return runs.filter((run) => (!found || found.has(run.id)) && (!wanted || run.experiment === wanted));
});

export const statusCounts = computed(() => {
  const counts = new Map<string, number>();
  for (const { status } of passing.value) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
});

export const matched = computed(() => {
  const wanted = statuses.value;
  return wanted.size ? passing.value.filter(({ status }) => wanted.has(status)) : passing.value;
});

export const isMatched = computed(() => {
  if (matched.value === table.value.runs) return () => true;
  const found = new Set(matched.value);
  return (run: RunRow): boolean => found.has(run);
});

export const folded = signal<ReadonlySet<string>>(new Set());
export const selected = signal<ReadonlySet<string>>(new Set());

const grid = createGrid();

export const tableLines = computed<Line[]>(() =>
  grid(table.value, columns.value, isMatched.value, {
    sort: sort.value,
    folded: folded.value,
    group: group.value,
    under: null,
  }),
);

export function fold(key: string, closed: boolean): void {
  const next = new Set(folded.value);
  if (closed) next.add(key);
  else next.delete(key);
  folded.value = next;
}

/** The runs that have been selected and are still there. */
export const selectedRuns = computed(() => table.value.runs.filter((run) => selected.value.has(run.id)));

/** The cells that the server chose when it was left the choice, for the experiment that was open then. */
const usual = signal<{ of: string; cells: readonly string[] } | null>(null);

/** The cells asked for: those of the columns, and those that sorting and grouping look at. Null: the server's choice. */
function cellsToAsk(): readonly string[] | null {
  const needed = [group.value, ...sort.value.map(({ column }) => column)].filter((key) => key.includes("."));
  const known = usual.value?.of === experiment.value ? usual.value.cells : null;
  const wanted = cellsWanted.value ?? known;
  if (!wanted || (!cellsWanted.value && needed.every((key) => wanted.includes(key)))) return null;
  return [...new Set([...wanted, ...needed])];
}

let loading: Promise<void> | null = null;
let again = false;

/** Reads health, and the table where its version is another. At most one at a time; a call meanwhile is one more. */
export function refresh(): Promise<void> {
  if (!visible.peek()) return Promise.resolve();
  if (loading) {
    again = true;
    return loading;
  }
  loading = load().finally(() => {
    loading = null;
    if (again) {
      again = false;
      void refresh();
    }
  });
  return loading;
}

let askedFor = "";

async function load(): Promise<void> {
  try {
    const cells = cellsToAsk();
    const of = experiment.peek();
    const isFirst = !loadedOnce.peek(); // then all is asked for at once
    const met = isFirst ? meetRuns() : null;
    met?.catch(() => undefined); // said below, or not needed
    const [now, known] = await Promise.all([getHealth(), isFirst ? getRuns(cells, of) : null]);
    const asked = JSON.stringify([now.health.version, cells, of]);
    const fresh = known ?? (asked === askedFor ? null : await getRuns(cells, of));
    // TensorBoard does not tell its runs before the place has told us: that is not waited for.
    if (fresh && now.health.shown) await (met ?? meetRuns());
    askedFor = fresh ? JSON.stringify([fresh.version, cells, of]) : asked;
    batch(() => {
      health.value = now.health;
      polledS.value = now.polledS;
      trouble.value = null;
      if (fresh) table.value = fresh;
      if (fresh && cells === null) usual.value = { of, cells: fresh.cells };
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    trouble.value = { error, sinceS: trouble.peek()?.sinceS ?? Date.now() / 1000 };
  }
}

async function meetRuns(): Promise<void> {
  order.meet(await getTensorBoardRuns());
  met.value += 1;
}

async function lookFor(text: string, version: string, abort: AbortSignal): Promise<void> {
  try {
    const found = await search(text, abort);
    const { runs } = table.peek();
    if (found.version !== version) return; // a newer table is on its way, and asks again
    searched.value = { text, version, found: new Set(found.runs.map((i) => runs[i]?.id ?? "")), error: null };
  } catch (error) {
    if (error instanceof RequestError) searched.value = { ...searched.peek(), text, version, error };
    else if (!(error instanceof DOMException)) throw error;
  }
}

function followSearch(): void {
  effect(() => {
    const text = query.value.trim();
    const { version } = table.value;
    if (!text) {
      searched.value = { text, version, found: null, error: null };
      return;
    }
    if (!loadedOnce.value) return;
    const abort = new AbortController();
    void lookFor(text, version, abort.signal);
    return () => abort.abort();
  });
}

/** Keeps everything up to date from now on; nothing is asked while nobody looks. */
export function follow(): void {
  followSearch();
  effect(() => {
    cellsToAsk();
    void refresh();
  });
  const isSlow = computed(() => slow.value > 0 || isBusy.value);
  effect(() => {
    if (!visible.value) return;
    void refresh();
    // What takes long is told while it does.
    const timer = setInterval(() => void refresh(), isSlow.value ? SLOW_POLL_MS : POLL_MS);
    return () => clearInterval(timer);
  });
  // The browser does not tell how far a download is; the server does, once it has begun.
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a[download]")) setTimeout(() => void refresh(), SLOW_POLL_MS);
  });
}
