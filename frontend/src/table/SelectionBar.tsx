import { plural } from "../model/format";
import { change, selected, selectedRuns, table } from "../state/runs";
import { go } from "../state/view";
import { DashboardLink } from "../widgets/DashboardLink";

export const COMPARED_AT_MOST = 10;

/** What can be done with the runs that are selected. */
export function SelectionBar() {
  const runs = selectedRuns.value;
  const ids = runs.map((run) => run.id);
  const hidden = table.value.runs.filter((run) => !run.shown).length;
  if (!runs.length) {
    return (
      <footer class="bar">
        <span class="hint">Ticked runs are those that TensorBoard's dashboards show. Click a row to select it.</span>
        <span class="gap" />
        {hidden > 0 && (
          <button type="button" onClick={() => void change({ all: true })}>
            Show all {plural(hidden, "hidden run")}
          </button>
        )}
      </footer>
    );
  }
  return (
    <footer class="bar">
      <b>{runs.length} selected</b>
      <button
        type="button"
        class="primary"
        disabled={runs.length < 2 || runs.length > COMPARED_AT_MOST}
        title={`Compare 2 to ${COMPARED_AT_MOST} runs`}
        onClick={() => go({ page: "compare", runs: ids })}
      >
        Compare
      </button>
      <DashboardLink dashboard="timeseries" runs={runs}>
        Open in Time Series
      </DashboardLink>
      <DashboardLink dashboard="hparams" runs={runs}>
        HParams
      </DashboardLink>
      <button type="button" onClick={() => void change({ only: ids })}>
        Show only these in the dashboards
      </button>
      <span class="gap" />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          selected.value = new Set();
        }}
      >
        Clear
      </button>
    </footer>
  );
}
