import { address, type Query, read } from "./client";
import type {
  Accuracy,
  ArtifactList,
  Bins,
  LogPart,
  LogPlace,
  Logs,
  Matrix,
  Media,
  Sought,
  TablePage,
  TextPart,
} from "./types";

/** Questions about what a run keeps as files. */

async function ask<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
  return (await read<T>(path, query, signal, false)).body;
}

const at = (run: string, path: string): Query => [
  ["run", run],
  ["path", path],
];

export const getMedia = (run: string, signal?: AbortSignal) => ask<Media>("media", [["run", run]], signal);

export const getArtifacts = (run: string, folder: string, signal?: AbortSignal) =>
  ask<ArtifactList>("artifacts", [...at(run, "").slice(0, 1), ["folder", folder]], signal);

export const getText = (run: string, path: string, signal?: AbortSignal) =>
  ask<TextPart>("text", at(run, path), signal);

export const getMatrix = (run: string, path: string, signal?: AbortSignal) =>
  ask<Matrix>("matrix", at(run, path), signal);

export const getAccuracy = (run: string, path: string, signal?: AbortSignal) =>
  ask<Accuracy>("accuracy", at(run, path), signal);

export const getBins = (run: string, path: string, signal?: AbortSignal) => ask<Bins>("bins", at(run, path), signal);

export interface TableQuery {
  first: number;
  count: number;
  sort: number | null; // index of a column
  descending: boolean;
  find: string;
}

export function getTable(run: string, path: string, wanted: TableQuery, signal?: AbortSignal): Promise<TablePage> {
  const query: Query = [...at(run, path), ["first", String(wanted.first)], ["count", String(wanted.count)]];
  if (wanted.sort !== null) query.push(["sort", String(wanted.sort)], ["descending", wanted.descending ? "1" : "0"]);
  if (wanted.find) query.push(["find", wanted.find]);
  return ask("table", query, signal);
}

export const getLogs = (run: string, signal?: AbortSignal) => ask<Logs>("logs", [["run", run]], signal);

/** From the byte `start`, counted from the end where it is negative. */
export const getLogPart = (run: string, path: string, start: number, length: number, signal?: AbortSignal) =>
  ask<LogPart>("logs/part", [...at(run, path), ["start", String(start)], ["length", String(length)]], signal);

export const findInLog = (run: string, path: string, what: Sought, text: string, start: number, signal?: AbortSignal) =>
  ask<LogPlace>("logs/find", [...at(run, path), ["what", what], ["text", text], ["start", String(start)]], signal);

/** Where the bytes of a file are; as a download if wanted. */
export const fileAddress = (run: string, path: string, download = false): string =>
  address("artifacts/file", [...at(run, path), ...(download ? [["download", "1"] as [string, string]] : [])]);

/** A page for a sandboxed frame, which its own content security policy keeps from everything. */
export const pageAddress = (run: string, path: string): string => address("artifacts/page", at(run, path));

export const zipAddress = (run: string, folder: string): string =>
  address("artifacts/zip", [
    ["run", run],
    ["folder", folder],
  ]);
