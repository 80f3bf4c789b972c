import { useComputed, useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import type { RunRow } from "../api/types";
import type { Line, RunLine } from "../model/table";
import { familyTicks, type Tick, tick } from "../model/ticks";
import { descendants } from "../model/tree";
import { change } from "../state/actions";
import { colourOf, matched, selected, table } from "../state/runs";
import { useRows } from "../widgets/virtual";
import { HeaderCell } from "./Header";
import { template, useLayout } from "./layout";
import { GroupLineRow, RunLineRow } from "./Row";
import { actOn, select } from "./selection";
import { TickBox } from "./TickBox";

const ROW_PX = 32;

/** The runs as a tree: only the rows on the screen are in the document. */
export function RunTable({ lines }: { lines: readonly Line[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const active = useSignal(0);
  const layout = useLayout();
  const ticks = useComputed(() => familyTicks(table.value.runs));
  const rows = useRows(scroller, {
    count: lines.length,
    estimateSize: () => ROW_PX,
    scrollPaddingStart: ROW_PX, // the header covers as much
  });
  const at = Math.min(active.value, lines.length - 1);
  const tickOf = ({ run }: RunLine): Tick => ticks.value.get(run.id) ?? (run.shown ? "all" : "none");
  const latest = useRef({ lines, at });
  latest.current = { lines, at };
  // One function for good: rows that stay as they are must not be drawn again for every row that scrolls in.
  const pick = useCallback((line: RunLine, event: MouseEvent) => {
    const { lines, at } = latest.current;
    const index = lines.indexOf(line);
    select(lines, index, at, event);
    active.value = index;
  }, []);
  const onKey = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = lines[at];
    const page = Math.floor((scroller.current?.clientHeight ?? 320) / ROW_PX) - 2;
    const to = moves(at, page, lines.length)[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(lines.length - 1, to));
      if (event.shiftKey && line?.kind === "run") select(lines, next, at, event);
      active.value = next;
      rows.scrollToIndex(next);
    } else if (!line || !actOn(line, event.key, toggle)) return;
    event.preventDefault();
  };
  const shown = rows.getVirtualItems();
  const line = lines[at];
  return (
    <div
      class="table"
      role="treegrid"
      aria-label="Runs"
      aria-rowcount={lines.length + 1}
      aria-colcount={layout.keys.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={line && shown.some(({ index }) => index === at) ? lineId(line) : undefined}
      tabIndex={0}
      ref={scroller}
      onKeyDown={onKey}
      style={{ "--columns": template(layout) }}
    >
      <div role="rowgroup" class="head">
        <div role="row" class="row" aria-rowindex={1}>
          <TickAll />
          {layout.keys.map((key) => (
            <HeaderCell key={key} name={key} layout={layout} />
          ))}
        </div>
      </div>
      <div role="rowgroup" class="body" style={{ height: `${rows.getTotalSize()}px` }}>
        <div role="presentation" style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}>
          {shown.map(({ index }) => {
            const line = lines[index];
            if (!line) return null;
            const common = { layout, index, active: index === at };
            return line.kind === "group" ? (
              <GroupLineRow key={line.key} {...common} line={line} tick={tick(line.runs)} onTick={toggle} />
            ) : (
              <RunLineRow
                key={line.run.id}
                {...common}
                line={line}
                selected={selected.value.has(line.run.id)}
                tick={tickOf(line)}
                colour={colourOf.value(line.run)}
                onTick={toggle}
                onPick={pick}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Ticks all that the search finds. */
function TickAll() {
  const all = matched.value.filter((run) => !run.stub);
  const state = tick(all);
  const onToggle = () => {
    const ids = all.map((run) => run.id);
    void change(state === "all" ? { hide: ids } : { show: ids });
  };
  return <TickBox header state={state} label="Show all of these in the dashboards" onToggle={onToggle} />;
}

function runsOf(line: Line): RunRow[] {
  const runs = line.kind === "group" ? line.runs : [line.run, ...descendants(table.peek().runs, line.run.id)];
  return runs.filter((run) => !run.stub);
}

function toggle(line: Line): void {
  const runs = runsOf(line);
  const ids = runs.map((run) => run.id);
  void change(tick(runs) === "all" ? { hide: ids } : { show: ids });
}

function lineId(line: Line): string {
  return `line-${line.kind === "run" ? line.run.id : line.key}`;
}

function moves(at: number, page: number, count: number): Record<string, number> {
  return {
    ArrowDown: at + 1,
    j: at + 1,
    ArrowUp: at - 1,
    k: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
}
