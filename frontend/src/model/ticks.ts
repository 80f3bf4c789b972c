import type { RunRow } from "../api/types";

/** Which runs the dashboards see, as ticks of three states. Pure. */

export type Tick = "all" | "none" | "some";

export function tick(runs: readonly RunRow[]): Tick {
  const shown = runs.reduce((count, run) => count + (run.shown ? 1 : 0), 0);
  return shown === 0 ? "none" : shown === runs.length ? "all" : "some";
}

/** For each run with children, by id: the tick of it and all below it. */
export function familyTicks(runs: readonly RunRow[]): Map<string, Tick> {
  const parents = new Map(runs.map((run) => [run.id, run.parent]));
  const counts = new Map<string, { shown: number; all: number; own: boolean | null }>();
  const shown = new Map(runs.map((run) => [run.id, run.stub ? null : run.shown])); // a stub cannot be shown
  for (const run of runs) {
    const seen = new Set([run.id]);
    for (let above = run.parent; above !== null && !seen.has(above); above = parents.get(above) ?? null) {
      seen.add(above);
      const count = counts.get(above) ?? { shown: 0, all: 0, own: shown.get(above) ?? null };
      count.all += run.stub ? 0 : 1;
      count.shown += run.shown ? 1 : 0;
      counts.set(above, count);
    }
  }
  return new Map(
    [...counts].map(([id, { shown: below, all, own }]): [string, Tick] => {
      const total = below + (own ? 1 : 0);
      return [id, total === 0 ? "none" : total === all + (own === null ? 0 : 1) ? "all" : "some"];
    }),
  );
}
