import type { ComponentChildren } from "preact";
import type { RunRow } from "../api/types";
import { type Dashboard, host } from "../host";
import { wayTo } from "../state/dashboards";

interface Props {
  dashboard: Dashboard;
  runs: readonly RunRow[];
  tag?: string;
  children: ComponentChildren;
}

/** Opens one of TensorBoard's dashboards with these runs only; ticks those that it does not see yet. */
export function DashboardLink({ dashboard, runs, tag, children }: Props) {
  const { address, before } = wayTo(dashboard, runs, tag);
  return (
    <a
      class="button"
      href={address}
      target="_top"
      onClick={(event) => {
        if (!before) return;
        event.preventDefault();
        void before().then(() => host.location.assign(address));
      }}
    >
      {children}
    </a>
  );
}
