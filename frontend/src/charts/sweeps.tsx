import { ticks } from "d3-array";
import type { Better } from "../api/types";
import { number } from "../model/format";
import { bestSoFar, type Dimension, hasEnded, outcomeOf, type Trial } from "../model/sweep";
import { memo } from "../widgets/memo";
import { AcrossAxis, along, DownAxis, down, Picture } from "./picture";

/** Pictures of a sweep, drawn as SVG. Every mark is a run: hover or the arrow keys name it, a click or Enter opens it. */

interface MarkProps {
  trials: readonly Trial[];
  colour: (trial: Trial) => string;
  active: string;
  best: string; // id of the run that is marked as the best; "" for none
  onHover: (run: string) => void;
  onOpen: (run: string) => void;
  onKey: (event: KeyboardEvent) => void;
  isOut: (trial: Trial) => boolean; // drawn faintly
}

const DIMENSION_PX = 84; // at least so far apart

/** One axis for each param and the metric, one line for each run. */
export const ParallelCoordinates = memo((props: MarkProps & { dimensions: readonly Dimension[] }) => {
  const { dimensions, trials, colour, active, best } = props;
  const last = dimensions.length - 1;
  const weight = ({ run }: Trial) => (run.id === active ? 2 : run.id === best ? 1 : 0);
  const drawn = [...trials].sort((a, b) => weight(a) - weight(b));
  return (
    <Picture
      label={`${trials.length} runs over ${dimensions.map((d) => d.name).join(", ")}`}
      isBare
      atLeast={(dimensions.length + 1) * DIMENSION_PX}
      onKey={props.onKey}
    >
      {(width) => {
        const x = (index: number) => along(width)(last ? index / last : 0.5);
        return (
          <>
            <g class="marks">
              {drawn.map((trial) => (
                <path
                  key={trial.run.id}
                  d={lineOf(trial, dimensions, x)}
                  stroke={colour(trial)}
                  stroke-dasharray={hasEnded(trial) ? undefined : "5 4"}
                  class={`${active === trial.run.id ? "active" : active || props.isOut(trial) ? "faint" : ""} ${best === trial.run.id ? "first" : ""}`}
                  {...handlers(props, trial)}
                >
                  <title>{trial.run.label}</title>
                </path>
              ))}
            </g>
            {dimensions.map((dimension, index) => (
              <DownAxis key={dimension.key} x={x(index)} of={dimension} isRight={index === last && last > 0} named />
            ))}
          </>
        );
      }}
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

/** A run as a circle: hollow while it has not ended, with a ring around the best. */
function Mark({ of, trial, x, y, title }: { of: MarkProps; trial: Trial; x: number; y: number; title: string }) {
  const colour = of.colour(trial);
  const ended = hasEnded(trial);
  const names = [of.isOut(trial) ? "faint" : "", ended ? "" : "hollow"].join(" ");
  return (
    <>
      {of.best === trial.run.id && <circle class="ring" cx={x} cy={y} r={9} />}
      <circle
        cx={x}
        cy={y}
        r={of.active === trial.run.id ? 8 : 5}
        style={ended ? { fill: colour } : { fill: "var(--back)", stroke: colour }}
        class={names}
        {...handlers(of, trial)}
      >
        <title>{title}</title>
      </circle>
    </>
  );
}

interface ScatterProps extends MarkProps {
  x: Dimension;
  y: Dimension;
  index: number; // of x among the values
}

/** One param against the metric. */
export const Scatter = memo((props: ScatterProps) => {
  const { trials, x, y, index } = props;
  return (
    <Picture label={`${y.name} over ${x.name} of ${trials.length} runs`} onKey={props.onKey}>
      {(width) => (
        <>
          <AcrossAxis width={width} name={x.isLog ? `${x.name} (log)` : x.name} ticks={x.ticks} />
          <DownAxis x={along(width)(0)} of={y} isOutside named />
          {trials.map((trial) => {
            const at = x.place(trial.values[index] ?? null);
            const level = y.place(trial.values.at(-1) ?? null);
            if (at === null || level === null) return null;
            const title = `${trial.run.label}: ${trial.values[index]}, ${trial.values.at(-1)}`;
            return (
              <Mark key={trial.run.id} of={props} trial={trial} x={along(width)(at)} y={down(level)} title={title} />
            );
          })}
        </>
      )}
    </Picture>
  );
});

interface HistoryProps extends MarkProps {
  y: Dimension;
  better: Better;
}

/** The outcomes in the order in which the runs started, and the best until then. */
export const BestSoFar = memo((props: HistoryProps) => {
  const { trials, y, better } = props;
  const found = bestSoFar(trials, better);
  const place = (index: number) => (found.length > 1 ? index / (found.length - 1) : 0.5);
  const last = found.at(-1);
  const label = last && !Number.isNaN(last.best) ? `best so far ${number(last.best)}` : "no run has ended";
  const told = ticks(1, Math.max(1, found.length), 8)
    .filter(Number.isInteger)
    .map((tick) => ({ at: place(tick - 1), text: number(tick) }));
  return (
    <Picture label={label} onKey={props.onKey}>
      {(width) => (
        <>
          <AcrossAxis width={width} name="run, in the order of start" ticks={told} />
          <DownAxis x={along(width)(0)} of={y} isOutside named />
          <path class="best-so-far" d={stairs(found, (index) => along(width)(place(index)), y)} />
          {found.map(({ trial }, i) => (
            <Mark
              key={trial.run.id}
              of={props}
              trial={trial}
              x={along(width)(place(i))}
              y={down(y.place(outcomeOf(trial)) ?? 0)}
              title={`${trial.run.label}: ${outcomeOf(trial)}`}
            />
          ))}
        </>
      )}
    </Picture>
  );
});

function stairs(found: readonly { best: number }[], x: (index: number) => number, y: Dimension): string {
  let pen = "";
  return found
    .map(({ best }, i) => {
      if (Number.isNaN(best)) return "";
      const level = down(y.place(best) ?? 0).toFixed(1);
      const piece = pen ? `H${x(i).toFixed(1)}V${level}` : `M${x(i).toFixed(1)} ${level}`;
      pen = "drawn";
      return piece;
    })
    .join("");
}
