import type { RunRow } from "../api/types";
import { type Dashboard, dashboardAddress, host } from "../host";
import { change } from "./actions";
import { byId } from "./runs";

/** Ways from here into TensorBoard's own dashboards. */

/** Runs that one regular expression in an address may name; beyond, the dashboard shows all that are ticked. */
const IN_ADDRESS = 60;

interface Way {
  address: string;
  /** What to do first so that the dashboard sees the runs; null when it does. */
  before: (() => Promise<void>) | null;
}

/** How to see `runs`, and no others, in a dashboard; all that it shows where there are none. */
export function wayTo(dashboard: Dashboard, runs: readonly RunRow[], tag?: string): Way {
  const few = runs.length <= IN_ADDRESS;
  const address = dashboardAddress(dashboard, few ? runs.map((run) => run.name) : [], tag);
  const hidden = runs.filter((run) => !run.shown).map((run) => run.id);
  if (few && !hidden.length) return { address, before: null };
  return { address, before: () => change(few ? { show: hidden } : { only: runs.map((run) => run.id) }) };
}

/** Goes to a dashboard with the runs of these ids. */
export function openIn(dashboard: Dashboard, ids: readonly string[]): void {
  const { address, before } = wayTo(
    dashboard,
    ids.flatMap((id) => byId.value.get(id) ?? []),
  );
  void (before?.() ?? Promise.resolve()).then(() => host.location.assign(address));
}
