import { runsExport } from "../api/reads";
import { keys } from "../state/runs";
import { query } from "../state/view";

/** Downloads of the runs that the search finds. */
export function ExportChoice() {
  const text = query.value.trim();
  const shown = keys.value.filter((key) => key.includes("."));
  return (
    <>
      <p class="hint">{text ? "The runs that this search finds." : "All runs that are read."}</p>
      <p class="line">
        <a class="button" href={runsExport("csv", text, shown)} download>
          CSV, these columns
        </a>
        <a class="button" href={runsExport("csv", text, null)} download>
          CSV, all columns
        </a>
        <a class="button" href={runsExport("json", text, null)} download>
          JSON
        </a>
      </p>
      <p class="hint">Each curve has a CSV of its own on the page of its run; tb-aml export writes everything.</p>
    </>
  );
}
