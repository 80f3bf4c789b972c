import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { dark } from "../host";
import { duration, number } from "../model/format";
import { smooth } from "../model/smooth";
import type { Zoom } from "./abscissae";
import { type Axis, logarithmic, smoothing } from "./options";

export interface Series {
  label: string;
  colour: string;
  x: readonly number[];
  y: readonly (number | null)[];
}

interface Props {
  series: readonly Series[];
  axis: Axis;
  onZoom: (range: Zoom | null) => void;
}

const HEIGHT_PX = 220;
const FAINT = "55"; // opacity of what lies under a smoothed curve
const INK = { light: { text: "#616161", grid: "#e8e8e8" }, dark: { text: "#c0c0c0", grid: "#4a4a4a" } };

/** Curves over one axis: drag to zoom, double click for the whole, hover for values. */
export function LineChart({ series, axis, onZoom }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const hover = useRef<HTMLDivElement>(null);
  const look = useComputed(() => ({ log: logarithmic.value, weight: smoothing.value, dark: dark.value })).value;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const plot = new uPlot(
      options(series, axis, look, element.clientWidth, hover.current, onZoom),
      dataOf(series, look.weight),
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, axis, look]);
  return (
    <div class="plot" role="img" aria-label={described(series)} onDblClick={() => onZoom(null)}>
      <div ref={box} />
      <div class="hover" ref={hover} hidden />
    </div>
  );
}

function described(series: readonly Series[]): string {
  return series
    .map(({ label, y }) => {
      const finite = y.filter((value) => value !== null);
      const last = finite.at(-1);
      if (last === undefined) return `${label}: no finite point`;
      const low = finite.reduce((a, b) => Math.min(a, b));
      const high = finite.reduce((a, b) => Math.max(a, b));
      return `${label}: from ${number(low)} to ${number(high)}, last ${number(last)}`;
    })
    .join("; ");
}

function dataOf(series: readonly Series[], weight: number): uPlot.AlignedData {
  const tables = series.map(({ x, y }): uPlot.AlignedData => {
    const raw = [...y];
    return weight > 0 ? [[...x], raw, smooth(raw, weight)] : [[...x], raw];
  });
  return tables.length === 1 && tables[0] ? tables[0] : uPlot.join(tables);
}

function options(
  series: readonly Series[],
  axis: Axis,
  look: { log: boolean; weight: number; dark: boolean },
  width: number,
  hover: HTMLElement | null,
  onZoom: (range: Zoom | null) => void,
): uPlot.Options {
  const ink = look.dark ? INK.dark : INK.light;
  const lines = { stroke: ink.text, grid: { stroke: ink.grid, width: 1 }, ticks: { stroke: ink.grid, width: 1 } };
  const positive = series.every(({ y }) => y.every((value) => value === null || value > 0));
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    scales: { x: { time: axis === "wall" }, y: look.log ? { distr: positive ? 3 : 4, log: 10, asinh: 1e-3 } : {} },
    axes: [
      { ...lines, ...(axis === "relative" ? { values: (_: uPlot, ticks: number[]) => ticks.map(duration) } : {}) },
      {
        ...lines,
        size: 64,
        values: (_: uPlot, ticks: (number | null)[]) => ticks.map((v) => (v === null ? "" : number(v))),
      },
    ],
    cursor: { drag: { x: true, y: false, setScale: false, dist: 4 }, points: { size: 6 } },
    series: [{}, ...series.flatMap((one) => strokes(one, look.weight))],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, "x");
          const to = plot.posToVal(plot.select.left + plot.select.width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          plot.setScale("x", { min: from, max: to });
          onZoom({ from, to });
        },
      ],
      setCursor: [(plot) => hover && describe(plot, series, look.weight > 0, axis, hover)],
    },
  };
}

function strokes({ label, colour, y }: Series, weight: number): uPlot.Series[] {
  const points = y.length < 2 ? { show: true, size: 6, fill: colour } : { show: false };
  const raw = { label, stroke: weight > 0 ? `${colour}${FAINT}` : colour, width: 1.5, points, spanGaps: true };
  return weight > 0 ? [raw, { ...raw, stroke: colour, width: 2 }] : [raw];
}

/** Writes the values under the cursor into `hover` and puts that beside it. */
function describe(plot: uPlot, series: readonly Series[], smoothed: boolean, axis: Axis, hover: HTMLElement): void {
  const { idx, left = -1 } = plot.cursor;
  const x = idx === null || idx === undefined ? undefined : plot.data[0][idx];
  hover.hidden = x === undefined || left < 0;
  if (x === undefined || idx === null || idx === undefined) return;
  const each = smoothed ? 2 : 1;
  const lines = series.map((one, place) => {
    const column = plot.data[1 + place * each] ?? [];
    const value = column[idx];
    const smooth = smoothed ? plot.data[2 + place * each]?.[idx] : undefined;
    const name = series.length > 1 ? `${one.label}  ` : "";
    const extra = smooth === undefined || smooth === null ? "" : `  (smoothed ${number(smooth)})`;
    return value === null || value === undefined
      ? null
      : { text: `${name}${number(value)}${extra}`, colour: one.colour };
  });
  const at =
    axis === "wall" ? new Date(x * 1000).toLocaleString() : axis === "relative" ? duration(x) : `step ${number(x)}`;
  hover.replaceChildren(...[{ text: at, colour: "" }, ...lines.filter((line) => line !== null)].map(lineOf));
  const width = hover.offsetWidth;
  const space = plot.over.clientWidth;
  const offset = plot.over.offsetLeft + (left + 16 + width > space ? left - width - 12 : left + 16);
  hover.style.transform = `translate(${Math.max(0, offset)}px, 8px)`;
}

function lineOf({ text, colour }: { text: string; colour: string }): HTMLElement {
  const line = document.createElement("div");
  line.textContent = text;
  if (colour) line.style.borderLeft = `3px solid ${colour}`;
  return line;
}
