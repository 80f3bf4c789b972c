import { useSignal } from "@preact/signals";
import { getComparison } from "../api/reads";
import type { Comparison, RunBrief } from "../api/types";
import { ChartOptions } from "../charts/ChartOptions";
import { MetricCard } from "../charts/MetricCard";
import { dark } from "../host";
import { distinct } from "../model/colours";
import { plural } from "../model/format";
import { useResource } from "../state/resource";
import { byId, colourOf, table } from "../state/runs";
import { compared, go } from "../state/view";
import { CheckBox } from "../widgets/CheckBox";
import { DashboardLink } from "../widgets/DashboardLink";
import { Lazy } from "../widgets/Lazy";
import { Loaded } from "../widgets/Loaded";
import { ComparedTable } from "./ComparedTable";

const CURVES_AT_MOST = 40;
const loadImages = () => import("../panels/SideBySide").then((module) => module.SideBySide);

/** Up to ten runs side by side: what differs, by how much, and their curves together. */
export function ComparePage() {
  const ids = compared.value;
  const onlyDifferences = useSignal(true);
  const answer = useResource((signal) => getComparison(ids, signal), [ids.join(), table.value.version]);
  const rows = ids.flatMap((id) => byId.value.get(id) ?? []);
  return (
    <main class="page">
      <header class="title">
        <button type="button" class="quiet" onClick={() => go({ page: "runs" })}>
          ‹ Runs
        </button>
        <h2>{plural(ids.length, "run")} compared</h2>
        <CheckBox label="Only differences" on={onlyDifferences} />
        <span class="gap" />
        {rows.length > 0 && (
          <DashboardLink dashboard="timeseries" runs={rows}>
            Open in Time Series
          </DashboardLink>
        )}
      </header>
      <Loaded of={answer}>
        {(comparison) => {
          const colours = pictureColours(comparison.runs);
          return (
            <>
              {comparison.missing.length > 0 && (
                <p class="why">
                  {plural(comparison.missing.length, "run")} of this comparison{" "}
                  {comparison.missing.length === 1 ? "is" : "are"} not among those that are read: deleted, or not
                  chosen.
                </p>
              )}
              <ComparedTable comparison={comparison} colours={colours} onlyDifferences={onlyDifferences.value} />
              <Curves comparison={comparison} colours={colours} />
              <Lazy
                load={loadImages}
                runs={comparison.runs.map((run, index) => ({ ...run, colour: colours[index] ?? "" }))}
              />
            </>
          );
        }}
      </Loaded>
    </main>
  );
}

/** Two runs of the same colour cannot be told apart in one picture: then all take colours by their place. */
function pictureColours(runs: readonly RunBrief[]): string[] {
  const byPlace = runs.map((_, index) => distinct(index, dark.value));
  const own = runs.map(({ id }) => {
    const row = byId.value.get(id);
    return row ? colourOf.value(row) : null;
  });
  const told = own.filter((colour) => colour !== null);
  return told.length === runs.length && new Set(told).size === runs.length ? told : byPlace;
}

function Curves({ comparison, colours }: { comparison: Comparison; colours: readonly string[] }) {
  const { metrics, runs } = comparison;
  if (!metrics.length) return null;
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="How curves are drawn">
        <ChartOptions />
      </div>
      <div class="cards">
        {metrics.slice(0, CURVES_AT_MOST).map(({ key, values }) => (
          <MetricCard
            key={key}
            metric={key}
            version={values.join()}
            runs={runs.flatMap(({ id, label }, index) => {
              if (values[index] === null) return [];
              const row = byId.value.get(id);
              const colour = colours[index] ?? "#12b5cb";
              return [{ id, name: row?.name ?? label, label, colour, startS: row?.start_s ?? null }];
            })}
          />
        ))}
      </div>
      {metrics.length > CURVES_AT_MOST && (
        <p class="hint padded">
          The first {CURVES_AT_MOST} of {metrics.length} metrics; Time Series has them all.
        </p>
      )}
    </>
  );
}
