import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { RunRow } from "../api/types";
import { best, descendants, familyTicks, type Line, type RunLine, type Tick, tick } from "../model/table";
import { pinned, widthOf } from "../state/columns";
import { change, colourOf, columns, fold, keys, matched, selected, table } from "../state/runs";
import { go } from "../state/view";
import { HeaderCell } from "./Header";
import { GroupLineRow, type Layout, RunLineRow } from "./Row";
import { TickBox } from "./TickBox";

const ROW_PX = 32;
const TICK_PX = 36;
const OVERSCAN = 12;

/** The runs as a tree: only the rows on the screen are in the document. */
export function RunTable({ lines }: { lines: readonly Line[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const range = useSignal({ from: 0, to: 60 });
  const active = useSignal(0);
  const layout = useLayout();
  const ticks = useComputed(() => familyTicks(table.value.runs));

  const look = () => {
    const element = scroller.current;
    if (!element) return;
    const from = Math.max(0, Math.floor(element.scrollTop / ROW_PX) - OVERSCAN);
    const to = Math.ceil((element.scrollTop + element.clientHeight) / ROW_PX) + OVERSCAN;
    const now = range.peek();
    // A few rows in steps, so that not every pixel of a scroll draws.
    if (Math.abs(from - now.from) >= 4 || Math.abs(to - now.to) >= 4) range.value = { from, to };
  };
  useLayoutEffect(look);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);

  const at = Math.min(active.value, lines.length - 1);
  const move = (to: number) => {
    active.value = Math.max(0, Math.min(lines.length - 1, to));
    const element = scroller.current;
    if (!element) return;
    const top = active.value * ROW_PX;
    const room = element.clientHeight - 2 * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - room;
  };
  const runsOf = (line: Line): RunRow[] =>
    line.kind === "group" ? line.runs : [line.run, ...descendants(table.value.runs, line.run.id)];
  const tickOf = ({ run }: RunLine): Tick => ticks.value.get(run.id) ?? (run.shown ? "all" : "none");
  const toggle = (line: Line) => {
    const runs = runsOf(line);
    const ids = runs.map((run) => run.id);
    void change(tick(runs) === "all" ? { hide: ids } : { show: ids });
  };
  const pick = (line: RunLine, event: MouseEvent) => {
    const index = lines.indexOf(line);
    select(lines, index, at, event);
    active.value = index;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = lines[at];
    const page = Math.floor((scroller.current?.clientHeight ?? 320) / ROW_PX) - 2;
    const moves: Record<string, number> = {
      ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1,
      PageDown: at + page, PageUp: at - page, Home: 0, End: lines.length - 1,
    }; // biome-ignore format: a table of keys
    const to = moves[event.key];
    if (to !== undefined) {
      if (event.shiftKey && line?.kind === "run") select(lines, Math.max(0, Math.min(lines.length - 1, to)), at, event);
      move(to);
    } else if (!line || !actOn(line, event.key, toggle)) return;
    event.preventDefault();
  };

  const { from, to } = range.value;
  const all = matched.value;
  return (
    <div
      class="table"
      role="treegrid"
      aria-label="Runs"
      aria-rowcount={lines.length + 1}
      aria-colcount={layout.keys.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={lines[at] ? lineId(lines[at]) : undefined}
      tabIndex={0}
      ref={scroller}
      onScroll={look}
      onKeyDown={onKey}
      style={{ "--columns": template(layout) }}
    >
      <div role="rowgroup" class="head">
        <div role="row" class="row" aria-rowindex={1}>
          <TickBox
            header
            state={tick(all)}
            label="Show all of these in the dashboards"
            onToggle={() => {
              const ids = all.map((run) => run.id);
              void change(tick(all) === "all" ? { hide: ids } : { show: ids });
            }}
          />
          {layout.keys.map((key) => (
            <HeaderCell key={key} name={key} layout={layout} />
          ))}
        </div>
      </div>
      <div role="rowgroup" class="body" style={{ height: `${lines.length * ROW_PX}px` }}>
        <div style={{ transform: `translateY(${Math.min(from, lines.length) * ROW_PX}px)` }}>
          {lines
            .slice(from, to)
            .map((line, offset) =>
              line.kind === "group" ? (
                <GroupLineRow
                  key={line.key}
                  line={line}
                  layout={layout}
                  index={from + offset}
                  active={from + offset === at}
                  tick={tick(line.runs)}
                  onTick={toggle}
                />
              ) : (
                <RunLineRow
                  key={line.run.id}
                  line={line}
                  layout={layout}
                  index={from + offset}
                  active={from + offset === at}
                  selected={selected.value.has(line.run.id)}
                  tick={tickOf(line)}
                  colour={colourOf.value(line.run)}
                  onTick={toggle}
                  onPick={pick}
                />
              ),
            )}
        </div>
      </div>
    </div>
  );
}

function lineId(line: Line): string {
  return `line-${line.kind === "run" ? line.run.id : line.key}`;
}

function useLayout(): Layout {
  return useComputed<Layout>(() => {
    const shown = keys.value;
    const indices = new Map(table.value.cells.map((key, index) => [key, index]));
    const left = new Map<string, number>();
    let x = TICK_PX + widthOf("name", undefined);
    for (const key of shown.slice(1)) {
      if (!pinned.value.includes(key)) break;
      left.set(key, x);
      x += widthOf(key, columns.value.get(key));
    }
    const marks = new Map<string, unknown>();
    for (const key of shown) {
      const column = columns.value.get(key);
      if (column?.kind === "metric") marks.set(key, best(matched.value, indices.get(key) ?? -1, column.better));
    }
    return { keys: shown, columns: columns.value, indices, best: marks, left };
  }).value;
}

function template(layout: Layout): string {
  const each = layout.keys.map((key) => `${widthOf(key, layout.columns.get(key))}px`);
  return `${TICK_PX}px ${each.join(" ")} minmax(0, 1fr)`;
}

/** What a key does to the line that has the focus; whether it does anything. */
function actOn(line: Line, key: string, toggle: (line: Line) => void): boolean {
  const id = line.kind === "run" ? line.run.id : line.key;
  if (key === "ArrowRight" || key === "ArrowLeft") fold(id, key === "ArrowLeft");
  else if (key === " ") toggle(line);
  else if (line.kind === "group") return false;
  else if (key === "Enter") go({ page: "run", run: line.run.id });
  else if (key === "x") flip(line.run.id);
  else return false;
  return true;
}

function flip(id: string): void {
  const next = new Set(selected.value);
  if (!next.delete(id)) next.add(id);
  selected.value = next;
}

/** A click selects one, with Ctrl one more or one less, with Shift all from the last one on. */
function select(lines: readonly Line[], to: number, from: number, event: MouseEvent | KeyboardEvent): void {
  const line = lines[to];
  if (line?.kind !== "run") return;
  if (event.shiftKey) {
    const [low, high] = from < to ? [from, to] : [to, from];
    const next = new Set(selected.value);
    for (const other of lines.slice(low, high + 1)) if (other.kind === "run") next.add(other.run.id);
    selected.value = next;
  } else if (event.ctrlKey || event.metaKey) flip(line.run.id);
  else {
    const alone = selected.value.size === 1 && selected.value.has(line.run.id);
    selected.value = new Set(alone ? [] : [line.run.id]);
  }
}
