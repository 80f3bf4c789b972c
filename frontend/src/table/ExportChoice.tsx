import { useSignal } from "@preact/signals";
import { exportAddress, getExports } from "../api/reads";
import { plural } from "../model/format";
import { wholeSearch } from "../model/search";
import { useResource } from "../state/resource";
import { curveChoice, keys, matched, metricColumns, selectedRuns } from "../state/runs";
import { experiment, query, statuses } from "../state/view";
import { Loaded } from "../widgets/Loaded";

const NAMES: Record<string, string> = { csv: "CSV", json: "JSON", parquet: "Parquet" };
const RUNS_AT_MOST = 1000; // that an address can name

/** Downloads of the runs that are selected, or of all that the table shows. */
export function ExportChoice() {
  const metric = useSignal(curveChoice.value);
  const answer = useResource(getExports, []);
  const selected = selectedRuns.value.filter((run) => !run.stub).slice(0, RUNS_AT_MOST);
  const count = selected.length || matched.value.filter((run) => !run.stub).length;
  const q = wholeSearch(query.value, statuses.value, experiment.value);
  const of: [string, string][] = selected.length ? selected.map(({ id }) => ["run", id]) : q ? [["q", q]] : [];
  const shown = keys.value.filter((key) => key.includes("."));
  return (
    <Loaded of={answer}>
      {({ formats }) => (
        <>
          <p class="hint">
            {selected.length
              ? `The ${plural(count, "run")} selected.`
              : `The ${plural(count, "run")} that the table shows.`}
          </p>
          <Ways
            what="These columns"
            formats={formats}
            address={(format) => exportAddress("runs", format, [...of, ...cells(shown)])}
          />
          <Ways what="All columns" formats={formats} address={(format) => exportAddress("runs", format, of)} />
          <Ways
            what={
              <select
                aria-label="Curves of"
                value={metric.value}
                onChange={(event) => {
                  metric.value = event.currentTarget.value;
                }}
              >
                <option value="">Curves of all metrics</option>
                {metricColumns.value.map(({ name }) => (
                  <option key={name} value={name}>
                    Curves of {name}
                  </option>
                ))}
              </select>
            }
            formats={formats}
            address={(format) => exportAddress("curves", format, metric.value ? [...of, ["metric", metric.value]] : of)}
          />
          {!formats.includes("parquet") && <p class="hint">Parquet too, once pyarrow is installed.</p>}
        </>
      )}
    </Loaded>
  );
}

interface WaysProps {
  what: preact.ComponentChildren;
  formats: readonly string[];
  address: (format: string) => string;
}

function Ways({ what, formats, address }: WaysProps) {
  return (
    <p class="line export">
      <span>{what}</span>
      {formats.map((format) => (
        <a key={format} class="button" href={address(format)} download>
          {NAMES[format] ?? format}
        </a>
      ))}
    </p>
  );
}

/** Where all columns are hidden, none is asked for: that is all, so ask for one that there is not. */
function cells(shown: readonly string[]): [string, string][] {
  return shown.length ? shown.map((key) => ["cell", key]) : [["cell", ""]];
}
