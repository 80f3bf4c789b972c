import { useSignal } from "@preact/signals";
import { item } from "../state/view";
import { Filter } from "../widgets/Filter";

interface Props {
  label: string;
  choices: readonly { key: string; label: string; hint: string }[];
  open: string;
  tall?: boolean; // the hints stand below
}

const MANY = 12;

/** What a panel can show, one of it open. */
export function Choice({ label, choices, open, tall = false }: Props) {
  const wanted = useSignal("");
  if (choices.length < 2) return null;
  const text = wanted.value.toLowerCase();
  return (
    <nav class={tall ? "choices tall" : "choices"} aria-label={label}>
      {choices.length > MANY && <Filter text={wanted} label="Find" />}
      {choices
        .filter((choice) => choice.label.toLowerCase().includes(text))
        .map((choice) => (
          <button
            key={choice.key}
            type="button"
            aria-current={choice.key === open}
            title={choice.key}
            onClick={() => {
              item.value = choice.key;
            }}
          >
            <bdi>{choice.label}</bdi>
            <small>{choice.hint}</small>
          </button>
        ))}
    </nav>
  );
}
