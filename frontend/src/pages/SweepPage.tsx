import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { RequestError } from "../api/client";
import { getRuns } from "../api/reads";
import type { Column, RunTable } from "../api/types";
import { BestSoFar, ParallelCoordinates, Scatter } from "../charts/sweeps";
import { dark } from "../host";
import { number } from "../model/format";
import {
  dimension,
  goodness,
  hasEnded,
  outcomeOf,
  type Ranges,
  runByKey,
  type Trial,
  telling,
  trialsOf,
  trialsWithin,
  varyingParams,
} from "../model/sweep";
import { byId, matched, metricColumns, table } from "../state/runs";
import { go, sweepMetric } from "../state/view";
import { Toolbar } from "../table/Toolbar";
import { Card } from "../widgets/cards";
import { type Scales, SweepRanges } from "./SweepRanges";

const DRAWN_AT_MOST = 1000;

/** The runs that the search finds, as one sweep: which params made the metric better. */
export function SweepPage() {
  const metrics = metricColumns.value;
  const metric = metrics.find(({ name }) => name === sweepMetric.value) ?? metrics[0];
  const params = varyingParams(table.value.columns);
  return (
    <main class="runs">
      <Toolbar />
      {metric ? (
        <>
          <label class="line">
            Outcome{" "}
            <select
              value={metric.name}
              onChange={(event) => {
                sweepMetric.value = event.currentTarget.value;
              }}
            >
              {metrics.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>{" "}
            <small>
              {
                { lower: "lower is better", higher: "higher is better", unknown: "which way is better is not known" }[
                  metric.better
                ]
              }
            </small>
          </label>
          <Sweep columns={[...params, metric]} metric={metric} />
        </>
      ) : (
        <Card title="No metric yet">
          <p>A sweep is drawn by how its runs came out; none of these has logged a metric.</p>
        </Card>
      )}
    </main>
  );
}

function Sweep({ columns, metric }: { columns: Column[]; metric: Column }) {
  const values = useSignal<RunTable | null>(null);
  const problem = useSignal("");
  const keys = columns.map(({ key }) => key);
  useEffect(() => {
    let wanted = true;
    getRuns(keys).then(
      (found) => {
        if (!wanted) return;
        values.value = found;
        problem.value = "";
      },
      (error: unknown) => {
        if (error instanceof RequestError) problem.value = error.message;
      },
    );
    return () => {
      wanted = false;
    };
  }, [keys.join("\n"), table.value.version]);
  const found = values.value;
  if (problem.value) return <p class="why">{problem.value}</p>;
  if (!found || keys.some((key) => !found.cells.includes(key))) return <div class="waiting" aria-busy="true" />;
  const all = trialsOf(found, matched.value, columns);
  if (!all.length) {
    return (
      <Card title="Nothing to draw">
        <p>None of these runs has a finite {metric.name}.</p>
      </Card>
    );
  }
  const drawn = telling(all.slice(-DRAWN_AT_MOST), columns);
  return <Pictures {...drawn} of={all.length} metric={metric} />;
}

interface PicturesProps {
  trials: Trial[];
  of: number;
  columns: Column[];
  metric: Column;
}

function Pictures({ trials, of, columns, metric }: PicturesProps) {
  const active = useSignal("");
  const ranges = useSignal<Ranges>(new Map());
  const against = useSignal(columns[0]?.key ?? "");
  const scales = useSignal<Scales>(new Map());
  const usual = useRef(new Map<string, boolean>()); // what was drawn first stays: an axis does not turn by itself
  const dimensions = columns.map((column, place) => {
    const values = trials.map((trial) => trial.values[place] ?? null);
    const found = dimension(column, values, scales.value.get(column.key) ?? usual.current.get(column.key));
    if (!usual.current.has(column.key) && trials.length > 1) usual.current.set(column.key, found.isLog);
    return found;
  });
  const outcome = dimensions.at(-1);
  const index = Math.max(
    0,
    columns.findIndex(({ key }) => key === against.value),
  );
  const x = dimensions[index];
  const good = goodness(trials, metric.better);
  if (!outcome || !x) return null;
  const within = trialsWithin(trials, columns, ranges.value);
  const ranked = [...within].sort((one, other) => good(other) - good(one));
  const inside = new Set(within);
  const ended = [...trials].filter(hasEnded).sort((one, other) => good(other) - good(one));
  const best = metric.better === "unknown" ? "" : (ended[0]?.run.id ?? "");
  const open = (run: string) => go({ page: "run", run });
  const marks = {
    trials,
    colour: (trial: Trial) => (trial.run.id === best ? "var(--accent)" : shade(good(trial))),
    best,
    active: active.value,
    onHover: (run: string) => {
      active.value = run;
    },
    onOpen: open,
    isOut: (trial: Trial) => !inside.has(trial),
    onKey: (event: KeyboardEvent) => {
      const next = runByKey(ranked, active.value, event.key);
      if (next) active.value = next;
      else if (event.key === "Enter" && active.value) open(active.value);
      else return;
      event.preventDefault();
    },
  };
  return (
    <div class="pictures">
      {of > trials.length && (
        <p class="hint">
          The newest {trials.length} of {of} runs.
        </p>
      )}
      <section>
        <h3>Params and outcome</h3>
        <ParallelCoordinates {...marks} dimensions={dimensions} />
        <Legend trials={trials} best={ended[0]} isKnown={best !== ""} good={good} />
        <p id="sweep-said" class="hint" aria-live="polite">
          {active.value
            ? said(trials, active.value, columns)
            : "Each line is a run. Arrow keys go from the best to the worst; a click or Enter opens one."}
        </p>
        <SweepRanges columns={columns} trials={trials} within={within} ranges={ranges} scales={scales} />
      </section>
      <section>
        <h3>
          {metric.name} over{" "}
          <select
            aria-label="Param"
            value={against.value}
            onChange={(event) => {
              against.value = event.currentTarget.value;
            }}
          >
            {columns.slice(0, -1).map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </h3>
        <Scatter {...marks} x={x} y={outcome} index={index} />
      </section>
      <section>
        <h3>Best so far, in the order of start</h3>
        <BestSoFar {...marks} y={outcome} better={metric.better} />
      </section>
    </div>
  );
}

interface LegendProps {
  trials: readonly Trial[];
  best: Trial | undefined;
  isKnown: boolean; // which way is better
  good: (trial: Trial) => number;
}

/** What the colours and marks mean, with the outcomes at both ends of the scale and in its middle. */
function Legend({ trials, best, isKnown, good }: LegendProps) {
  const ranked = [...trials].sort((one, other) => good(one) - good(other)).map(outcomeOf);
  const [low, middle, high] = [ranked[0], ranked[Math.floor((ranked.length - 1) / 2)], ranked.at(-1)].map((value) =>
    number(value ?? Number.NaN),
  );
  return (
    <p class="scale">
      <span>
        {isKnown ? "worse" : "lower"} {low}
      </span>
      <span class="ramp" style={{ background: `linear-gradient(to right, ${ramp().join(", ")})` }} />
      <span>
        {high} {isKnown ? "better" : "higher"} <small>by rank; half way {middle}</small>
      </span>
      {isKnown && best && (
        <span>
          <span class="key best-key" /> best that has ended: <bdi>{best.run.label}</bdi>
        </span>
      )}
      {trials.some((trial) => !hasEnded(trial)) && (
        <span>
          <span class="key hollow-key" /> hollow, dashed: still running, not counted as best
        </span>
      )}
    </p>
  );
}

function said(trials: readonly Trial[], id: string, columns: readonly Column[]): string {
  const trial = trials.find(({ run }) => run.id === id);
  if (!trial) return "";
  const parts = columns.map(({ name }, place) => {
    const value = trial.values[place];
    return `${name} ${typeof value === "number" ? number(value) : (value ?? "none")}`;
  });
  return `${byId.value.get(id)?.label ?? id}: ${parts.join(", ")}`;
}

/** From the worst to the best. */
function ramp(): [string, string] {
  return dark.value ? ["#56657f", "#a5d2ff"] : ["#b4c3d9", "#123f82"];
}

/** The colour of an outcome, 0 the worst and 1 the best. */
function shade(share: number): string {
  const [worst, best] = ramp();
  return `color-mix(in srgb, ${best} ${Math.round(100 * share)}%, ${worst})`;
}
