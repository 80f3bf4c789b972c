import type { Column } from "../api/types";
import { runAddress } from "../links";
import { plural } from "../model/format";
import type { GroupLine, RunLine } from "../model/table";
import type { Tick } from "../model/ticks";
import { fold } from "../state/runs";
import { go } from "../state/view";
import { memo } from "../widgets/memo";
import { CellContent, GroupCell, isNumeric } from "./cells";
import { TickBox } from "./TickBox";

export interface Layout {
  keys: readonly string[];
  columns: ReadonlyMap<string, Column>;
  indices: ReadonlyMap<string, number>; // column key → place in `RunRow.cells`
  best: ReadonlyMap<string, unknown>; // column key → value to mark
  left: ReadonlyMap<string, number>; // pinned column key → distance from the left edge, px
}

interface RunRowProps {
  line: RunLine;
  layout: Layout;
  index: number;
  active: boolean;
  selected: boolean;
  tick: Tick;
  colour: string | null;
  onTick: (line: RunLine) => void;
  onPick: (line: RunLine, event: MouseEvent) => void;
}

export const RunLineRow = memo((props: RunRowProps) => {
  const { line, layout, index, active, selected, colour } = props;
  const { run } = line;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys for all rows
    <div
      role="row"
      id={`line-${run.id}`}
      class={`row${active ? " active" : ""}${selected ? " selected" : ""}${line.context ? " context" : ""}`}
      aria-level={line.depth + 1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-expanded={line.children ? line.open : undefined}
      onClick={(event) => props.onPick(line, event)}
    >
      <TickBox state={props.tick} label={`Show ${run.label} in the dashboards`} onToggle={() => props.onTick(line)} />
      <div role="gridcell" class="cell pinned name" style={{ left: "36px", paddingLeft: `${4 + line.depth * 18}px` }}>
        <FoldButton open={line.open} count={line.children} label={run.label} onFold={() => fold(run.id, line.open)} />
        <span class="swatch" style={{ background: colour ?? "transparent" }} aria-hidden="true" />
        <a
          href={runAddress(run.id)}
          target="_top"
          tabIndex={-1}
          title={run.name}
          onClick={(event) => {
            event.stopPropagation();
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            go({ page: "run", run: run.id });
          }}
        >
          <bdi>{run.label}</bdi>
        </a>
        {line.children > 0 && <small>{line.children}</small>}
      </div>
      {layout.keys.slice(1).map((key) => {
        const column = layout.columns.get(key);
        const at = layout.indices.get(key) ?? -1;
        const best = layout.best.get(key);
        return (
          <div key={key} role="gridcell" {...cellLook(layout, key, column)}>
            <CellContent
              name={key}
              run={run}
              column={column}
              index={at}
              isBest={best !== undefined && best !== null && run.cells[at] === best}
              colour={colour}
            />
          </div>
        );
      })}
    </div>
  );
});

function FoldButton({
  open,
  count,
  label,
  onFold,
}: {
  open: boolean;
  count: number;
  label: string;
  onFold: () => void;
}) {
  if (!count) return <span class="fold" />;
  return (
    <button
      type="button"
      class="fold"
      tabIndex={-1}
      aria-label={`${open ? "Fold" : "Unfold"} ${label}`}
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
    >
      {open ? "▾" : "▸"}
    </button>
  );
}

interface GroupRowProps {
  line: GroupLine;
  layout: Layout;
  index: number;
  active: boolean;
  tick: Tick;
  onTick: (line: GroupLine) => void;
}

export const GroupLineRow = memo(({ line, layout, index, active, tick, onTick }: GroupRowProps) => (
  <div
    role="row"
    id={`line-${line.key}`}
    class={`row group${active ? " active" : ""}`}
    aria-level={1}
    aria-rowindex={index + 2}
    aria-expanded={line.open}
  >
    <TickBox state={tick} label={`Show the group ${line.label} in the dashboards`} onToggle={() => onTick(line)} />
    <div role="gridcell" class="cell pinned name" style={{ left: "36px" }}>
      <FoldButton
        open={line.open}
        count={line.runs.length}
        label={line.label}
        onFold={() => fold(line.key, line.open)}
      />
      <b>
        <bdi>{line.label}</bdi>
      </b>
      <small>{plural(line.runs.length, "run")}</small>
    </div>
    {layout.keys.slice(1).map((key) => (
      <div key={key} role="gridcell" {...cellLook(layout, key, layout.columns.get(key))}>
        <GroupCell line={line} name={key} />
      </div>
    ))}
  </div>
));

export function cellLook(layout: Layout, key: string, column: Column | undefined) {
  const left = layout.left.get(key);
  const names = `cell${isNumeric(key, column) ? " numeric" : ""}${left === undefined ? "" : " pinned"}`;
  return left === undefined ? { class: names } : { class: names, style: { left: `${left}px` } };
}
