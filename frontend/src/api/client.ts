import { signal } from "@preact/signals";
import type { Refusal } from "./types";

/** Asks TensorBoard's server: JSON with ETags, one shape of error. What can be asked is beside: reads, files, changes. */

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

export interface Answer<T> {
  body: T;
  headers: Headers;
}

export type Query = [name: string, value: string][];

const known = new Map<string, Known>();
const KNOWN_AT_MOST = 64;

/** Relative to the page's base, so that a path prefix and a proxy stay in front. */
export function address(path: string, query: Query = []): string {
  const text = new URLSearchParams(query).toString();
  return new URL(`api/${path}${text ? `?${text}` : ""}`, document.baseURI).href;
}

/** How many requests have been waiting for more than a second. */
export const slow = signal(0);

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  let isSlow = false;
  const timer = setTimeout(() => {
    isSlow = true;
    slow.value += 1;
  }, 1000);
  try {
    return await fetch(url, { cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError("TensorBoard does not answer. Is it still running?", 0);
  } finally {
    clearTimeout(timer);
    if (isSlow) slow.value -= 1;
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

/** `kept` false where the answer is too large, or asked for once, to be worth its memory. */
export async function read<T>(path: string, query: Query = [], signal?: AbortSignal, kept = true): Promise<Answer<T>> {
  const url = address(path, query);
  const before = known.get(url);
  const headers: HeadersInit = before ? { "If-None-Match": before.etag } : {};
  const response = await answerOf(url, { headers, ...(signal ? { signal } : {}) });
  if (response.status === 304 && before) return { body: before.body as T, headers: response.headers };
  if (!response.ok) throw await refused(response);
  const body = (await response.json()) as T;
  if (kept) remember(url, response.headers.get("ETag"), body);
  return { body, headers: response.headers };
}

function remember(url: string, etag: string | null, body: unknown): void {
  known.delete(url);
  if (!etag) return;
  known.set(url, { etag, body });
  const oldest = known.keys().next().value;
  if (known.size > KNOWN_AT_MOST && oldest !== undefined) known.delete(oldest);
}

/** Asks for a change. Another site's page cannot send this type without being asked first. */
export async function post<T>(path: string, body: unknown, headers: HeadersInit = {}): Promise<T> {
  const response = await answerOf(address(path), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await refused(response);
  return (await response.json()) as T;
}

/** Names of the runs in TensorBoard's own order, which decides their colours. */
export async function getTensorBoardRuns(): Promise<string[]> {
  const response = await answerOf(new URL("../../runs", document.baseURI).href, {});
  if (!response.ok) throw await refused(response);
  return (await response.json()) as string[];
}
