import { expect, it } from "vitest";
import { linear, logarithmic, points } from "./scale";

it("maps the ends onto the ends, either way round", () => {
  expect([0, 5, 10].map(linear([0, 10], [100, 0]))).toEqual([100, 50, 0]);
  expect(logarithmic([0.001, 10], [0, 1])(0.1)).toBeCloseTo(0.5);
  expect(linear([3, 3], [0, 1])(3)).toBe(0);
});

it("puts things evenly, and one alone into the middle", () => {
  expect(points(1)(0)).toBe(0.5);
  const [a, b, c] = [0, 1, 2].map(points(3));
  expect(a).toBeCloseTo(1 - (c ?? 0));
  expect(b).toBeCloseTo(0.5);
});
