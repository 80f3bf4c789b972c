import type { Comparison, NumberOrText, RunBrief, Verdict } from "../api/types";
import { cellText, difference, numeric } from "../model/format";
import { compared, go } from "../state/view";
import { Status } from "../widgets/Status";

interface Props {
  comparison: Comparison;
  colours: readonly string[];
  onlyDifferences: boolean;
}

/** Params, metrics and tags of each run in a column of its own; metrics measured against the baseline. */
export function ComparedTable({ comparison, colours, onlyDifferences }: Props) {
  const wanted = <T extends { differs: boolean }>(rows: readonly T[]) =>
    rows.filter((row) => row.differs || !onlyDifferences);
  const metrics = wanted(comparison.metrics);
  const texts = [
    ...wanted(comparison.params).map((row) => ({ ...row, kind: "param" })),
    ...wanted(comparison.tags).map((row) => ({ ...row, kind: "tag" })),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the focus
    <section class="compared" tabIndex={0} aria-label="Values side by side">
      <table>
        <thead>
          <tr>
            <th scope="col">{metrics.length + texts.length ? "" : "Nothing differs"}</th>
            {comparison.runs.map((run, index) => (
              <Head key={run.id} run={run} colour={colours[index] ?? ""} isBaseline={run.id === comparison.baseline} />
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ key, differs, values, deltas, verdicts }) => (
            <tr key={`metric ${key}`} class={differs ? "" : "same"}>
              <RowHead name={key} kind="metric" />
              {comparison.runs.map((run, i) => (
                <MetricCell
                  key={run.id}
                  value={values[i] ?? null}
                  delta={deltas[i] ?? null}
                  verdict={verdicts[i] ?? "neither"}
                  isBaseline={run.id === comparison.baseline}
                />
              ))}
            </tr>
          ))}
          {texts.map(({ key, kind, differs, values }) => (
            <tr key={`${kind} ${key}`} class={differs ? "" : "same"}>
              <RowHead name={key} kind={kind} />
              {comparison.runs.map((run, i) => (
                <td key={run.id}>
                  <bdi>{values[i] ?? ""}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Head({ run, colour, isBaseline }: { run: RunBrief; colour: string; isBaseline: boolean }) {
  const rebase = () => {
    compared.value = [run.id, ...compared.value.filter((id) => id !== run.id)];
  };
  return (
    <th scope="col">
      <span class="swatch" style={{ background: colour }} aria-hidden="true" />
      <button type="button" class="quiet" onClick={() => go({ page: "run", run: run.id })}>
        <bdi>{run.label}</bdi>
      </button>
      <div class="under">
        <Status status={run.status} />
        {isBaseline ? (
          <small>baseline</small>
        ) : (
          <button type="button" class="quiet" title="Measure the others against this run" onClick={rebase}>
            <small>make baseline</small>
          </button>
        )}
      </div>
    </th>
  );
}

function RowHead({ name, kind }: { name: string; kind: string }) {
  return (
    <th scope="row">
      <bdi>{name}</bdi> <small>{kind}</small>
    </th>
  );
}

interface CellProps {
  value: NumberOrText | null;
  delta: number | null;
  verdict: Verdict;
  isBaseline: boolean;
}

function MetricCell({ value, delta, verdict, isBaseline }: CellProps) {
  const by = delta === null || isBaseline ? "" : difference(delta, numeric(value) - delta);
  return (
    <td title={value === null ? "" : String(value)}>
      {cellText(value)}
      {by && <small class={`delta ${verdict}`}>{by}</small>}
    </td>
  );
}
