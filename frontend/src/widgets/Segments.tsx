import type { Signal } from "@preact/signals";

interface Props<T extends string> {
  label: string;
  choices: readonly { value: T; label: string }[];
  value: Signal<T>;
}

/** A few choices side by side, one of them taken. */
export function Segments<T extends string>({ label, choices, value }: Props<T>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={value.value === choice.value}
          onClick={() => {
            value.value = choice.value;
          }}
        >
          {choice.label}
        </button>
      ))}
    </fieldset>
  );
}
