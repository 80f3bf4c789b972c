import type { Signal } from "@preact/signals";
import type { Frame } from "../api/types";

interface Props {
  frames: readonly Frame[];
  place: Signal<number>;
  label: string;
}

/** Goes through the steps of a series. Nothing where there is one step only. */
export function StepSlider({ frames, place, label }: Props) {
  if (frames.length < 2) return null;
  const at = Math.min(place.value, frames.length - 1);
  const step = frames[at]?.step;
  return (
    <label class="steps">
      <input
        type="range"
        min="0"
        max={frames.length - 1}
        value={at}
        aria-label={`Step of ${label}`}
        aria-valuetext={step === null || step === undefined ? `${at + 1} of ${frames.length}` : `step ${step}`}
        onInput={(event) => {
          place.value = Number(event.currentTarget.value);
        }}
      />
      <small>
        {at + 1} / {frames.length}
      </small>
    </label>
  );
}
