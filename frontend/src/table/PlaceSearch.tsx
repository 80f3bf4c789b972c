import { useSignal } from "@preact/signals";
import { changeChosen } from "../api/changes";
import { searchPlace } from "../api/reads";
import { plural } from "../model/format";
import { attempt } from "../state/actions";
import { useResource } from "../state/resource";
import { query } from "../state/view";
import { Loaded } from "../widgets/Loaded";
import { Status } from "../widgets/Status";
import { Ago } from "../widgets/times";

/** Runs that the search finds at the place itself, and that are not read yet. */
export function PlaceSearch() {
  const text = query.value.trim();
  const added = useSignal<ReadonlySet<string>>(new Set());
  const answer = useResource((signal) => searchPlace(text, signal), [text]);
  const add = async (ids: string[]) => {
    if (await attempt(() => changeChosen({ add_runs: ids }))) added.value = new Set([...added.value, ...ids]);
  };
  return (
    <Loaded of={answer}>
      {({ runs, more, filter }) => {
        const left = runs.filter(({ id }) => !added.value.has(id));
        return (
          <>
            <h3>
              {left.length ? plural(left.length, "run") : "No further run"} at the place
              {more && ", and more"}
            </h3>
            {!filter && (
              <p class="hint">Nothing in this search can be asked of the place; the newest runs were looked through.</p>
            )}
            {left.length > 1 && (
              <button type="button" onClick={() => void add(left.map(({ id }) => id))}>
                Add all
              </button>
            )}
            <ul class="experiments">
              {left.map((run) => (
                <li key={run.id} class="line">
                  <button type="button" onClick={() => void add([run.id])}>
                    Add
                  </button>
                  <bdi>{run.label}</bdi>
                  <Status status={run.status} />
                  <small>
                    <Ago epochS={run.start_s} />
                  </small>
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Loaded>
  );
}
