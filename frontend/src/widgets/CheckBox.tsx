import type { Signal } from "@preact/signals";

/** A choice of yes or no, kept in `on`. */
export function CheckBox({ label, on }: { label: string; on: Signal<boolean> }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={on.value}
        onChange={(event) => {
          on.value = event.currentTarget.checked;
        }}
      />{" "}
      {label}
    </label>
  );
}
