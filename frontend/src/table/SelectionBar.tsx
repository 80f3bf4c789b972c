import { changeChosen } from "../api/changes";
import { plural } from "../model/format";
import { attempt, change, refusal, undo, undoable } from "../state/actions";
import { metricColumns, selected, selectedRuns, table } from "../state/runs";
import { go } from "../state/view";
import { DashboardLink } from "../widgets/DashboardLink";
import { Lazy } from "../widgets/Lazy";
import { Popup } from "../widgets/Popup";

export const COMPARED_AT_MOST = 10;

/** What can be done with the runs that are selected, or with what the dashboards show. */
export function SelectionBar() {
  if (!table.value.runs.length && !refusal.value) return null;
  return (
    <footer class="bar">
      {selectedRuns.value.length ? <Selected /> : <Idle />}
      {refusal.value && (
        <p class="why" role="alert">
          {refusal.value}
        </p>
      )}
    </footer>
  );
}

function Idle() {
  const hidden = table.value.runs.filter((run) => !run.shown && !run.stub).length;
  return (
    <>
      <span class="hint">Ticked runs are those that TensorBoard's dashboards show. Click a row to select it.</span>
      <span class="gap" />
      <Undo />
      {metricColumns.value.length > 0 && (
        <Popup label="The best runs" button="Only the best…">
          {(close) => <Lazy load={loadTop} onDone={close} />}
        </Popup>
      )}
      {hidden > 0 && (
        <button type="button" onClick={() => void change({ all: true })}>
          Show all {plural(hidden, "hidden run")}
        </button>
      )}
    </>
  );
}

const loadTop = () => import("./TopChoice").then((module) => module.TopChoice);

function Selected() {
  const runs = selectedRuns.value.filter((run) => !run.stub);
  const ids = runs.map((run) => run.id);
  return (
    <>
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
      <DashboardLink dashboard="images" runs={runs}>
        Images
      </DashboardLink>
      <button type="button" title="The dashboards show these and no others" onClick={() => void change({ only: ids })}>
        Show only these
      </button>
      <button
        type="button"
        title="These runs are read no longer; nothing is deleted, Runs… brings them back"
        onClick={() => void attempt(() => changeChosen({ remove_runs: ids }))}
      >
        Remove from TensorBoard
      </button>
      <span class="gap" />
      <Undo />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          selected.value = new Set();
        }}
      >
        Clear
      </button>
    </>
  );
}

function Undo() {
  if (!undoable.value) return null;
  return (
    <button type="button" onClick={() => void undo()}>
      Undo
    </button>
  );
}
