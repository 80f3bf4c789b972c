import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { getTable, type TableQuery } from "../api/files";
import type { Cell, TableColumn, TablePage } from "../api/types";
import { csv } from "../model/csv";
import { cellText, plural } from "../model/format";
import { useResource } from "../state/resource";
import { Filter } from "../widgets/Filter";
import { Loaded } from "../widgets/Loaded";
import { saveText } from "../widgets/save";
import { useRows } from "../widgets/virtual";
import type { FileProps } from "./Tables";

const AT_ONCE = 200;
const AT_MOST = 1000; // rows of one request
const ROW_PX = 28;

/** A table of any length: sorted and filtered where it is read, so that only what is looked at travels. */
export function TableView({ run, path }: FileProps) {
  const find = useSignal("");
  const order = useSignal<{ sort: number | null; descending: boolean }>({ sort: null, descending: false });
  const wanted = { ...order.value, find: find.value.trim() };
  const first = useResource(
    (signal) => getTable(run, path, { ...wanted, first: 0, count: AT_ONCE }, signal),
    [run, path, order.value, wanted.find],
  );
  const sortBy = (column: number) => {
    const { sort, descending } = order.value;
    if (sort !== column) order.value = { sort: column, descending: false };
    else order.value = descending ? { sort: null, descending: false } : { sort: column, descending: true };
  };
  return (
    <Loaded of={first}>
      {(page) => (
        <>
          <div class="toolbar" role="toolbar" aria-label="Rows">
            <Filter text={find} label="Find in the rows" />
            <span class="count" aria-live="polite">
              {page.found < page.total ? `${plural(page.found, "row")} of ${page.total}` : plural(page.total, "row")}
              {page.truncated && ", the first of a longer file"}
            </span>
            <span class="gap" />
            <SaveButton run={run} path={path} wanted={wanted} found={page.found} />
          </div>
          <Grid
            page={page}
            order={order.value}
            onSort={sortBy}
            ask={(from, signal) => getTable(run, path, { ...wanted, first: from, count: AT_ONCE }, signal)}
          />
        </>
      )}
    </Loaded>
  );
}

interface GridProps {
  page: TablePage;
  order: { sort: number | null; descending: boolean };
  onSort: (column: number) => void;
  ask: (first: number, signal: AbortSignal) => Promise<TablePage>;
}

function Grid({ page, order, onSort, ask }: GridProps) {
  const scroller = useRef<HTMLElement>(null);
  const more = useSignal(new Map<number, Cell[][]>());
  const rows = useRows(scroller, { count: page.found, estimateSize: () => ROW_PX, scrollMargin: ROW_PX });
  const shown = rows.getVirtualItems();
  const missing = [...new Set(shown.map(({ index }) => Math.floor(index / AT_ONCE) * AT_ONCE))].filter(
    (from) => from > 0 && !more.value.has(from),
  );
  useLayoutEffect(() => {
    more.value = new Map(); // the rows of another order or search
    scroller.current?.scrollTo({ top: 0 });
  }, [page]);
  useEffect(() => {
    const abort = new AbortController();
    for (const from of missing) {
      ask(from, abort.signal).then(
        ({ rows }) => {
          if (!abort.signal.aborted) more.value = new Map([...more.value, [from, rows]]);
        },
        () => undefined, // scrolled by, or asked again with the next scroll
      );
    }
    return () => abort.abort();
  }, [page, missing.join()]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls takes the focus
    <section class="grid" ref={scroller} tabIndex={0} aria-label="Rows of the table">
      <table aria-rowcount={page.found + 1}>
        <thead>
          <tr>
            {page.columns.map((column, index) => (
              <HeaderCell
                key={index}
                column={column}
                sorted={order.sort === index ? (order.descending ? "descending" : "ascending") : "none"}
                onSort={() => onSort(index)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={shown[0]?.index ?? 0} />
          {shown.map(({ index }) => {
            const from = Math.floor(index / AT_ONCE) * AT_ONCE;
            const cells = (from ? more.value.get(from) : page.rows)?.[index % AT_ONCE];
            return (
              <tr key={index} aria-rowindex={index + 2}>
                {page.columns.map((column, place) => (
                  <td key={place} class={column.numeric ? "numeric" : ""} title={String(cells?.[place] ?? "")}>
                    {cells ? <bdi>{cellText(cells[place])}</bdi> : "…"}
                  </td>
                ))}
              </tr>
            );
          })}
          <Spacer rows={page.found - 1 - (shown.at(-1)?.index ?? page.found - 1)} />
        </tbody>
      </table>
    </section>
  );
}

/** Stands for the rows that are not on the screen. */
function Spacer({ rows }: { rows: number }) {
  return rows > 0 ? (
    <tr>
      <td class="spacer" style={{ height: `${rows * ROW_PX}px` }} />
    </tr>
  ) : null;
}

interface HeaderProps {
  column: TableColumn;
  sorted: "ascending" | "descending" | "none";
  onSort: () => void;
}

function HeaderCell({ column, sorted, onSort }: HeaderProps) {
  return (
    <th scope="col" aria-sort={sorted} class={column.numeric ? "numeric" : ""}>
      <button type="button" class="sort" onClick={onSort}>
        <bdi>{column.name}</bdi>
        {sorted !== "none" && <span aria-hidden="true">{sorted === "ascending" ? "↑" : "↓"}</span>}
      </button>
    </th>
  );
}

interface SaveProps {
  run: string;
  path: string;
  wanted: Pick<TableQuery, "sort" | "descending" | "find">;
  found: number;
}

/** Saves the rows as they stand here, sorted and filtered. */
function SaveButton({ run, path, wanted, found }: SaveProps) {
  const done = useSignal<number | null>(null);
  const save = async () => {
    const rows = [];
    let columns: TableColumn[] = [];
    for (let first = 0; first < Math.max(1, found); first += AT_MOST) {
      done.value = first;
      const page = await getTable(run, path, { ...wanted, first, count: AT_MOST });
      columns = page.columns;
      rows.push(...page.rows);
    }
    done.value = null;
    const name =
      path
        .split("/")
        .at(-1)
        ?.replace(/\.\w+$/, "") ?? "table";
    saveText(`${name}.csv`, csv([columns.map((column) => column.name), ...rows]), "text/csv");
  };
  return (
    <button type="button" disabled={done.value !== null} onClick={() => void save()}>
      {done.value === null ? "Download CSV" : `${done.value} of ${found} rows`}
    </button>
  );
}
