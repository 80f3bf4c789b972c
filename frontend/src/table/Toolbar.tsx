import { changeChosen } from "../api/changes";
import type { Column } from "../api/types";
import { number, plural } from "../model/format";
import { attempt } from "../state/actions";
import { experiments, matched, searchError, statusCounts, table } from "../state/runs";
import { experiment, go, group, page, query, statuses } from "../state/view";
import { Lazy } from "../widgets/Lazy";
import { Popup } from "../widgets/Popup";
import { statusWord } from "../widgets/Status";
import { ColumnPicker } from "./ColumnPicker";
import { SearchBox } from "./SearchBox";

const ORDER = ["running", "finished", "failed", "killed", "scheduled", "unknown"];

/** Search, status chips, experiment, grouping, columns: what the table shows. */
export function Toolbar() {
  const { more, limit, runs } = table.value;
  return (
    <div class="toolbar" role="toolbar" aria-label="Which runs, and how">
      <SearchBox />
      <StatusChips />
      <ExperimentChoice />
      <Popup label="Which runs are read" button="Runs…">
        {() => <Lazy load={loadChooser} />}
      </Popup>
      <span class="count" aria-live="polite">
        {searchError.value
          ? "search not applied"
          : `${number(matched.value.filter((run) => !run.stub).length)} of ${plural(runs.filter((run) => !run.stub).length, "run")}`}
      </span>
      {more && (
        <button type="button" onClick={() => void attempt(() => changeChosen({ limit: limit + MORE }))}>
          Load more
        </button>
      )}
      {query.value.trim() && more && (
        <Popup label="Search at the place" button="Search all">
          {() => <Lazy load={loadPlaceSearch} />}
        </Popup>
      )}
      <span class="gap" />
      {page.value === "runs" && <GroupChoice />}
      <PageChoice />
      {page.value === "runs" && (
        <Popup label="Export" button="Export">
          {() => <Lazy load={loadExport} />}
        </Popup>
      )}
      {page.value === "runs" && (
        <Popup label="Columns" button="Columns">
          {() => <ColumnPicker />}
        </Popup>
      )}
    </div>
  );
}

const MORE = 1000;
const loadChooser = () => import("./Chooser").then((module) => module.Chooser);
const loadExport = () => import("./ExportChoice").then((module) => module.ExportChoice);
const loadPlaceSearch = () => import("./PlaceSearch").then((module) => module.PlaceSearch);

function StatusChips() {
  const counts = statusCounts.value;
  const on = statuses.value;
  const flip = (status: string) => {
    const next = new Set(on);
    if (!next.delete(status)) next.add(status);
    statuses.value = next;
  };
  return (
    <fieldset class="chips">
      <legend class="unseen">Only runs that are</legend>
      {ORDER.filter((status) => counts.has(status) || on.has(status)).map((status) => (
        <button
          key={status}
          type="button"
          class={`chip status ${status}`}
          aria-pressed={on.has(status)}
          onClick={() => flip(status)}
        >
          <span class="dot" aria-hidden="true" />
          {statusWord(status)} {number(counts.get(status) ?? 0)}
        </button>
      ))}
    </fieldset>
  );
}

function ExperimentChoice() {
  if (experiments.value.length < 2 && !experiment.value) return null;
  return (
    <select
      aria-label="Experiment"
      value={experiment.value}
      onChange={(event) => {
        experiment.value = event.currentTarget.value;
      }}
    >
      <option value="">all {experiments.value.length} experiments</option>
      {experiments.value.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function GroupChoice() {
  const telling = table.value.columns.filter((column: Column) => column.kind !== "metric" && column.varies);
  return (
    <select
      aria-label="Group by"
      value={group.value}
      onChange={(event) => {
        group.value = event.currentTarget.value;
      }}
    >
      <option value="">as a tree</option>
      <option value="parent">by parent</option>
      <option value="status">by status</option>
      {telling.map(({ key, kind, name }) => (
        <option key={key} value={key}>
          by {kind} {name}
        </option>
      ))}
    </select>
  );
}

function PageChoice() {
  return (
    <fieldset class="choice">
      <legend class="unseen">Show the runs as</legend>
      <button type="button" aria-pressed={page.value === "runs"} onClick={() => go({ page: "runs" })}>
        Table
      </button>
      <button type="button" aria-pressed={page.value === "sweep"} onClick={() => go({ page: "sweep" })}>
        Sweep
      </button>
    </fieldset>
  );
}
