import { expect, it } from "vitest";
import { ColourOrder } from "./colours";

it("gives TensorBoard's palette in the order in which TensorBoard lists the runs", () => {
  const order = new ColourOrder();
  order.meet(["b/run2", "a/run1", "sweep/trial_0"]);
  expect(["b/run2", "a/run1", "sweep/trial_0"].map((name) => order.of(name, false))).toEqual([
    "#425066",
    "#12b5cb",
    "#e52592",
  ]);
  expect(order.of("b/run2", true)).toBe("#8e98a3");
  expect(order.of("never seen", false)).toBeNull();
});

it("keeps colours when runs come and go, and begins again after seven", () => {
  const order = new ColourOrder();
  order.meet(["a", "b"]);
  order.meet(["0", "b", "c", "d", "e", "f", "g"]);
  expect(order.of("b", false)).toBe("#12b5cb");
  expect(order.of("0", false)).toBe("#e52592");
  expect(order.of("g", false)).toBe(order.of("a", false));
});
