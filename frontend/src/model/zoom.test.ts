import { expect, it } from "vitest";
import { moved, scaled, within } from "./zoom";

const WHOLE = { from: 0, to: 100 };

it("grows and shrinks about a point", () => {
  expect(scaled(WHOLE, 0.5)).toEqual({ from: 25, to: 75 });
  expect(scaled({ from: 25, to: 75 }, 0.5, 25)).toEqual({ from: 25, to: 50 });
  expect(scaled({ from: 25, to: 75 }, 2)).toEqual(WHOLE);
});

it("stays within the whole, and is nothing where it is all of it", () => {
  expect(within(moved({ from: 10, to: 30 }, -1), WHOLE)).toEqual({ from: 0, to: 20 });
  expect(within(moved({ from: 70, to: 90 }, 1), WHOLE)).toEqual({ from: 80, to: 100 });
  expect(within({ from: -10, to: 120 }, WHOLE)).toBeNull();
  expect(within({ from: 5, to: 5 }, { from: 5, to: 5 })).toBeNull();
});
