import { bisector } from "d3-array";
import type { LogPart } from "../api/types";

/** Part of a log file, as lines. Pure. */

export interface LogLine {
  offset: number; // of its first byte
  text: string;
}

export interface LogText {
  start: number; // offset of the first byte
  end: number; // offset behind the last one
  lines: readonly LogLine[];
  whole: boolean; // whether the last line has ended
}

/** Beyond, the lines at the other end are forgotten. */
export const LINES_AT_MOST = 100_000;

const encoder = new TextEncoder();
const byOffset = bisector<LogLine, number>((line) => line.offset);

export function logOf(part: LogPart): LogText {
  const pieces = part.text.split("\n");
  const whole = pieces.at(-1) === "";
  if (whole) pieces.pop();
  let offset = part.start;
  const lines = pieces.map((text) => {
    const line = { offset, text };
    offset += encoder.encode(text).length + 1;
    return line;
  });
  return { start: part.start, end: part.end, lines, whole };
}

/** `log` and what follows it; a line that was cut in two is one again. */
export function joined(log: LogText, next: LogText): LogText {
  if (log.end !== next.start) return next;
  if (!next.lines.length) return { ...log, end: next.end };
  const [first, ...rest] = next.lines;
  const last = log.lines.at(-1);
  const lines =
    log.whole || !last || !first
      ? [...log.lines, ...next.lines]
      : [...log.lines.slice(0, -1), { offset: last.offset, text: last.text + first.text }, ...rest];
  return { start: log.start, end: next.end, lines, whole: next.whole };
}

/** Without the lines at the front, or at the back, that are too many. */
export function bounded(log: LogText, from: "front" | "back"): LogText {
  const { lines } = log;
  if (lines.length <= LINES_AT_MOST) return log;
  if (from === "front") {
    const kept = lines.slice(-LINES_AT_MOST);
    return { ...log, lines: kept, start: kept[0]?.offset ?? log.start };
  }
  const kept = lines.slice(0, LINES_AT_MOST);
  return { ...log, lines: kept, end: lines[LINES_AT_MOST]?.offset ?? log.end, whole: true };
}

/** Index of the line that holds the byte `offset`; -1 when it is not here. */
export function lineAt(log: LogText, offset: number): number {
  if (offset < log.start || offset >= log.end) return -1;
  return byOffset.right(log.lines, offset) - 1;
}

/** What a terminal would show of a line: a progress bar writes over itself. */
export function shownOf(text: string): string {
  const trimmed = text.endsWith("\r") ? text.slice(0, -1) : text;
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

const PLACES_AT_MOST = 200;

/** Where `sought` begins in `text`, whatever the case; none for nothing. */
export function placesOf(text: string, sought: string): number[] {
  const places: number[] = [];
  const [where, what] = [text.toLowerCase(), sought.toLowerCase()];
  if (!what) return places;
  for (
    let at = where.indexOf(what);
    at >= 0 && places.length < PLACES_AT_MOST;
    at = where.indexOf(what, at + what.length)
  )
    places.push(at);
  return places;
}
