import { expect, it } from "vitest";
import type { LogPart } from "../api/types";
import { bounded, joined, LINES_AT_MOST, lineAt, logOf, placesOf, shownOf } from "./log";

const part = (start: number, text: string): LogPart => {
  const end = start + new TextEncoder().encode(text).length;
  return { path: "std_log.txt", start, end, size_bytes: null, text, final: false };
};

it("counts lines and their offsets in bytes", () => {
  const log = logOf(part(10, "één\ntwo\nthr"));
  expect(log.lines).toEqual([
    { offset: 10, text: "één" },
    { offset: 16, text: "two" },
    { offset: 20, text: "thr" },
  ]);
  expect(log.whole).toBe(false);
});

it("is the same however the file was cut into parts", () => {
  const text = "one\ntwo\n\nthree\nfour";
  const all = logOf(part(0, text));
  for (let cut = 0; cut <= text.length; cut += 1) {
    const both = joined(logOf(part(0, text.slice(0, cut))), logOf(part(cut, text.slice(cut))));
    expect(both.lines.map(({ text }) => text).join("\n")).toBe(text);
    expect(both.lines).toEqual(all.lines);
  }
});

it("begins afresh where a part does not follow", () => {
  const log = joined(logOf(part(0, "one\n")), logOf(part(100, "far\n")));
  expect(log.start).toBe(100);
});

it("finds the line that holds a byte", () => {
  const log = logOf(part(4, "two\nthree\n"));
  expect([lineAt(log, 4), lineAt(log, 7), lineAt(log, 8), lineAt(log, 3), lineAt(log, 14)]).toEqual([0, 0, 1, -1, -1]);
});

it("forgets what is too much, at the end that nobody looks at", () => {
  const log = logOf(part(0, "x\n".repeat(LINES_AT_MOST + 2)));
  expect(bounded(log, "front").start).toBe(4);
  expect(bounded(log, "back").end).toBe(2 * LINES_AT_MOST);
});

it("shows of a progress bar what a terminal would", () => {
  expect(shownOf(" 10%\r 20%\r100%\r")).toBe("100%");
  expect(shownOf("plain")).toBe("plain");
});

it("finds every place of a text in a line", () => {
  expect(placesOf("Error, error and ERROR", "error")).toEqual([0, 7, 17]);
  expect(placesOf("anything", "")).toEqual([]);
});
