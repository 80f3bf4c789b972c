import { extent } from "d3-array";
import { getBins } from "../api/files";
import type { Bins } from "../api/types";
import { Plane } from "../charts/Plane";
import { number } from "../model/format";
import { useResource } from "../state/resource";
import { Loaded } from "../widgets/Loaded";
import type { FileProps } from "./Tables";

/** Residuals as a histogram; predictions over true values with their standard errors. */
export function BinsView({ run, path }: FileProps) {
  const answer = useResource((signal) => getBins(run, path, signal), [run, path]);
  return (
    <Loaded of={answer}>
      {(bins) => (
        <div class="planes">
          <Histogram bins={bins} />
          {bins.averages.length > 0 && <Predictions bins={bins} />}
        </div>
      )}
    </Loaded>
  );
}

function Histogram({ bins }: { bins: Bins }) {
  const { edges, counts } = bins;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  return (
    <section>
      <h4>How many</h4>
      <Plane
        title={`${counts.length} bins`}
        xLabel="value"
        yLabel="count"
        x={[edges[0] ?? 0, edges.at(-1) ?? 1]}
        y={[0, most]}
      >
        {({ x, y }) =>
          counts.map((count, i) => {
            const [from = 0, to = 0] = [edges[i], edges[i + 1]];
            const told = `${number(from)} to ${number(to)}: ${number(count)}`;
            return (
              <rect
                key={from}
                class="bar"
                x={x(from) + 0.5}
                width={Math.max(1, x(to) - x(from) - 1)}
                y={y(count)}
                height={y(0) - y(count)}
              >
                <title>{told}</title>
              </rect>
            );
          })
        }
      </Plane>
    </section>
  );
}

function Predictions({ bins: { edges, averages, errors } }: { bins: Bins }) {
  const points = averages.flatMap((average, i) => {
    const middle = ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2;
    return average === null ? [] : [{ middle, average, error: errors[i] ?? 0 }];
  });
  const [low = 0, high = 1] = extent(
    points.flatMap(({ middle, average, error }) => [middle, average - error, average + error]),
  );
  return (
    <section>
      <h4>Predicted over true</h4>
      <Plane title="Predicted over true values" xLabel="true" yLabel="predicted" x={[low, high]} y={[low, high]}>
        {({ x, y }) => (
          <>
            <line class="chance" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />
            {points.map(({ middle, average, error }) => (
              <g key={middle} class="estimate">
                <line x1={x(middle)} x2={x(middle)} y1={y(average - error)} y2={y(average + error)} />
                <circle cx={x(middle)} cy={y(average)} r={4}>
                  <title>{`${number(middle)}: ${number(average)} ± ${number(error)}`}</title>
                </circle>
              </g>
            ))}
          </>
        )}
      </Plane>
    </section>
  );
}
