import { isBoolean, saved } from "../state/saved";

export type Axis = "step" | "wall" | "relative";

const AXES: readonly unknown[] = ["step", "wall", "relative"];

/** How curves are drawn, everywhere. */
export const axis = saved<Axis>("axis", "step", (value): value is Axis => AXES.includes(value));
export const smoothing = saved<number>(
  "smoothing",
  0,
  (value): value is number => typeof value === "number" && value >= 0 && value < 1,
);
export const logarithmic = saved("log", false, isBoolean);
