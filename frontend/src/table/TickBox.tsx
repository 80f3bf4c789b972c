import type { Tick } from "../model/ticks";

interface Props {
  state: Tick;
  label: string;
  onToggle: () => void;
  header?: boolean;
}

/** A tick of three states in the first column: whether TensorBoard's dashboards see these runs. */
export function TickBox({ state, label, onToggle, header = false }: Props) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is one of two, both of cells
    // biome-ignore lint/a11y/useKeyWithClickEvents: only keeps a click on the box from selecting the row
    <div
      role={header ? "columnheader" : "gridcell"}
      class="cell pinned tick"
      style={{ left: "0px" }}
      onClick={(event) => event.stopPropagation()}
    >
      <input
        type="checkbox"
        tabIndex={header ? 0 : -1}
        aria-label={label}
        title={label}
        checked={state === "all"}
        indeterminate={state === "some"}
        onClick={(event) => {
          event.preventDefault(); // drawn from what the server says, not from the click
          onToggle();
        }}
      />
    </div>
  );
}
