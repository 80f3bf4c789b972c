import { expect, it } from "vitest";
import type { MediaSeries } from "../api/types";
import { aligned, frameAt, stepsOf } from "./frames";

const series = (key: string, ...steps: (number | null)[]): MediaSeries => ({
  key,
  kind: "image",
  frames: steps.map((step) => ({ path: `${key}-${step}`, step, size_bytes: null })),
});

it("goes through the steps of all runs together", () => {
  expect(stepsOf([series("a", 0, 20), series("a", 10, 20), series("b", null)])).toEqual([0, 10, 20]);
});

it("shows the last picture until a step, and none before the first", () => {
  const { frames } = series("a", 10, 20);
  expect(frameAt(frames, 5)).toBeNull();
  expect(frameAt(frames, 15)?.step).toBe(10);
  expect(frameAt(frames, 99)?.step).toBe(20);
  expect(frameAt(series("b", null).frames, 0)?.step).toBeNull();
});

it("puts what most runs have first, and leaves gaps", () => {
  const rows = aligned([[series("x", 0), series("both", 0)], [series("both", 0)]]);
  expect(rows.map(({ key }) => key)).toEqual(["both", "x"]);
  expect(rows[1]?.series.map((one) => one?.key)).toEqual(["x", undefined]);
});
