import { setPaused } from "../api/changes";
import { attempt } from "../state/actions";
import { health, loadedOnce, matched, refresh, table, tableLines, trouble } from "../state/runs";
import { experiment, query, statuses } from "../state/view";
import { RunTable } from "../table/RunTable";
import { SelectionBar } from "../table/SelectionBar";
import { Toolbar } from "../table/Toolbar";
import { Card, Empty, Failed } from "../widgets/cards";

/** The table that answers which runs matter. */
export function RunsPage() {
  return (
    <main class="runs">
      <Toolbar />
      <Body />
      <SelectionBar />
    </main>
  );
}

function Body() {
  const problem = trouble.value?.error.message ?? health.value?.troubles[0]?.message ?? "";
  if (!table.value.runs.length && problem) {
    const place = health.value?.location || "the place";
    return (
      <Failed
        what={`${place} cannot be read`}
        why={problem}
        diagnostics={JSON.stringify({ health: health.value, trouble: trouble.value?.error.message }, null, 2)}
        onRetry={() => void refresh()}
      />
    );
  }
  if (health.value?.paused && health.value.sync === "connecting") return <Unread />;
  if (!loadedOnce.value || (health.value?.sync === "connecting" && !table.value.runs.length)) return <Skeleton />;
  if (!table.value.runs.length) return <Empty location={health.value?.location ?? ""} />;
  if (!matched.value.length) return <NothingFound />;
  return <RunTable lines={tableLines.value} />;
}

function Skeleton() {
  return (
    <div class="table skeleton" role="status" aria-busy="true" aria-label="Reading the runs">
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} class="row" />
      ))}
    </div>
  );
}

function Unread() {
  return (
    <Card title="Nothing has been read yet">
      <p>Reading was ended before it was done.</p>
      <button type="button" class="primary" onClick={() => void attempt(() => setPaused(false))}>
        Read the runs
      </button>
    </Card>
  );
}

function NothingFound() {
  return (
    <Card title="No run matches">
      <p>None of the {table.value.runs.length} runs passes this search.</p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          query.value = "";
          statuses.value = new Set();
          experiment.value = "";
        }}
      >
        Show all runs
      </button>
    </Card>
  );
}
