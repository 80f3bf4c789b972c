import { useSignal } from "@preact/signals";
import type { Better } from "../api/types";
import { change } from "../state/actions";
import { metricColumns } from "../state/runs";

/** Has the dashboards show only the best runs by a metric. */
export function TopChoice({ onDone }: { onDone: () => void }) {
  const metrics = metricColumns.value;
  const usual = metrics[0];
  const count = useSignal(10);
  const metric = useSignal(usual?.name ?? "");
  const better = useSignal<Better>(usual?.better === "lower" ? "lower" : "higher");
  if (!usual) return <p class="hint">No run has logged a metric yet.</p>;
  const onMetric = (name: string) => {
    const known = metrics.find((one) => one.name === name)?.better;
    metric.value = name;
    if (known === "lower" || known === "higher") better.value = known;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void change({ top: { count: count.value, metric: metric.value, better: better.value } }).then(onDone);
      }}
    >
      <label class="line">
        The best{" "}
        <input
          type="number"
          min="1"
          max="1000"
          value={count.value}
          onInput={(event) => {
            count.value = Math.max(1, Number(event.currentTarget.value) || 1);
          }}
        />{" "}
        runs
      </label>
      <label class="line">
        by{" "}
        <select value={metric.value} onChange={(event) => onMetric(event.currentTarget.value)}>
          {metrics.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="line">
        where{" "}
        <select
          value={better.value}
          onChange={(event) => {
            better.value = event.currentTarget.value as Better;
          }}
        >
          <option value="lower">lower is better</option>
          <option value="higher">higher is better</option>
        </select>
      </label>
      <button type="submit" class="primary">
        Show only these in the dashboards
      </button>
    </form>
  );
}
