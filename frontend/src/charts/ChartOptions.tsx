import { CheckBox } from "../widgets/CheckBox";
import { type Axis, axis, logarithmic, smoothing } from "./options";

/** Axis, smoothing and scale of all curves. */
export function ChartOptions() {
  return (
    <>
      <label>
        Axis{" "}
        <select
          value={axis.value}
          onChange={(event) => {
            axis.value = event.currentTarget.value as Axis;
          }}
        >
          <option value="step">step</option>
          <option value="relative">relative time</option>
          <option value="wall">wall time</option>
        </select>
      </label>
      <label>
        Smoothing{" "}
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing.value}
          onInput={(event) => {
            smoothing.value = Number(event.currentTarget.value);
          }}
        />
        <output>{smoothing.value.toFixed(2)}</output>
      </label>
      <CheckBox label="Log scale" on={logarithmic} />
    </>
  );
}
