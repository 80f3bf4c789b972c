import { MetricCard } from "../charts/MetricCard";
import { metricsFirst } from "../model/metrics";
import { shownRun } from "../state/run";
import { drawnAs } from "./Metrics";

const FEW = 3;

/** The first few curves of a run. */
export function Thumbnails() {
  const run = shownRun.value;
  if (!run) return null;
  const curves = metricsFirst(run.metrics.map(({ metric }) => metric)).slice(0, FEW);
  return (
    <div class="cards flush">
      {curves.map((name) => (
        <MetricCard
          key={name}
          metric={name}
          runs={[drawnAs(run)]}
          version={run.metrics.find(({ metric }) => metric === name)?.wall_time_s ?? 0}
        />
      ))}
    </div>
  );
}
