import type { Curve } from "../api/types";
import type { Zoom } from "../model/zoom";
import type { Axis } from "./options";

/** Where points stand on the axis, and what a zoom on it asks the server for. Pure. */

export function abscissae(curve: Curve, axis: Axis): number[] {
  if (axis === "step") return curve.steps;
  if (axis === "wall") return curve.wall_times_s;
  return curve.wall_times_s.map((time) => time - curve.first_wall_time_s);
}

/** Relative time is each run's own, so a zoom on it is drawn from the whole curves. */
export function bounds(
  axis: Axis,
  zoom: Zoom | null,
  runs: readonly { startS: number | null }[],
): { axis: "step" | "wall"; lowest?: number; highest?: number } {
  const kind = axis === "step" ? "step" : "wall";
  if (!zoom || (axis === "relative" && runs.length > 0)) return { axis: kind };
  return { axis: kind, lowest: zoom.from, highest: zoom.to };
}
