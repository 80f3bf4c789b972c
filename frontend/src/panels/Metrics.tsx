import { useComputed, useSignal } from "@preact/signals";
import type { RunDetail } from "../api/types";
import { ChartOptions } from "../charts/ChartOptions";
import { type DrawnRun, MetricCard } from "../charts/MetricCard";
import { metricsFirst } from "../model/metrics";
import { shownRun } from "../state/run";
import { byId, colourOf } from "../state/runs";
import { Filter } from "../widgets/Filter";

/** Every curve of the run, all points within reach of a zoom. */
export function Metrics() {
  const wanted = useSignal("");
  const names = useComputed(() => metricsFirst((shownRun.value?.metrics ?? []).map(({ metric }) => metric)));
  const run = shownRun.value;
  if (!run) return null;
  const text = wanted.value.toLowerCase();
  const found = names.value.filter((name) => name.toLowerCase().includes(text));
  return (
    <div class="metrics">
      <div class="toolbar" role="toolbar" aria-label="How curves are drawn">
        <Filter text={wanted} label="Find a metric" />
        <ChartOptions />
      </div>
      <div class="cards">
        {found.map((name) => (
          <MetricCard
            key={name}
            metric={name}
            runs={[drawnAs(run)]}
            version={run.metrics.find(({ metric }) => metric === name)?.wall_time_s ?? 0}
          />
        ))}
      </div>
      {!found.length && <p class="hint padded">No metric of this run has that in its name.</p>}
    </div>
  );
}

/** A run in a picture of its own. */
export function drawnAs(run: RunDetail): DrawnRun {
  const row = byId.value.get(run.id);
  const colour = (row && colourOf.value(row)) ?? "#12b5cb";
  return { id: run.id, name: run.name, label: run.label, colour, startS: run.start_s };
}
