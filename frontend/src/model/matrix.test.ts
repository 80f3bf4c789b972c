import { expect, it } from "vitest";
import { accuracy, shares } from "./matrix";

const MATRIX = {
  path: "confusion_matrix.json",
  labels: ["cat", "dog"],
  counts: [
    [8, 2],
    [1, 9],
  ],
};

it("tells counts as shares of the largest, rows and columns as shares of themselves", () => {
  expect(shares(MATRIX, "counts")[0]).toEqual([8 / 9, 2 / 9]);
  expect(shares(MATRIX, "rows")).toEqual([
    [0.8, 0.2],
    [0.1, 0.9],
  ]);
  expect(shares(MATRIX, "columns")[1]).toEqual([1 / 9, 9 / 11]);
});

it("stands rows of nothing", () => {
  expect(shares({ ...MATRIX, counts: [[0, 0], [0, 0]] }, "rows")).toEqual([[0, 0], [0, 0]]); // biome-ignore format: pairs
  expect(accuracy({ ...MATRIX, counts: [] })).toBeNaN();
});

it("knows how much is right", () => expect(accuracy(MATRIX)).toBe(17 / 20));
