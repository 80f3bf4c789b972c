import type { Column } from "../api/types";
import { FIXED, resize, widthOf } from "../state/columns";
import { curveChoice } from "../state/runs";
import { sort } from "../state/view";
import { cellLook, type Layout } from "./Row";

/** What a column is called. */
export function columnLabel(key: string, column: Column | undefined): string {
  if (key === "curve") return curveChoice.value ? `${curveChoice.value} curve` : "Curve";
  return FIXED.find((fixed) => fixed.key === key)?.label ?? column?.name ?? key.slice(key.indexOf(".") + 1);
}

/** Click sorts, a second click turns round, a third ends it; with Shift it sorts by one more. */
export function sortBy(key: string, additional: boolean): void {
  const before = sort.value.find(({ column }) => column === key);
  const others = additional ? sort.value.filter(({ column }) => column !== key) : [];
  const usually = key === "started"; // newest first
  if (!before) sort.value = [...others, { column: key, descending: usually }];
  else if (before.descending === usually) {
    const turned = { column: key, descending: !usually };
    sort.value = additional ? sort.value.map((by) => (by === before ? turned : by)) : [turned];
  } else sort.value = others;
}

export function HeaderCell({ name, layout }: { name: string; layout: Layout }) {
  const column = layout.columns.get(name);
  const place = sort.value.findIndex((by) => by.column === name);
  const by = sort.value[place];
  const look = name === "name" ? { class: "cell pinned", style: { left: "36px" } } : cellLook(layout, name, column);
  const label = columnLabel(name, column);
  const arrow = by ? (by.descending ? "↓" : "↑") : "";
  const hint = column ? `${column.kind} ${column.name}, in ${column.runs} runs` : label;
  return (
    <div role="columnheader" aria-sort={by ? (by.descending ? "descending" : "ascending") : "none"} {...look}>
      {name === "curve" ? (
        <span class="sort" title={label}>
          <span class="tail">
            <bdi>{label}</bdi>
          </span>
        </span>
      ) : (
        <button
          type="button"
          class="sort"
          title={hint}
          onClick={(event) => sortBy(name, event.shiftKey)}
          onKeyDown={(event) => {
            const by = event.key === "ArrowRight" ? 16 : event.key === "ArrowLeft" ? -16 : 0;
            if (!by || !event.altKey) return;
            event.preventDefault();
            resize(name, widthOf(name, column) + by);
          }}
        >
          <span class="tail">
            <bdi>{label}</bdi>
          </span>
          {arrow && <span aria-hidden="true">{sort.value.length > 1 ? `${arrow}${place + 1}` : arrow}</span>}
        </button>
      )}
      <Resizer name={name} column={column} />
    </div>
  );
}

function Resizer({ name, column }: { name: string; column: Column | undefined }) {
  const start = (event: PointerEvent) => {
    const handle = event.currentTarget as HTMLElement;
    const width = widthOf(name, column);
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => resize(name, width + moved.clientX - event.clientX);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
    event.preventDefault();
  };
  return <span class="resizer" aria-hidden="true" onPointerDown={start} />;
}
