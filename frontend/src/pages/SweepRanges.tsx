import { type Signal, useSignal } from "@preact/signals";
import type { Column } from "../api/types";
import { plural } from "../model/format";
import type { Range, Ranges, Trial } from "../model/sweep";
import { selected } from "../state/runs";
import { go } from "../state/view";

/** By column key, whether its axis is logarithmic; the others are as their values ask for. */
export type Scales = ReadonlyMap<string, boolean>;

interface Props {
  columns: readonly Column[];
  trials: readonly Trial[];
  within: readonly Trial[];
  ranges: Signal<Ranges>;
  scales: Signal<Scales>;
}

/** Which part of each axis counts: the runs outside of it are faint in all pictures. */
export function SweepRanges({ columns, trials, within, ranges, scales }: Props) {
  const resets = useSignal(0);
  const set = (key: string, range: Range) => {
    const next = new Map(ranges.value);
    if (range.low === undefined && range.high === undefined && range.text === undefined) next.delete(key);
    else next.set(key, range);
    ranges.value = next;
  };
  return (
    <details class="ranges">
      <summary title="Which part of each axis counts, and linear or log">
        Narrow{ranges.value.size > 0 && `: ${within.length} of ${plural(trials.length, "run")}`}
      </summary>
      <table class="plain" key={resets.value}>
        <tbody>
          {columns.map((column, place) => (
            <tr key={column.key}>
              <th scope="row">
                <bdi>{column.name}</bdi>
              </th>
              <td>
                {column.numeric ? (
                  <Numbers
                    name={column.name}
                    range={ranges.value.get(column.key) ?? {}}
                    onChange={(range) => set(column.key, range)}
                  />
                ) : (
                  <Texts
                    name={column.name}
                    texts={[...new Set(trials.map(({ values }) => String(values[place] ?? "")))].filter(Boolean).sort()}
                    range={ranges.value.get(column.key) ?? {}}
                    onChange={(range) => set(column.key, range)}
                  />
                )}
              </td>
              <td>{column.numeric && <ScaleChoice column={column} scales={scales} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="line">
        <button
          type="button"
          onClick={() => {
            selected.value = new Set(within.map(({ run }) => run.id));
            go({ page: "runs" });
          }}
        >
          Select {plural(within.length, "run")} in the table
        </button>
        <button
          type="button"
          class="quiet"
          disabled={!ranges.value.size}
          onClick={() => {
            ranges.value = new Map();
            resets.value += 1;
          }}
        >
          Reset
        </button>
      </p>
    </details>
  );
}

function ScaleChoice({ column, scales }: { column: Column; scales: Signal<Scales> }) {
  const chosen = scales.value.get(column.key);
  return (
    <select
      aria-label={`Scale of ${column.name}`}
      value={chosen === undefined ? "" : chosen ? "log" : "linear"}
      onChange={(event) => {
        const next = new Map(scales.value);
        if (event.currentTarget.value) next.set(column.key, event.currentTarget.value === "log");
        else next.delete(column.key);
        scales.value = next;
      }}
    >
      <option value="">scale: auto</option>
      <option value="linear">linear</option>
      <option value="log">log, where all are above 0</option>
    </select>
  );
}

interface RangeProps {
  name: string;
  range: Range;
  onChange: (range: Range) => void;
}

function Numbers({ name, range, onChange }: RangeProps) {
  const box = (end: "low" | "high", label: string) => (
    <input
      type="number"
      step="any"
      aria-label={`${label} ${name}`}
      placeholder={label.toLowerCase()}
      defaultValue={range[end]} // what is typed stays as it is typed: "0." on the way to "0.1"
      onInput={(event) => {
        const value = event.currentTarget.valueAsNumber;
        onChange({ ...range, [end]: Number.isNaN(value) ? undefined : value });
      }}
    />
  );
  return (
    <>
      {box("low", "Lowest")} … {box("high", "Highest")}
    </>
  );
}

function Texts({ name, texts, range, onChange }: RangeProps & { texts: readonly string[] }) {
  return (
    <select
      aria-label={`Only ${name}`}
      value={range.text ?? ""}
      onChange={(event) => onChange(event.currentTarget.value ? { text: event.currentTarget.value } : {})}
    >
      <option value="">any</option>
      {texts.map((text) => (
        <option key={text} value={text}>
          {text}
        </option>
      ))}
    </select>
  );
}
