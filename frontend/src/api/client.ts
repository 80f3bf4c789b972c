import type { Curves, Found, Health, Refusal, RunDetail, RunTable, Shown, Sparklines } from "./types";

/** Why a request has no answer. `status` is 0 when TensorBoard did not answer at all. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly position: number | null = null,
  ) {
    super(message);
  }
}

interface Known {
  etag: string;
  body: unknown;
}

interface Answer<T> {
  body: T;
  headers: Headers;
}

type Query = [name: string, value: string][];

const known = new Map<string, Known>();
const KNOWN_AT_MOST = 64;

/** Relative to the page's base, so that a path prefix and a proxy stay in front. */
function address(path: string, query: Query = []): string {
  const text = new URLSearchParams(query).toString();
  return new URL(`api/${path}${text ? `?${text}` : ""}`, document.baseURI).href;
}

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError("TensorBoard does not answer. Is it still running?", 0);
  }
}

async function refused(response: Response): Promise<RequestError> {
  try {
    const { error } = (await response.json()) as Refusal;
    return new RequestError(error.message, response.status, error.position);
  } catch {
    return new RequestError(`TensorBoard answered ${response.status}.`, response.status);
  }
}

async function read<T>(path: string, query: Query = [], signal?: AbortSignal): Promise<Answer<T>> {
  const url = address(path, query);
  const before = known.get(url);
  const headers: HeadersInit = before ? { "If-None-Match": before.etag } : {};
  const response = await answerOf(url, { headers, ...(signal ? { signal } : {}) });
  if (response.status === 304 && before) return { body: before.body as T, headers: response.headers };
  if (!response.ok) throw await refused(response);
  const body = (await response.json()) as T;
  remember(url, response.headers.get("ETag"), body);
  return { body, headers: response.headers };
}

function remember(url: string, etag: string | null, body: unknown): void {
  known.delete(url);
  if (!etag) return;
  known.set(url, { etag, body });
  const oldest = known.keys().next().value;
  if (known.size > KNOWN_AT_MOST && oldest !== undefined) known.delete(oldest);
}

export async function getHealth(): Promise<{ health: Health; polledS: number }> {
  const { body, headers } = await read<Health>("health");
  return { health: body, polledS: Number(headers.get("X-Polled") ?? 0) };
}

/** `cells` null leaves the choice of columns to the server. */
export async function getRuns(cells: readonly string[] | null): Promise<RunTable> {
  const query: Query = cells === null ? [] : cells.length ? cells.map((key) => ["cell", key]) : [["cell", ""]];
  return (await read<RunTable>("runs", query)).body;
}

export async function search(text: string, signal: AbortSignal): Promise<Found> {
  return (await read<Found>("search", [["q", text]], signal)).body;
}

export async function getRun(id: string): Promise<RunDetail> {
  return (await read<RunDetail>("run", [["id", id]])).body;
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
    ...wanted.runs.map((id): [string, string] => ["run", id]),
  ];
  if (wanted.lowest !== undefined) query.push(["lowest", String(wanted.lowest)]);
  if (wanted.highest !== undefined) query.push(["highest", String(wanted.highest)]);
  return (await read<Curves>("curves", query, signal)).body;
}

export async function getSparklines(metric: string, runs: readonly string[]): Promise<Sparklines> {
  return (
    await read<Sparklines>("sparklines", [["metric", metric], ...runs.map((id): [string, string] => ["run", id])])
  ).body;
}

export type Change = { show: string[] } | { hide: string[] } | { only: string[] } | { all: true };

export async function changeShown(change: Change): Promise<Shown> {
  const response = await answerOf(address("shown"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw await refused(response);
  return (await response.json()) as Shown;
}

/** Names of the runs in TensorBoard's own order, which decides their colours. */
export async function getTensorBoardRuns(): Promise<string[]> {
  const response = await answerOf(new URL("../../runs", document.baseURI).href, {});
  if (!response.ok) throw await refused(response);
  return (await response.json()) as string[];
}
