import { useSignal } from "@preact/signals";
import { type Choice, changeChosen } from "../api/changes";
import { getChosen } from "../api/reads";
import type { Chosen } from "../api/types";
import { plural } from "../model/format";
import { attempt, refusal } from "../state/actions";
import { useResource } from "../state/resource";
import { table } from "../state/runs";
import { Filter } from "../widgets/Filter";
import { Loaded } from "../widgets/Loaded";

/** Which experiments and runs of the place are read: for as long as TensorBoard runs. */
export function Chooser() {
  const answer = useResource(getChosen, [table.value.version]);
  return <Loaded of={answer}>{(chosen) => <Choices chosen={chosen} onDone={answer.retry} />}</Loaded>;
}

function Choices({ chosen, onDone }: { chosen: Chosen; onDone: () => void }) {
  const wanted = useSignal("");
  const run = useSignal("");
  const waiting = useSignal("");
  const text = wanted.value.trim().toLowerCase();
  const found = chosen.experiments.filter(({ name }) => name.toLowerCase().includes(text));
  const choose = async (what: Choice, said: string) => {
    waiting.value = said;
    await attempt(() => changeChosen(what));
    waiting.value = "";
    onDone();
  };
  return (
    <>
      <h3>Experiments that are read</h3>
      <Filter text={wanted} label="Find an experiment" />
      <ul class="experiments">
        {found.slice(0, 300).map((experiment) => (
          <li key={experiment.id}>
            <label>
              <input
                type="checkbox"
                checked={experiment.chosen}
                disabled={waiting.value !== ""}
                onChange={() =>
                  void choose(
                    experiment.chosen ? { remove_experiments: [experiment.id] } : { add_experiments: [experiment.id] },
                    `Reading ${experiment.name}`,
                  )
                }
              />
              <bdi>{experiment.name}</bdi>
              <small>{experiment.chosen ? plural(experiment.runs, "run") : ""}</small>
            </label>
          </li>
        ))}
      </ul>
      {!found.length && <p class="hint">No experiment has that in its name.</p>}
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          const id = run.value.trim();
          if (id) void choose({ add_runs: [id] }, "Reading the run");
        }}
      >
        <input
          type="text"
          aria-label="Run id"
          placeholder="Add a run by its id"
          value={run.value}
          onInput={(event) => {
            run.value = event.currentTarget.value;
          }}
        />
        <button type="submit" disabled={!run.value.trim() || waiting.value !== ""}>
          Add
        </button>
      </form>
      <p class="hint">
        {chosen.filter && <>Only runs that pass {chosen.filter}. </>}
        At most {plural(chosen.limit, "run")}.
        {chosen.added_runs.length > 0 && ` ${plural(chosen.added_runs.length, "run")} added by hand.`}
        {chosen.removed_runs.length > 0 && ` ${plural(chosen.removed_runs.length, "run")} taken away by hand.`}
      </p>
      <p class="line" aria-live="polite">
        {waiting.value && <span class="hint">{waiting.value}…</span>}
        {refusal.value && <span class="why">{refusal.value}</span>}
        {chosen.pending && !waiting.value && <span class="hint">The place has not been asked yet.</span>}
      </p>
      <p class="line">
        <button
          type="button"
          disabled={!table.value.more}
          onClick={() => void choose({ limit: chosen.limit + 1000 }, "Reading more runs")}
        >
          Read 1 000 more
        </button>
        <button
          type="button"
          disabled={!chosen.changed}
          onClick={() => void choose({ reset: true }, "Reading as at the start")}
        >
          As at the start
        </button>
      </p>
    </>
  );
}
