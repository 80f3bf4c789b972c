import { address, type Query, read } from "./client";
import type {
  Chosen,
  Comparison,
  Curves,
  Exports,
  Found,
  Health,
  NotShownList,
  PlaceFound,
  RunDetail,
  RunTable,
  Sparklines,
  WriteAccess,
} from "./types";

/** Questions about runs. */

export async function getHealth(): Promise<{ health: Health; polledS: number }> {
  const { body, headers } = await read<Health>("health");
  return { health: body, polledS: Number(headers.get("X-Polled") ?? 0) };
}

/** `cells` null leaves the choice of columns to the server: those that tell most of the runs of `experiment`. */
export async function getRuns(cells: readonly string[] | null, experiment = ""): Promise<RunTable> {
  const usual: Query = experiment ? [["experiment", experiment]] : [];
  const query: Query = cells === null ? usual : cells.length ? cells.map((key) => ["cell", key]) : [["cell", ""]];
  return (await read<RunTable>("runs", query)).body;
}

export async function search(text: string, signal: AbortSignal): Promise<Found> {
  return (await read<Found>("search", [["q", text]], signal)).body;
}

/** Among the runs of the place that are not on the Board. */
export async function searchPlace(text: string, signal: AbortSignal): Promise<PlaceFound> {
  return (await read<PlaceFound>("search/place", [["q", text]], signal)).body;
}

export async function getRun(id: string, signal?: AbortSignal): Promise<RunDetail> {
  return (await read<RunDetail>("run", [["id", id]], signal)).body;
}

/** The first of `runs` is the baseline. */
export async function getComparison(runs: readonly string[], signal: AbortSignal): Promise<Comparison> {
  return (await read<Comparison>("compare", each("run", runs), signal)).body;
}

export interface CurveQuery {
  metric: string;
  runs: readonly string[];
  points: number;
  axis: "step" | "wall";
  lowest?: number;
  highest?: number;
}

export async function getCurves(wanted: CurveQuery, signal?: AbortSignal): Promise<Curves> {
  const query: Query = [
    ["metric", wanted.metric],
    ["points", String(wanted.points)],
    ["axis", wanted.axis],
    ...each("run", wanted.runs),
  ];
  if (wanted.lowest !== undefined) query.push(["lowest", String(wanted.lowest)]);
  if (wanted.highest !== undefined) query.push(["highest", String(wanted.highest)]);
  return (await read<Curves>("curves", query, signal)).body;
}

export async function getSparklines(metric: string, runs: readonly string[]): Promise<Sparklines> {
  return (await read<Sparklines>("sparklines", [["metric", metric], ...each("run", runs)])).body;
}

export async function getNotShown(signal: AbortSignal): Promise<NotShownList> {
  return (await read<NotShownList>("not_shown", [], signal)).body;
}

/** Which experiments and runs of the place are on the Board. */
export async function getChosen(signal?: AbortSignal): Promise<Chosen> {
  return (await read<Chosen>("experiments", [], signal)).body;
}

export async function getWrites(): Promise<WriteAccess> {
  return (await read<WriteAccess>("writes")).body;
}

function each(name: string, values: readonly string[]): Query {
  return values.map((value) => [name, value]);
}

export async function getExports(signal: AbortSignal): Promise<Exports> {
  return (await read<Exports>("export", [], signal)).body;
}

/** Where runs or curves can be downloaded; `of` says which. */
export function exportAddress(what: "runs" | "curves", format: string, of: Query): string {
  return address(`export/${what}`, [["format", format], ...of]);
}

/** Where all points of a metric can be downloaded. */
export function curvesExport(format: string, metric: string, runs: readonly string[]): string {
  return exportAddress("curves", format, [["metric", metric], ...each("run", runs)]);
}
