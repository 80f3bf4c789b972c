import { describe, expect, it } from "vitest";
import { ago, bytes, cellText, clock, difference, duration, moment, number, numeric, plural } from "./format";

it("tells a time of day, with its date where that is another day's", () => {
  const at = (text: string) => new Date(text).getTime() / 1000;
  expect(clock(at("2026-03-01T09:05:59"), at("2026-03-01T23:00:00"))).toBe("09:05");
  expect(clock(at("2026-02-28T23:59:59"), at("2026-03-01T00:00:01"))).toBe("2026-02-28 23:59");
});

describe("number", () => {
  it.each([
    [0, "0"],
    [0.1, "0.1"],
    [-0.25, "−0.25"],
    [1234567, "1 234 567"],
    [3024.123456, "3 024.1"],
    [0.000012345, "1.234e-5"],
    [1e12, "1e+12"],
    [1 / 3, "0.33333"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("writes %s as %s", (value, text) => expect(number(value)).toBe(text));

  it("never rounds a whole number away", () => expect(number(16777217)).toBe("16 777 217"));
});

describe("duration", () => {
  it.each([
    [0.25, "250 ms"],
    [6.9, "6 s"],
    [64, "1m 04s"],
    [3840, "1h 04m"],
    [90_000, "1d 1h"],
    [-5, "0 ms"],
  ])("writes %s s as %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("ago", () => {
  it.each([
    [3, "just now"],
    [59, "59 s ago"],
    [120, "2 min ago"],
    [7200, "2 h ago"],
    [86_400 * 3, "3 d ago"],
    [86_400 * 90, "3 mo ago"],
    [86_400 * 800, "2 y ago"],
  ])("writes %s s as %s", (seconds, text) => expect(ago(seconds)).toBe(text));
});

it("says a moment in local time and in UTC", () => {
  expect(moment(0)).toContain("1970-01-01 00:00:00 UTC");
  expect(moment(1e20)).toBe("");
});

it("reads numbers from cells, and nothing else", () => {
  expect(numeric("0.5")).toBe(0.5);
  expect(numeric("Infinity")).toBe(Number.POSITIVE_INFINITY);
  expect([numeric(""), numeric(null), numeric("adam")]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect(cellText("-Infinity")).toBe("−∞");
  expect(cellText(null)).toBe("");
});

it("counts in words", () => {
  expect(plural(1, "run")).toBe("1 run");
  expect(plural(12_345, "run")).toBe("12 345 runs");
});

it("tells a difference with its direction, and in percent where there is something to measure against", () => {
  expect(difference(-0.25, 1)).toBe("▼ −0.25 (−25 %)");
  expect(difference(2, 0)).toBe("▲ +2");
  expect(difference(0, 5)).toBe("");
});

it("tells sizes in units of 1024", () => {
  expect([0, 1023, 1536, 250 * 1024 * 1024].map(bytes)).toEqual(["0 B", "1023 B", "1.5 KB", "250 MB"]);
});
