import { type ScaleContinuousNumeric, scaleLinear } from "d3-scale";
import type { ComponentChildren } from "preact";

export interface PlaneScales {
  x: ScaleContinuousNumeric<number, number>;
  y: ScaleContinuousNumeric<number, number>;
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
  const across = scaleLinear()
    .domain(x)
    .range([EDGE.left, WIDTH - EDGE.right]);
  const down = scaleLinear()
    .domain(y)
    .range([HEIGHT - EDGE.bottom, EDGE.top]);
  const [bottom, left] = [HEIGHT - EDGE.bottom, EDGE.left];
  const format = { x: across.tickFormat(6), y: down.tickFormat(6) };
  return (
    <svg class="plane" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
      <g class="axis">
        {across.ticks(6).map((tick) => (
          <g key={tick} transform={`translate(${across(tick)} 0)`}>
            <line class="rule" y1={EDGE.top} y2={bottom} />
            <text y={bottom + 15} text-anchor="middle">
              {format.x(tick)}
            </text>
          </g>
        ))}
        {down.ticks(6).map((tick) => (
          <g key={tick} transform={`translate(0 ${down(tick)})`}>
            <line class="rule" x1={left} x2={WIDTH - EDGE.right} />
            <text x={left - 6} y={4} text-anchor="end">
              {format.y(tick)}
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
