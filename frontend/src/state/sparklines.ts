import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { RequestError } from "../api/client";
import { getSparklines } from "../api/reads";
import { byId, curveChoice, table } from "./runs";

/** Curves of the rows that are on the screen, fetched a screenful at a time. */

type Values = (number | null)[] | null;

interface Entry {
  values: Signal<Values>;
  metric: string;
  version: string; // of the table when the curve was read
  final: boolean; // the run had ended by then
}

const AT_ONCE = 40;
const PAUSE_MS = 120;

const entries = new Map<string, Entry>();
const wanted = new Set<string>();
let isFetching = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The curve of a run, null until it has come. Asking is what has it fetched. */
export function sparklineOf(run: string): ReadonlySignal<Values> {
  const metric = curveChoice.value;
  let entry = entries.get(run);
  if (!entry || entry.metric !== metric) {
    entry = { values: signal<Values>(null), metric, version: "", final: false };
    entries.set(run, entry);
  }
  if (!entry.final && entry.version !== table.value.version && metric) ask(run);
  return entry.values;
}

function ask(run: string): void {
  wanted.add(run);
  // While rows scroll by, nothing is fetched: the last one to ask begins.
  clearTimeout(timer);
  if (!isFetching) timer = setTimeout(() => void fetchWanted(), PAUSE_MS);
}

async function fetchWanted(): Promise<void> {
  isFetching = true;
  // The newest asked for are on the screen; what scrolled by is asked for again if it comes back.
  const asked = [...wanted].slice(-2 * AT_ONCE);
  const runs = asked.slice(-AT_ONCE);
  wanted.clear();
  for (const run of asked.slice(0, -AT_ONCE)) wanted.add(run);
  const { version } = table.peek();
  const metric = curveChoice.peek();
  try {
    const { values } = await getSparklines(metric, runs);
    for (const run of runs) arrived(run, metric, version, values[run] ?? null);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
  } finally {
    isFetching = false;
    if (wanted.size) timer = setTimeout(() => void fetchWanted(), 0);
  }
}

function arrived(run: string, metric: string, version: string, values: Values): void {
  const entry = entries.get(run);
  if (!entry || entry.metric !== metric) return;
  const row = byId.peek().get(run);
  entry.version = version;
  entry.final = values !== null && row?.end_s !== null && row?.status !== "running";
  if (values) entry.values.value = values;
}
