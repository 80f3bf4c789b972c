import { useSignal } from "@preact/signals";
import { line } from "d3-shape";
import { getAccuracy } from "../api/files";
import type { Accuracy, RateCurves } from "../api/types";
import { Plane, type PlaneScales } from "../charts/Plane";
import { dark } from "../host";
import { distinct } from "../model/colours";
import { number } from "../model/format";
import { useResource } from "../state/resource";
import { Loaded } from "../widgets/Loaded";
import type { FileProps } from "./Tables";

const DRAWN_AT_MOST = 12;

/** Precision over recall, and the ROC curve, of each class. */
export function AccuracyView({ run, path }: FileProps) {
  const answer = useResource((signal) => getAccuracy(run, path, signal), [run, path]);
  return <Loaded of={answer}>{(accuracy) => <RatePictures accuracy={accuracy} />}</Loaded>;
}

function RatePictures({ accuracy }: { accuracy: Accuracy }) {
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const place = useSignal(0.5);
  const classes = accuracy.classes
    .slice(0, DRAWN_AT_MOST)
    .map((one, i) => ({ ...one, colour: distinct(i, dark.value) }));
  const drawn = classes.filter(({ label }) => !hidden.value.has(label));
  return (
    <>
      <div class="planes">
        <section>
          <h4>Precision over recall</h4>
          <Plane title="Precision over recall" xLabel="recall" yLabel="precision" x={[0, 1]} y={[0, 1]}>
            {(scales) =>
              drawn.map((one) => (
                <Rate key={one.label} {...one} xs={one.recall} ys={one.precision} at={place.value} scales={scales} />
              ))
            }
          </Plane>
        </section>
        <section>
          <h4>ROC</h4>
          <Plane title="ROC curve" xLabel="false positive rate" yLabel="true positive rate" x={[0, 1]} y={[0, 1]}>
            {(scales) => (
              <>
                <line class="chance" x1={scales.x(0)} y1={scales.y(0)} x2={scales.x(1)} y2={scales.y(1)} />
                {drawn.map((one) => (
                  <Rate
                    key={one.label}
                    {...one}
                    xs={one.false_positive_rate}
                    ys={one.recall}
                    at={place.value}
                    scales={scales}
                  />
                ))}
              </>
            )}
          </Plane>
        </section>
      </div>
      <label class="line">
        Threshold{" "}
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          value={place.value}
          onInput={(event) => {
            place.value = Number(event.currentTarget.value);
          }}
        />
        <output>{place.value.toFixed(2)}</output>
      </label>
      <RateTable classes={classes} hidden={hidden} at={place.value} />
      {accuracy.classes.length > DRAWN_AT_MOST && (
        <p class="hint padded">
          The first {DRAWN_AT_MOST} of {accuracy.classes.length} classes.
        </p>
      )}
    </>
  );
}

interface RateProps {
  colour: string;
  xs: readonly (number | null)[];
  ys: readonly (number | null)[];
  thresholds: readonly number[];
  at: number;
  scales: PlaneScales;
}

function Rate({ colour, xs, ys, thresholds, at, scales }: RateProps) {
  const index = nearest(thresholds, at);
  const [x, y] = [xs[index], ys[index]];
  const path = line<number>()
    .defined((i) => xs[i] !== null && ys[i] !== null)
    .x((i) => scales.x(xs[i] ?? 0))
    .y((i) => scales.y(ys[i] ?? 0));
  return (
    <g>
      <path d={path([...thresholds.keys()]) ?? ""} stroke={colour} />
      {typeof x === "number" && typeof y === "number" && (
        <circle cx={scales.x(x)} cy={scales.y(y)} r={4} fill={colour} />
      )}
    </g>
  );
}

function nearest(thresholds: readonly number[], wanted: number): number {
  return thresholds.reduce((best, threshold, i) => {
    return Math.abs(threshold - wanted) < Math.abs((thresholds[best] ?? 0) - wanted) ? i : best;
  }, 0);
}

interface RateTableProps {
  classes: readonly (RateCurves & { colour: string })[];
  hidden: { value: ReadonlySet<string> };
  at: number;
}

function RateTable({ classes, hidden, at }: RateTableProps) {
  const told = (value: number | null | undefined) => (typeof value === "number" ? number(value) : "none");
  const flip = (label: string) => {
    const next = new Set(hidden.value);
    if (!next.delete(label)) next.add(label);
    hidden.value = next;
  };
  return (
    <table class="plain">
      <thead>
        <tr>
          {["Class", "Average precision", "Area under ROC", "Precision here", "Recall here"].map((title) => (
            <th key={title} scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {classes.map((one) => {
          const index = nearest(one.thresholds, at);
          return (
            <tr key={one.label}>
              <th scope="row">
                <label>
                  <input type="checkbox" checked={!hidden.value.has(one.label)} onChange={() => flip(one.label)} />{" "}
                  <span class="swatch" style={{ background: one.colour }} aria-hidden="true" /> <bdi>{one.label}</bdi>
                </label>
              </th>
              <td>{told(one.average_precision)}</td>
              <td>{told(one.area)}</td>
              <td>{told(one.precision[index])}</td>
              <td>{told(one.recall[index])}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
