import { ticks } from "d3-array";
import type { Better, Column, RunRow, RunTable } from "../api/types";
import { number, numeric } from "./format";
import { linear, logarithmic, points } from "./scale";

/** A sweep as values to draw: the params that vary, and how each run came out. Pure. */

export interface Trial {
  run: RunRow;
  values: (number | string | null)[]; // one for each of `Dimension`
}

export interface Dimension {
  key: string;
  name: string;
  numeric: boolean;
  isLog: boolean;
  place: (value: number | string | null) => number | null; // 0 … 1; null where there is none
  ticks: { at: number; text: string }[];
}

/** The part of an axis that counts, both ends included. A run that lacks the value is outside. */
export interface Range {
  low?: number | undefined;
  high?: number | undefined;
  text?: string | undefined;
}

/** By column key; axes that are not named count as a whole. */
export type Ranges = ReadonlyMap<string, Range>;

const DIMENSIONS_AT_MOST = 12;
const ASKED_AT_MOST = 60;
const LOG_FROM = 100; // ratio of largest to smallest from which a log scale tells more

/** The params to ask for: those that vary among all runs. */
export function varyingParams(columns: readonly Column[]): Column[] {
  return columns.filter((column) => column.kind === "param" && column.varies).slice(0, ASKED_AT_MOST);
}

/** `trials` and `columns` without the params that are one and the same in all of these, and without those beyond 11. */
export function telling(trials: readonly Trial[], columns: readonly Column[]): { trials: Trial[]; columns: Column[] } {
  const last = columns.length - 1;
  const places = [...columns.keys()]
    .filter((place) => place < last && new Set(trials.map(({ values }) => values[place] ?? null)).size > 1)
    .slice(0, DIMENSIONS_AT_MOST - 1);
  const kept = [...places, last];
  return {
    trials: trials.map(({ run, values }) => ({ run, values: kept.map((place) => values[place] ?? null) })),
    columns: kept.flatMap((place) => columns[place] ?? []),
  };
}

/** The runs that have the last of `columns`, the metric, as a finite number. */
export function trialsOf(table: RunTable, runs: readonly RunRow[], columns: readonly Column[]): Trial[] {
  const indices = columns.map(({ key }) => table.cells.indexOf(key));
  const wanted = new Set(runs.map(({ id }) => id));
  return table.runs
    .filter(({ id }) => wanted.has(id))
    .map((run) => ({
      run,
      values: columns.map((column, place) => {
        const cell = run.cells[indices[place] ?? -1] ?? null;
        if (!column.numeric) return cell;
        const value = numeric(cell);
        return Number.isFinite(value) ? value : null;
      }),
    }))
    .filter(({ values }) => values.at(-1) !== null);
}

/** `wantsLog` says how numbers stand on the axis, where they can; undefined leaves it to the values. */
export function dimension(
  column: Column,
  values: readonly (number | string | null)[],
  wantsLog?: boolean | undefined,
): Dimension {
  return column.numeric ? numberDimension(column, values, wantsLog) : textDimension(column, values);
}

function numberDimension(
  { key, name }: Column,
  values: readonly (number | string | null)[],
  wantsLog: boolean | undefined,
): Dimension {
  const found = values.filter((value) => typeof value === "number");
  const low = found.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = found.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const isLog = low > 0 && high > low && (wantsLog ?? high / low >= LOG_FROM);
  const domain: [number, number] = found.length ? (low === high ? [low - 1, high + 1] : [low, high]) : [0, 1];
  const scale = (isLog ? logarithmic : linear)(domain, [0, 1]);
  const told = (isLog ? powers(low, high) : ticks(...domain, 5)).map((tick) => ({
    at: scale(tick),
    text: isLog && isPower(tick) ? tick.toExponential(0) : number(tick),
  }));
  const place = (value: number | string | null) => (typeof value === "number" ? scale(value) : null);
  return { key, name, numeric: true, isLog, place, ticks: told };
}

function isPower(value: number): boolean {
  return /^1e/.test(value.toExponential());
}

/** The powers of ten within, or both ends where there are fewer than two. */
function powers(low: number, high: number): number[] {
  const [from, to] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  if (to <= from) return [low, high];
  const every = Math.ceil((to - from) / 6);
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => 10 ** (from + i * every));
}

function textDimension({ key, name }: Column, values: readonly (number | string | null)[]): Dimension {
  const found = [...new Set(values.filter((value) => value !== null).map(String))].sort();
  const scale = points(found.length);
  const places = new Map(found.map((text, index) => [text, scale(index)]));
  const every = Math.ceil(found.length / 12);
  const told = found.filter((_, i) => i % every === 0).map((text) => ({ at: places.get(text) ?? 0, text }));
  const place = (value: number | string | null) => (value === null ? null : (places.get(String(value)) ?? null));
  return { key, name, numeric: false, isLog: false, place, ticks: told };
}

/** The trials that lie in all `ranges`. */
export function trialsWithin(trials: readonly Trial[], columns: readonly Column[], ranges: Ranges): readonly Trial[] {
  const asked = columns.flatMap(({ key }, place) => {
    const range = ranges.get(key);
    return range ? [{ place, range }] : [];
  });
  return asked.length
    ? trials.filter(({ values }) => asked.every(({ place, range }) => isWithin(values[place] ?? null, range)))
    : trials;
}

function isWithin(value: number | string | null, { low, high, text }: Range): boolean {
  if (text !== undefined) return String(value) === text;
  if (typeof value !== "number") return false;
  return (low === undefined || value >= low) && (high === undefined || value <= high);
}

/** The run that a key leads to from `active`, through `ranked`, the best first; null where the key leads nowhere. */
export function runByKey(ranked: readonly Trial[], active: string, key: string): string | null {
  const at = ranked.findIndex(({ run }) => run.id === active);
  const last = ranked.length - 1;
  const to: Record<string, number> = {
    ArrowRight: Math.min(last, at + 1),
    ArrowDown: Math.min(last, at + 1),
    ArrowLeft: Math.max(0, at - 1),
    ArrowUp: Math.max(0, at - 1),
    Home: 0,
    End: last,
  };
  return ranked[to[key] ?? -1]?.run.id ?? null;
}

/** Whether the run's outcome is its last: it has ended. Others are drawn, but are never the best. */
export function hasEnded({ run }: Trial): boolean {
  return run.status !== "running" && run.status !== "scheduled";
}

/**
 * How good each outcome is by its rank: 0 the worst, 1 the best, equal ones alike. Ranks tell runs apart where a few
 * outcomes are far from all others. Where nobody knows which way, larger counts as better.
 */
export function goodness(trials: readonly Trial[], better: Better): (trial: Trial) => number {
  const values = [...new Set(trials.map(outcomeOf))].sort((a, b) => (better === "lower" ? b - a : a - b));
  const places = new Map(values.map((value, place) => [value, values.length > 1 ? place / (values.length - 1) : 1]));
  return (trial) => places.get(outcomeOf(trial)) ?? 0;
}

export function outcomeOf({ values }: Trial): number {
  return Number(values.at(-1));
}

/** In the order in which the runs started: each outcome, and the best until then of those that have ended, or NaN. */
export function bestSoFar(trials: readonly Trial[], better: Better): { trial: Trial; value: number; best: number }[] {
  const ordered = [...trials].sort((a, b) => (a.run.start_s ?? Infinity) - (b.run.start_s ?? Infinity));
  let best = Number.NaN;
  return ordered.map((trial) => {
    const value = outcomeOf(trial);
    const isBetter = Number.isNaN(best) || (better === "lower" ? value < best : value > best);
    if (isBetter && hasEnded(trial)) best = value;
    return { trial, value, best };
  });
}
