import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { dark } from "../host";
import { duration, number } from "../model/format";
import { smooth } from "../model/smooth";
import { moved, scaled, within, type Zoom } from "../model/zoom";
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
  zoom: Zoom | null; // what `series` are of, of the axis; null for the whole
  wanted: Zoom | null; // what is to be seen, once it is here
  onZoom: (range: Zoom | null) => void;
}

const HEIGHT_PX = 220;
const FAINT = "55"; // opacity of what lies under a smoothed curve
const INK = { light: { text: "#616161", grid: "#e8e8e8" }, dark: { text: "#c0c0c0", grid: "#4a4a4a" } };

/**
 * Curves over one axis: drag to zoom, with Shift to move, double click for the whole, hover for values. By keys: arrows go
 * through the points, with Shift they move what is seen, plus and minus zoom about the point, 0 shows the whole.
 */
export function LineChart({ series, axis, zoom, wanted, onZoom }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const hover = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const whole = useRef<Zoom | null>(null);
  const latest = useRef(wanted); // a plot is made some time after what it shows was asked for
  latest.current = wanted;
  const look = useComputed(() => ({ log: logarithmic.value, weight: smoothing.value, dark: dark.value })).value;
  const show = (range: Zoom) => {
    const all = whole.current ?? range;
    const next = within(range, all);
    const { from, to } = next ?? all;
    drawn.current?.setScale("x", { min: from, max: to }); // until what was asked for is here
    latest.current = next;
    onZoom(next);
  };
  const showAll = () => whole.current && show(whole.current);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const view = { series, axis, look, zoom, show, hover: hover.current };
    const plot = new uPlot(options(view, element.clientWidth), dataOf(series, look.weight), element);
    drawn.current = plot;
    if (hover.current) hover.current.hidden = true;
    const xs = plot.data[0];
    if (!zoom) whole.current = { from: xs[0] ?? 0, to: xs.at(-1) ?? 0 };
    const ahead = latest.current ?? whole.current;
    if (ahead && latest.current !== zoom) plot.setScale("x", { min: ahead.from, max: ahead.to });
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, axis, zoom, look]);
  const onKey = (event: KeyboardEvent) => {
    const plot = drawn.current;
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const range = latest.current ?? whole.current ?? seen(plot);
    const at = plot.data[0][plot.cursor.idx ?? -1];
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step && event.shiftKey) show(moved(range, step / 4));
    else if (step) point(plot, step);
    else if (event.key === "+" || event.key === "=") show(scaled(range, 0.5, at));
    else if (event.key === "-") show(scaled(range, 2, at));
    else if (event.key === "0") showAll();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="plot"
      role="img"
      aria-label={described(series)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a picture that is looked through by keys
      tabIndex={0}
      onDblClick={showAll}
      onKeyDown={onKey}
    >
      <div ref={box} />
      <div class="hover" ref={hover} aria-live="polite" hidden />
    </div>
  );
}

function seen({ scales }: uPlot): Zoom {
  return { from: scales.x?.min ?? 0, to: scales.x?.max ?? 0 };
}

/** Puts the cursor onto the next point that is seen, or the one before; onto the last where it was on none. */
function point(plot: uPlot, step: number): void {
  const xs = plot.data[0];
  const { from, to } = seen(plot);
  const now = plot.cursor.idx ?? xs.length - (step > 0 ? 2 : 0);
  const at = xs[Math.min(xs.length - 1, Math.max(0, now + step))] ?? 0;
  plot.setCursor({ left: plot.valToPos(Math.min(to, Math.max(from, at)), "x"), top: plot.over.clientHeight / 2 });
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

interface View extends Pick<Props, "series" | "axis" | "zoom"> {
  look: { log: boolean; weight: number; dark: boolean };
  show: (range: Zoom) => void;
  hover: HTMLElement | null;
}

function options({ series, axis, zoom, look, show, hover }: View, width: number): uPlot.Options {
  const ink = look.dark ? INK.dark : INK.light;
  const lines = { stroke: ink.text, grid: { stroke: ink.grid, width: 1 }, ticks: { stroke: ink.grid, width: 1 } };
  const positive = series.every(({ y }) => y.every((value) => value === null || value > 0));
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    scales: {
      x: { time: axis === "wall", ...(zoom ? { min: zoom.from, max: zoom.to } : {}) },
      y: look.log ? { distr: positive ? 3 : 4, log: 10, asinh: 1e-3 } : {},
    },
    axes: [
      { ...lines, ...(axis === "relative" ? RELATIVE : {}) },
      {
        ...lines,
        size: 64,
        values: (_: uPlot, ticks: (number | null)[]) => ticks.map((v) => (v === null ? "" : number(v))),
        ...(look.log ? { filter: powers, grid: { ...lines.grid, filter: powers }, ticks: { show: false } } : {}),
      },
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { size: 6 },
      bind: { mousedown: (plot, _, zoomBy) => (event) => (event.shiftKey ? move(plot, event, show) : zoomBy(event)) },
    },
    series: [{}, ...series.flatMap((one) => strokes(one, look.weight))],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, "x");
          const to = plot.posToVal(plot.select.left + plot.select.width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          show({ from, to });
        },
      ],
      setCursor: [(plot) => hover && describe(plot, series, look.weight > 0, axis, hover)],
      draw: [(plot) => markNotFinite(plot, series, look.weight > 0 ? 2 : 1)],
    },
  };
}

const RELATIVE = {
  values: (_: uPlot, ticks: number[]) => ticks.map(duration),
  space: 76,
  incrs: [1, 2, 5, 15, 30]
    .flatMap((n) => [n / 1000, n, 60 * n, 3600 * n])
    .concat(43200, 86400, 604800, 2592000)
    .sort((a, b) => a - b),
};
const APART_PX = 16;

/** Of the ticks of a logarithmic axis the powers of ten, as many as there is room for. */
function powers(plot: uPlot, ticks: number[]): (number | null)[] {
  let last = Number.NaN;
  return ticks.map((tick) => {
    const at = plot.valToPos(tick, "y");
    const isPower = tick === 0 || Math.abs(Math.log10(Math.abs(tick)) % 1) < 1e-6;
    if (!isPower || Math.abs(at - last) < APART_PX) return null;
    last = at;
    return tick;
  });
}

/** Moves what is seen with the mouse until its button is let go. */
function move(plot: uPlot, start: MouseEvent, show: (range: Zoom) => void): null {
  const [range, width] = [seen(plot), plot.over.clientWidth]; // another plot may take its place meanwhile
  const at = (event: MouseEvent) => moved(range, (start.clientX - event.clientX) / width);
  const onMove = (event: MouseEvent) => plot.setScale("x", { min: at(event).from, max: at(event).to });
  const onUp = (event: MouseEvent) => {
    document.removeEventListener("mousemove", onMove);
    show(at(event));
  };
  document.addEventListener("mousemove", onMove);
  document.addEventListener("mouseup", onUp, { once: true });
  return null;
}

const MARK_PX = 4;

/** A triangle at the foot of the picture where a value is NaN or infinite. */
function markNotFinite(plot: uPlot, series: readonly Series[], each: number): void {
  const { ctx, bbox, data } = plot;
  const size = MARK_PX * devicePixelRatio;
  series.forEach(({ colour }, place) => {
    ctx.fillStyle = colour;
    for (const [index, value] of (data[1 + place * each] ?? []).entries()) {
      const x = value === null ? plot.valToPos(data[0][index] ?? 0, "x", true) : Number.NaN;
      if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
      const foot = bbox.top + bbox.height;
      ctx.beginPath();
      ctx.moveTo(x - size, foot);
      ctx.lineTo(x + size, foot);
      ctx.lineTo(x, foot - 2 * size);
      ctx.fill();
    }
  });
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
    return value === undefined
      ? null
      : { text: `${name}${value === null ? "NaN or infinite" : number(value)}${extra}`, colour: one.colour };
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
