import { useComputed, useSignal } from "@preact/signals";
import { ChartOptions } from "../charts/ChartOptions";
import { MetricCard } from "../charts/MetricCard";
import { shownRun } from "../state/run";
import { byId, colourOf } from "../state/runs";

/** Every curve of the run, all points within reach of a zoom. */
export function Metrics() {
  const wanted = useSignal("");
  const names = useComputed(() => (shownRun.value?.metrics ?? []).map(({ metric }) => metric));
  const run = shownRun.value;
  if (!run) return null;
  const text = wanted.value.toLowerCase();
  const found = names.value.filter((name) => name.toLowerCase().includes(text));
  const row = byId.value.get(run.id);
  const colour = (row && colourOf.value(row)) ?? "#12b5cb";
  return (
    <div class="metrics">
      <div class="toolbar" role="toolbar" aria-label="How curves are drawn">
        <input
          type="search"
          aria-label="Find a metric"
          placeholder="Find a metric"
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
        <ChartOptions />
      </div>
      <div class="cards">
        {found.map((name) => (
          <MetricCard
            key={name}
            metric={name}
            runs={[{ id: run.id, name: run.name, label: run.label, colour, startS: run.start_s }]}
            version={run.metrics.find(({ metric }) => metric === name)?.wall_time_s ?? 0}
          />
        ))}
      </div>
      {!found.length && <p class="hint">No metric of this run has that in its name.</p>}
    </div>
  );
}
