import { useSignal } from "@preact/signals";
import { getMatrix } from "../api/files";
import type { Matrix } from "../api/types";
import { number } from "../model/format";
import { accuracy, type Scale, shares } from "../model/matrix";
import { useResource } from "../state/resource";
import { Loaded } from "../widgets/Loaded";
import { Segments } from "../widgets/Segments";
import type { FileProps } from "./Tables";

const WRITTEN_UP_TO = 24; // classes; beyond, the colours alone are drawn

const SCALES: readonly { value: Scale; label: string }[] = [
  { value: "counts", label: "Counts" },
  { value: "rows", label: "Row %" },
  { value: "columns", label: "Column %" },
];

/** A confusion matrix as a heat map. */
export function MatrixView({ run, path }: FileProps) {
  const answer = useResource((signal) => getMatrix(run, path, signal), [run, path]);
  return <Loaded of={answer}>{(matrix) => <HeatMap matrix={matrix} />}</Loaded>;
}

function HeatMap({ matrix }: { matrix: Matrix }) {
  const scale = useSignal<Scale>("counts");
  const hover = useSignal("");
  const found = shares(matrix, scale.value);
  const dense = matrix.labels.length > WRITTEN_UP_TO;
  const tell = (i: number, j: number) => {
    const count = matrix.counts[i]?.[j] ?? 0;
    const [ofRow, ofColumn] = [shares(matrix, "rows"), shares(matrix, "columns")].map((all) =>
      percent(all[i]?.[j] ?? 0),
    );
    hover.value = `${matrix.labels[i]} taken for ${matrix.labels[j]}: ${number(count)}, ${ofRow} of the row, ${ofColumn} of the column`;
  };
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="How cells are told">
        <Segments label="Cells as" choices={SCALES} value={scale} />
        <span class="hint">{percent(accuracy(matrix))} right</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the focus */}
      <section class={dense ? "matrix dense" : "matrix"} tabIndex={0} aria-label="Confusion matrix">
        <table onMouseLeave={() => (hover.value = "")}>
          <caption>Rows: true class. Columns: predicted class.</caption>
          <thead>
            <tr>
              <td />
              {matrix.labels.map((label) => (
                <th key={label} scope="col" title={label}>
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.labels.map((label, i) => (
              <tr key={label}>
                <th scope="row" title={label}>
                  <bdi>{label}</bdi>
                </th>
                {matrix.labels.map((other, j) => {
                  const share = found[i]?.[j] ?? 0;
                  const text = scale.value === "counts" ? number(matrix.counts[i]?.[j] ?? 0) : percent(share);
                  return (
                    <td
                      key={other}
                      class={share > 0.5 ? "dark" : ""}
                      style={{ "--share": `${Math.round(share * 100)}%` }}
                      onMouseEnter={() => tell(i, j)}
                    >
                      {dense ? <span class="unseen">{text}</span> : text}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="hint padded" aria-live="polite">
        {hover.value || "Point at a cell for its count and shares."}
      </p>
    </>
  );
}

function percent(share: number): string {
  return Number.isNaN(share) ? "none" : `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}
