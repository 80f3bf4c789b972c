import type { ComponentChildren } from "preact";
import type { Better } from "../api/types";
import { number } from "../model/format";
import { bestSoFar, type Dimension, type Trial } from "../model/sweep";
import { memo } from "../widgets/memo";

/** Pictures of a sweep, drawn as SVG. Every mark is a run: hover or the arrow keys name it, a click or Enter opens it. */

interface MarkProps {
  trials: readonly Trial[];
  colour: (trial: Trial) => string;
  active: string;
  onHover: (run: string) => void;
  onOpen: (run: string) => void;
  onKey: (event: KeyboardEvent) => void;
  isOut: (trial: Trial) => boolean; // drawn faintly
}

const WIDE = 900;
const NARROW = 620; // two stand side by side
const HEIGHT = 300;
const TOP = 34;
const BOTTOM = 24;
const SIDE = 60;

const down = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
const along = (width: number) => (share: number) => SIDE + share * (width - 2 * SIDE);
const across = along(NARROW);

function short(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

/** What holds the marks, and takes the keys for them. */
function Picture({
  label,
  width = NARROW,
  onKey,
  children,
}: {
  label: string;
  width?: number;
  onKey: MarkProps["onKey"];
  children: ComponentChildren;
}) {
  return (
    <svg
      class="sweep"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={label}
      aria-describedby="sweep-said"
      tabindex={0} // as SVG spells it: one stop for all marks; the arrow keys go through them
      onKeyDown={onKey}
    >
      {children}
    </svg>
  );
}

/** One axis for each param and the metric, one line for each run. */
export const ParallelCoordinates = memo((props: MarkProps & { dimensions: readonly Dimension[] }) => {
  const { dimensions, trials, colour, active } = props;
  const x = (index: number) => along(WIDE)(dimensions.length > 1 ? index / (dimensions.length - 1) : 0.5);
  const drawn = [...trials].sort((a, b) => Number(a.run.id === active) - Number(b.run.id === active));
  return (
    <Picture
      width={WIDE}
      label={`${trials.length} runs over ${dimensions.map((d) => d.name).join(", ")}`}
      onKey={props.onKey}
    >
      <g class="marks">
        {drawn.map((trial) => (
          <path
            key={trial.run.id}
            d={lineOf(trial, dimensions, x)}
            stroke={colour(trial)}
            class={active === trial.run.id ? "active" : active || props.isOut(trial) ? "faint" : ""}
            {...handlers(props, trial)}
          >
            <title>{trial.run.label}</title>
          </path>
        ))}
      </g>
      {dimensions.map((dimension, index) => (
        <g key={dimension.key} class="axis" transform={`translate(${x(index)} 0)`}>
          <line y1={down(1)} y2={down(0)} />
          <text y={TOP - 16} text-anchor="middle" class="name">
            {short(dimension.name)}
            <title>{dimension.name}</title>
          </text>
          {dimension.ticks.map(({ at, text }) => (
            <text
              key={text}
              x={index === dimensions.length - 1 ? 6 : -6}
              y={down(at) + 4}
              text-anchor={index === dimensions.length - 1 ? "start" : "end"}
            >
              {short(text)}
            </text>
          ))}
        </g>
      ))}
    </Picture>
  );
});

function lineOf(trial: Trial, dimensions: readonly Dimension[], x: (index: number) => number): string {
  let pen = "M";
  return dimensions
    .map((dimension, index) => {
      const at = dimension.place(trial.values[index] ?? null);
      const piece = at === null ? "" : `${pen}${x(index).toFixed(1)} ${down(at).toFixed(1)}`;
      pen = at === null ? "M" : "L";
      return piece;
    })
    .join("");
}

function handlers({ onHover, onOpen }: MarkProps, trial: Trial) {
  return {
    onMouseEnter: () => onHover(trial.run.id),
    onMouseLeave: () => onHover(""),
    onClick: () => onOpen(trial.run.id),
  };
}

interface ScatterProps extends MarkProps {
  x: Dimension;
  y: Dimension;
  index: number; // of x among the values
}

/** One param against the metric. */
export const Scatter = memo((props: ScatterProps) => {
  const { trials, x, y, index, colour, active } = props;
  return (
    <Picture label={`${y.name} over ${x.name} of ${trials.length} runs`} onKey={props.onKey}>
      <Frame x={x} y={y} />
      {trials.map((trial) => {
        const at = x.place(trial.values[index] ?? null);
        const level = y.place(trial.values.at(-1) ?? null);
        return at === null || level === null ? null : (
          <circle
            key={trial.run.id}
            cx={across(at)}
            cy={down(level)}
            r={active === trial.run.id ? 8 : 5}
            fill={colour(trial)}
            class={props.isOut(trial) ? "faint" : ""}
            {...handlers(props, trial)}
          >
            <title>{`${trial.run.label}: ${trial.values[index]}, ${trial.values.at(-1)}`}</title>
          </circle>
        );
      })}
    </Picture>
  );
});

function Frame({ x, y }: { x: Dimension; y: Dimension }) {
  return (
    <g class="axis">
      <line x1={across(0)} x2={across(1)} y1={down(0)} y2={down(0)} />
      <line x1={across(0)} x2={across(0)} y1={down(0)} y2={down(1)} />
      {x.ticks.map(({ at, text }) => (
        <text key={text} x={across(at)} y={down(0) + 16} text-anchor="middle">
          {short(text)}
        </text>
      ))}
      {y.ticks.map(({ at, text }) => (
        <text key={text} x={across(0) - 6} y={down(at) + 4} text-anchor="end">
          {short(text)}
        </text>
      ))}
    </g>
  );
}

interface HistoryProps extends MarkProps {
  y: Dimension;
  better: Better;
}

/** The outcomes in the order in which the runs started, and the best until then. */
export const BestSoFar = memo((props: HistoryProps) => {
  const { trials, y, better, colour, active } = props;
  const found = bestSoFar(trials, better);
  const x = (index: number) => across(found.length > 1 ? index / (found.length - 1) : 0.5);
  const level = (value: number) => down(y.place(value) ?? 0);
  const stairs = found.map(({ best }, i) =>
    i ? `H${x(i).toFixed(1)}V${level(best).toFixed(1)}` : `M${x(0)} ${level(best)}`,
  );
  const last = found.at(-1);
  return (
    <Picture label={last ? `best so far ${number(last.best)}` : "no runs"} onKey={props.onKey}>
      <g class="axis">
        <line x1={across(0)} x2={across(1)} y1={down(0)} y2={down(0)} />
        {y.ticks.map(({ at, text }) => (
          <text key={text} x={across(0) - 6} y={down(at) + 4} text-anchor="end">
            {short(text)}
          </text>
        ))}
      </g>
      <path class="best-so-far" d={stairs.join("")} />
      {found.map(({ trial, value }, i) => (
        <circle
          key={trial.run.id}
          cx={x(i)}
          cy={level(value)}
          r={active === trial.run.id ? 7 : 4}
          fill={colour(trial)}
          class={props.isOut(trial) ? "faint" : ""}
          {...handlers(props, trial)}
        >
          <title>{`${trial.run.label}: ${value}`}</title>
        </circle>
      ))}
    </Picture>
  );
});
