import { sparklineOf } from "../state/sparklines";

const WIDTH = 120;
const HEIGHT = 22;
const EDGE = 2;

/** A run's curve in a table cell. */
export function Sparkline({ run, colour }: { run: string; colour: string }) {
  const values = sparklineOf(run).value;
  if (!values) return null;
  const last = [...values].reverse().find((value) => value !== null);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={last === undefined ? "no finite point" : `curve, last ${last}`}
    >
      <path d={path(values)} stroke={colour} />
    </svg>
  );
}

export function path(values: readonly (number | null)[]): string {
  const finite = values.filter((value) => value !== null);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low || 1;
  const x = (i: number) => EDGE + (i * (WIDTH - 2 * EDGE)) / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - EDGE - ((value - low) * (HEIGHT - 2 * EDGE)) / span;
  let pen = "M";
  let text = "";
  values.forEach((value, i) => {
    if (value !== null) text += `${pen}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = value === null ? "M" : "L";
  });
  return finite.length === 1 ? `${text}h3` : text;
}
