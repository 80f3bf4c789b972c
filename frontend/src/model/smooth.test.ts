import { expect, it } from "vitest";
import { smooth } from "./smooth";

it("leaves values as they are at weight 0", () => expect(smooth([1, null, 3], 0)).toEqual([1, null, 3]));

it("starts unbiased, as TensorBoard does", () => {
  const [first, second] = smooth([1, 2], 0.5);
  expect(first).toBe(1);
  expect(second).toBeCloseTo((0.5 * 0.5 + 0.5 * 2) / 0.75);
});

it("keeps gaps as gaps and constants as they are", () => {
  expect(smooth([1, null, 2], 0.9)[1]).toBeNull();
  expect(smooth([4, 4, 4], 0.9)).toEqual([4, 4, 4]);
});
