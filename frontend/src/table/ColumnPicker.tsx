import { useSignal } from "@preact/signals";
import { chosen, curveMetric, FIXED, pinned, reset } from "../state/columns";
import { columns, curveChoice, keys, table } from "../state/runs";
import { columnLabel } from "./Header";

const AT_MOST = 200;

/** Which columns the table has: search, tick, drag or move by keys, pin, reset. */
export function ColumnPicker() {
  const wanted = useSignal("");
  const dragged = useSignal("");
  const shown = keys.value.filter((key) => key !== "name");
  const text = wanted.value.toLowerCase();
  const all = [...FIXED.map(({ key }) => key), ...table.value.columns.map(({ key }) => key)];
  const others = all.filter((key) => key !== "name" && !shown.includes(key) && key.toLowerCase().includes(text));
  const set = (next: readonly string[]) => {
    chosen.value = ["name", ...next];
  };
  const move = (key: string, before: string) => {
    const rest = shown.filter((other) => other !== key);
    const at = rest.indexOf(before);
    set([...rest.slice(0, at), key, ...rest.slice(at)]);
  };
  return (
    <div class="picker">
      <header>
        <input
          type="search"
          placeholder="Find a param, metric or tag"
          aria-label="Find a column"
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
        <button type="button" class="quiet" onClick={reset}>
          Reset
        </button>
      </header>
      <CurveChoice />
      <h3>Shown</h3>
      <ul>
        {shown.map((key, index) => (
          <li
            key={key}
            draggable
            onDragStart={() => {
              dragged.value = key;
            }}
            onDragOver={(event) => event.preventDefault()}
            onDrop={() => move(dragged.value, key)}
          >
            <span class="grip" aria-hidden="true">
              ⠿
            </span>
            <label>
              <input type="checkbox" checked onChange={() => set(shown.filter((other) => other !== key))} />
              <Name name={key} />
            </label>
            <button
              type="button"
              class="quiet"
              disabled={index === 0}
              aria-label={`Move ${key} to the left`}
              onClick={() => move(key, shown[index - 1] ?? key)}
            >
              ↑
            </button>
            <button
              type="button"
              class="quiet"
              aria-pressed={pinned.value.includes(key)}
              onClick={() => {
                const pins = pinned.value;
                pinned.value = pins.includes(key) ? pins.filter((other) => other !== key) : [...pins, key];
              }}
            >
              {pinned.value.includes(key) ? "Unpin" : "Pin"}
            </button>
          </li>
        ))}
      </ul>
      <h3>Hidden</h3>
      <ul>
        {others.slice(0, AT_MOST).map((key) => (
          <li key={key}>
            <label>
              <input type="checkbox" checked={false} onChange={() => set([...shown, key])} />
              <Name name={key} />
            </label>
            <small>{columns.value.get(key)?.runs ?? ""}</small>
          </li>
        ))}
      </ul>
      {others.length > AT_MOST && <p>{others.length - AT_MOST} more: type a part of the name.</p>}
    </div>
  );
}

function Name({ name }: { name: string }) {
  const column = columns.value.get(name);
  return (
    <span>
      <bdi>{name === "curve" ? "Curve" : columnLabel(name, column)}</bdi> {column && <small>{column.kind}</small>}
    </span>
  );
}

function CurveChoice() {
  const metrics = table.value.columns.filter((column) => column.kind === "metric");
  if (!metrics.length) return null;
  return (
    <label class="line">
      Curve of
      <select
        value={curveChoice.value}
        onChange={(event) => {
          curveMetric.value = event.currentTarget.value;
        }}
      >
        {metrics.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
