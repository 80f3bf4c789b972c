import type { Frame, MediaSeries } from "../api/types";

/** Which picture of a series belongs to a step. Pure. */

/** All steps of the series, each once, from the first on. */
export function stepsOf(series: readonly MediaSeries[]): number[] {
  const all = series.flatMap(({ frames }) => frames.flatMap(({ step }) => (step === null ? [] : [step])));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** What a series shows at `step`: its last picture until then; one without a step always; null before its first. */
export function frameAt(frames: readonly Frame[], step: number): Frame | null {
  return frames.filter((frame) => frame.step === null || frame.step <= step).at(-1) ?? null;
}

/** For each key that one of `lists` has, the series of that key in each list; those that most have come first. */
export function aligned(
  lists: readonly (readonly MediaSeries[])[],
): { key: string; series: (MediaSeries | undefined)[] }[] {
  const keys = new Set(lists.flatMap((list) => list.map(({ key }) => key)));
  const rows = [...keys].map((key) => ({ key, series: lists.map((list) => list.find((one) => one.key === key)) }));
  const held = (row: { series: unknown[] }) => row.series.filter(Boolean).length;
  return rows.sort((a, b) => held(b) - held(a));
}
