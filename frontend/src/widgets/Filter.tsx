import type { Signal } from "@preact/signals";

/** A box that narrows what stands below it. */
export function Filter({ text, label }: { text: Signal<string>; label: string }) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  );
}
