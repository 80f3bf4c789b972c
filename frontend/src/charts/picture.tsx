import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Dimension } from "../model/sweep";

/** A picture as wide as its place, one unit a pixel, and the axes of it. */

const HEIGHT = 320;
const TOP = 44;
const BOTTOM = 48; // for an axis with its ticks and name
const SIDE = 76;
const PAD = 12; // between an axis and the marks next to it
const LETTER = 6.2; // about so wide

/** Where a share of the height, or of a width, stands. */
export const down = (share: number) => HEIGHT - BOTTOM - PAD - share * (HEIGHT - TOP - BOTTOM - 2 * PAD);
export const along = (width: number) => (share: number) => SIDE + share * (width - 2 * SIDE);

interface PictureProps {
  label: string;
  isBare?: boolean; // no axis stands below
  atLeast?: number; // so wide, in pixels; it scrolls where there is less room
  onKey: (event: KeyboardEvent) => void;
  children: (width: number) => ComponentChildren;
}

/** What holds the marks, and takes the keys for them. */
export function Picture({ label, isBare = false, atLeast = 0, onKey, children }: PictureProps) {
  const svg = useRef<SVGSVGElement>(null);
  const width = useSignal(0);
  useLayoutEffect(() => {
    const element = svg.current;
    if (!element) return;
    const look = () => {
      width.value = element.getBoundingClientRect().width;
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <svg
      ref={svg}
      class="sweep"
      height={isBare ? HEIGHT - BOTTOM + PAD : HEIGHT}
      style={{ minWidth: `${atLeast}px` }}
      role="img"
      aria-label={label}
      aria-describedby="sweep-said"
      tabindex={0} // as SVG spells it: one stop for all marks; the arrow keys go through them
      onKeyDown={onKey}
    >
      {width.value > 0 && children(width.value)}
    </svg>
  );
}

interface DownProps {
  x: number;
  of: Dimension;
  named?: boolean;
  isRight?: boolean; // its labels
  isOutside?: boolean; // nothing is drawn on the line itself
}

/** An axis from the top to the bottom. Its labels stand on a ground of their own, for lines that pass behind them. */
export function DownAxis({ x, of, named = false, isRight = false, isOutside = false }: DownProps) {
  const left = isOutside ? x - PAD : x;
  return (
    <g class="axis" transform={`translate(${left} 0)`}>
      <line y1={down(1) - PAD} y2={down(0) + PAD} />
      {named && (
        <text y={TOP - 18} text-anchor="middle" class="name">
          {short(of.name)}
          {of.isLog && " (log)"}
          <title>{of.name}</title>
        </text>
      )}
      {of.ticks.map(({ at, text }) => {
        const width = short(text).length * LETTER + 6;
        return (
          <g key={text} transform={`translate(0 ${down(at)})`}>
            <line x1={-4} x2={isOutside ? 0 : 4} />
            <rect class="ground" x={isRight ? 6 : -6 - width} y={-8} width={width} height={16} rx={3} />
            <text x={isRight ? 9 : -9} y={4} text-anchor={isRight ? "start" : "end"}>
              {short(text)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

interface AcrossProps {
  width: number;
  name: string;
  ticks: Dimension["ticks"];
}

export function AcrossAxis({ width, name, ticks }: AcrossProps) {
  const [from, to] = [along(width)(0) - PAD, along(width)(1) + PAD];
  return (
    <g class="axis" transform={`translate(0 ${HEIGHT - BOTTOM})`}>
      <line x1={from} x2={to} />
      {ticks.map(({ at, text }) => (
        <g key={text} transform={`translate(${along(width)(at)} 0)`}>
          <line y2={4} />
          <text y={17} text-anchor="middle">
            {short(text)}
          </text>
        </g>
      ))}
      <text x={(from + to) / 2} y={38} text-anchor="middle" class="name">
        {name}
      </text>
    </g>
  );
}

function short(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}
