/** Where values stand on an axis. Pure; d3-scale is four times all that a chart here needs of it. */

export type Scale = (value: number) => number;
type Range = readonly [number, number];

/** Maps `domain` onto `range`, evenly. */
export function linear([low, high]: Range, [from, to]: Range): Scale {
  const factor = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * factor;
}

/** Maps `domain`, which is above 0, onto `range`: equal ratios are equally far apart. */
export function logarithmic([low, high]: Range, range: Range): Scale {
  const scale = linear([Math.log(low), Math.log(high)], range);
  return (value) => scale(Math.log(value));
}

const PADDING = 0.2; // of a step, before the first and behind the last

/** Where each of `count` things stands between 0 and 1. */
export function points(count: number): Scale {
  const step = 1 / Math.max(1, count - 1 + 2 * PADDING);
  return (index) => (1 - step * (count - 1)) / 2 + step * index;
}
