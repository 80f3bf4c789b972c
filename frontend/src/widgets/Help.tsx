import { useEffect, useRef } from "preact/hooks";

const KEYS: [string, string][] = [
  ["/", "search"],
  ["j k ↓ ↑", "next and previous run"],
  ["→ ←", "unfold and fold"],
  ["Space", "tick: show in the dashboards, or not"],
  ["x", "select; with Shift and an arrow, several"],
  ["Enter", "open the run"],
  ["Esc", "back to the runs"],
  ["g t, g h, g i", "what is selected, or this run: in Time Series, HParams, Images"],
  ["g r, g s, g c", "the runs as a table, as a sweep; what is selected, compared"],
  ["[ ]", "on a run: previous and next run"],
  ["Enter, Shift Enter", "on a column's name: sort; by one more column"],
  ["Alt → ←", "on a column's name: wider and narrower"],
  ["← → Home End", "on a sweep: from the best run to the worst; Enter opens it"],
  ["← → + −", "on an image: steps and zoom"],
  ["← → + − 0", "on a curve: points, zoom and the whole; with Shift, ← → move it"],
  ["?", "these keys"],
];

const SEARCHES: [string, string][] = [
  ["resnet ada", "both words, in name, params, tags or status"],
  ["status:running OR status:failed", "running, finished, failed, killed, scheduled"],
  ["metrics.loss < 0.1", "last value; > >= <= = != too"],
  ["params.lr = 0.01  tags.env:prod", "= is the whole, : a part"],
  ["name ~ /res.*50/i", "a regular expression"],
  ["age < 2d  duration > 1h30m", "w d h m s"],
  ["started > 2026-01-31", "a day or a time"],
  ["user:me  parent:none  -status:failed", "me, roots only, not"],
  ["params.lr IS NOT NULL", "has it at all; IN and LIKE as in MLflow"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label="Keys and search">
      <header>
        <h2>Keys</h2>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <Table rows={KEYS} />
      <h2>Search</h2>
      <Table rows={SEARCHES} />
    </dialog>
  );
}

function Table({ rows }: { rows: [string, string][] }) {
  return (
    <dl class="keys">
      {rows.map(([what, meaning]) => (
        <div key={what}>
          <dt>
            <code>{what}</code>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
