import { ticks } from "d3-array";
import type { ComponentChildren } from "preact";
import { linear, type Scale } from "../model/scale";

export interface PlaneScales {
  x: Scale;
  y: Scale;
}

interface Props {
  title: string;
  xLabel: string;
  yLabel: string;
  x: [number, number];
  y: [number, number];
  children: (scales: PlaneScales) => ComponentChildren;
}

const WIDTH = 460;
const HEIGHT = 360;
const EDGE = { left: 56, right: 14, top: 12, bottom: 42 };

/** Two axes with ticks, for what is drawn within. */
export function Plane({ title, xLabel, yLabel, x, y, children }: Props) {
  const [bottom, left] = [HEIGHT - EDGE.bottom, EDGE.left];
  const across = linear(x, [left, WIDTH - EDGE.right]);
  const down = linear(y, [bottom, EDGE.top]);
  return (
    <svg class="plane" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
      <g class="axis">
        {ticks(...x, 6).map((tick) => (
          <g key={tick} transform={`translate(${across(tick)} 0)`}>
            <line class="rule" y1={EDGE.top} y2={bottom} />
            <text y={bottom + 15} text-anchor="middle">
              {tick}
            </text>
          </g>
        ))}
        {ticks(...y, 6).map((tick) => (
          <g key={tick} transform={`translate(0 ${down(tick)})`}>
            <line class="rule" x1={left} x2={WIDTH - EDGE.right} />
            <text x={left - 6} y={4} text-anchor="end">
              {tick}
            </text>
          </g>
        ))}
        <text class="name" x={(left + WIDTH - EDGE.right) / 2} y={HEIGHT - 8} text-anchor="middle">
          {xLabel}
        </text>
        <text class="name" transform={`translate(14 ${(EDGE.top + bottom) / 2}) rotate(-90)`} text-anchor="middle">
          {yLabel}
        </text>
      </g>
      {children({ x: across, y: down })}
    </svg>
  );
}
