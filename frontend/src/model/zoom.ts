/** Parts of an axis. Pure. */

export interface Zoom {
  from: number;
  to: number;
}

/** `range` made larger, or smaller where `by` is below 1, about `at`. */
export function scaled({ from, to }: Zoom, by: number, at = (from + to) / 2): Zoom {
  return { from: at - (at - from) * by, to: at + (to - at) * by };
}

/** `range` moved by a share of its length. */
export function moved({ from, to }: Zoom, share: number): Zoom {
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}

/** `range` brought within `whole`; null where it is all of that. */
export function within({ from, to }: Zoom, whole: Zoom): Zoom | null {
  const length = to - from;
  if (!(length < whole.to - whole.from)) return null;
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}
