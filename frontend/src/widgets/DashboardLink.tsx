import type { ComponentChildren } from "preact";
import type { RunRow } from "../api/types";
import { type Dashboard, dashboardAddress, host } from "../host";
import { change } from "../state/actions";

/** Runs that one regular expression in an address may name; beyond, the dashboard shows all that are ticked. */
const IN_ADDRESS = 60;

interface Props {
  dashboard: Dashboard;
  runs: readonly RunRow[];
  tag?: string;
  children: ComponentChildren;
}

/** Opens one of TensorBoard's dashboards with these runs only; ticks those that it does not see yet. */
export function DashboardLink({ dashboard, runs, tag, children }: Props) {
  const few = runs.length <= IN_ADDRESS;
  const address = dashboardAddress(dashboard, few ? runs.map((run) => run.name) : [], tag);
  const hidden = runs.filter((run) => !run.shown).map((run) => run.id);
  return (
    <a
      class="button"
      href={address}
      target="_top"
      onClick={(event) => {
        if (few && !hidden.length) return;
        event.preventDefault();
        const ids = runs.map((run) => run.id);
        void change(few ? { show: hidden } : { only: ids }).then(() => host.location.assign(address));
      }}
    >
      {children}
    </a>
  );
}
