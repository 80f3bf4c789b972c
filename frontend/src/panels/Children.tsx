import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { createGrid } from "../model/grid";
import { shownRun } from "../state/run";
import { columns, folded, table } from "../state/runs";
import { go, sort } from "../state/view";
import { RunTable } from "../table/RunTable";
import { SelectionBar } from "../table/SelectionBar";

const everything = () => true;

/** The runs below this one, as the table shows them. */
export function Children() {
  const grid = useMemo(createGrid, []);
  const found = useComputed(() =>
    grid(table.value, columns.value, everything, {
      sort: sort.value,
      folded: folded.value,
      group: "",
      under: shownRun.value?.id ?? "",
    }),
  );
  return (
    <div class="children">
      <p>
        <button type="button" onClick={() => go({ page: "sweep", query: `parent:${shownRun.value?.id ?? ""}` })}>
          Compare them as a sweep
        </button>
      </p>
      <RunTable lines={found.value} />
      <SelectionBar />
    </div>
  );
}
