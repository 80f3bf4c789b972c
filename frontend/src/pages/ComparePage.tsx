import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { RequestError } from "../api/client";
import { getRun } from "../api/reads";
import type { RunDetail } from "../api/types";
import { ChartOptions } from "../charts/ChartOptions";
import { MetricCard } from "../charts/MetricCard";
import { dark } from "../host";
import { distinct } from "../model/colours";
import { type ComparedRow, compare } from "../model/compare";
import { byId, colourOf, table } from "../state/runs";
import { compared, go } from "../state/view";
import { Card } from "../widgets/cards";
import { DashboardLink } from "../widgets/DashboardLink";

const CURVES_AT_MOST = 40;

/** Up to ten runs side by side: what differs, by how much, and their curves together. */
export function ComparePage() {
  const ids = compared.value;
  const runs = useSignal<RunDetail[]>([]);
  const problem = useSignal("");
  const onlyDifferences = useSignal(true);
  useEffect(() => {
    let wanted = true;
    Promise.allSettled(ids.map((id) => getRun(id))).then((answers) => {
      if (!wanted) return;
      runs.value = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
      const failed = answers.find((answer) => answer.status === "rejected");
      problem.value = failed?.reason instanceof RequestError ? failed.reason.message : "";
    });
    return () => {
      wanted = false;
    };
  }, [ids.join(), table.value.version]);
  const found = runs.value;
  const rows = found.flatMap((run) => byId.value.get(run.id) ?? []);
  return (
    <main class="page">
      <header class="title">
        <button type="button" class="quiet" onClick={() => go({ page: "runs" })}>
          ‹ Runs
        </button>
        <h2>{found.length} runs compared</h2>
        <label>
          <input
            type="checkbox"
            checked={onlyDifferences.value}
            onChange={(event) => {
              onlyDifferences.value = event.currentTarget.checked;
            }}
          />{" "}
          Only differences
        </label>
        <span class="gap" />
        {rows.length > 0 && (
          <DashboardLink dashboard="timeseries" runs={rows}>
            Open in Time Series
          </DashboardLink>
        )}
      </header>
      {problem.value && (
        <Card title="Not every run could be read">
          <p class="why">{problem.value}</p>
        </Card>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the focus */}
      <section class="compared" tabIndex={0} aria-label="Values side by side">
        <Table runs={found} rows={compare(found, onlyDifferences.value)} />
      </section>
      <Curves runs={found} />
    </main>
  );
}

function Table({ runs, rows }: { runs: readonly RunDetail[]; rows: readonly ComparedRow[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{rows.length ? "" : "Nothing differs"}</th>
          {runs.map((run, index) => (
            <th key={run.id} scope="col">
              <span class="swatch" style={{ background: colourFor(run, index) }} aria-hidden="true" />
              <button type="button" class="quiet" onClick={() => go({ page: "run", run: run.id })}>
                <bdi>{run.label}</bdi>
              </button>
              {index === 0 ? (
                <small>baseline</small>
              ) : (
                <button
                  type="button"
                  class="quiet"
                  title="Measure the others against this run"
                  onClick={() => {
                    compared.value = [run.id, ...compared.value.filter((id) => id !== run.id)];
                  }}
                >
                  <small>make baseline</small>
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.kind}.${row.name}`} class={row.differs ? "" : "same"}>
            <th scope="row">
              <bdi>{row.name}</bdi> <small>{row.kind}</small>
            </th>
            {row.cells.map((cell, index) => (
              <td key={runs[index]?.id}>
                <bdi>{cell.text}</bdi>
                {cell.delta && <small class={`delta ${cell.verdict}`}>{cell.delta}</small>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function colourFor(run: RunDetail, index: number): string {
  const row = byId.value.get(run.id);
  return (row && colourOf.value(row)) ?? distinct(index, dark.value);
}

/** Two runs of the same colour cannot be told apart in one picture: then all take colours by their place. */
function pictureColours(runs: readonly RunDetail[]): string[] {
  const own = runs.map(colourFor);
  return new Set(own).size === own.length ? own : runs.map((_, index) => distinct(index, dark.value));
}

function Curves({ runs }: { runs: readonly RunDetail[] }) {
  const metrics = [...new Set(runs.flatMap((run) => run.metrics.map(({ metric }) => metric)))].sort();
  const colours = pictureColours(runs);
  if (!metrics.length) return null;
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="How curves are drawn">
        <ChartOptions />
      </div>
      <div class="cards">
        {metrics.slice(0, CURVES_AT_MOST).map((metric) => (
          <MetricCard
            key={metric}
            metric={metric}
            version={runs.reduce(
              (sum, run) => sum + (run.metrics.find((m) => m.metric === metric)?.wall_time_s ?? 0),
              0,
            )}
            runs={runs
              .map((run, index) => ({ run, colour: colours[index] ?? "#12b5cb" }))
              .filter(({ run }) => run.metrics.some((m) => m.metric === metric))
              .map(({ run, colour }) => ({
                id: run.id,
                name: run.name,
                label: run.label,
                colour,
                startS: run.start_s,
              }))}
          />
        ))}
      </div>
      {metrics.length > CURVES_AT_MOST && (
        <p class="hint">
          The first {CURVES_AT_MOST} of {metrics.length} metrics; Time Series has them all.
        </p>
      )}
    </>
  );
}
