import { cancelTask } from "../api/changes";
import type { Task } from "../api/types";
import { number } from "../model/format";
import { attempt } from "../state/actions";
import { nowS } from "../state/clock";
import { health } from "../state/runs";

const AT_ONCE_S = 1; // what ends sooner is not worth a bar

/** What takes its time: how far it is, and a way to end it. */
export function TaskBars() {
  const tasks = (health.value?.tasks ?? []).filter(({ since_s }) => nowS.value - since_s >= AT_ONCE_S);
  if (!tasks.length) return null;
  return (
    <div class="tasks" role="status">
      {tasks.map((task) => (
        <Bar key={task.id} task={task} />
      ))}
    </div>
  );
}

function Bar({ task: { id, what, done, total } }: { task: Task }) {
  return (
    <div class="task">
      <progress aria-label={what} value={total === null ? undefined : done} max={total ?? undefined} />
      <span>
        {what}
        {total === null ? done > 0 && `: ${number(done)} so far` : `: ${number(done)} of ${number(total)}`}
      </span>
      <button type="button" class="quiet" onClick={() => void attempt(() => cancelTask(id))}>
        Cancel
      </button>
    </div>
  );
}
