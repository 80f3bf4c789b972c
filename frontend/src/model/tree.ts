import type { RunRow } from "../api/types";

/** Runs below runs. Pure. */

/** A run in the tree. */
export interface TreeNode {
  run: RunRow;
  children: TreeNode[];
}

export function childrenOf(runs: readonly RunRow[]): Map<string, RunRow[]> {
  const children = new Map<string, RunRow[]>();
  for (const run of runs) {
    if (run.parent === null) continue;
    const siblings = children.get(run.parent);
    if (siblings) siblings.push(run);
    else children.set(run.parent, [run]);
  }
  return children;
}

/** All runs below the run `id`, at any depth. */
export function descendants(runs: readonly RunRow[], id: string): RunRow[] {
  const children = childrenOf(runs);
  const found: RunRow[] = [];
  const seen = new Set([id]);
  const left = [...(children.get(id) ?? [])];
  for (let run = left.pop(); run; run = left.pop()) {
    if (seen.has(run.id)) continue;
    seen.add(run.id);
    found.push(run);
    left.push(...(children.get(run.id) ?? []));
  }
  return found;
}

/** The runs below each other; what has no parent among `scope` is a root. */
export function forest(scope: readonly RunRow[]): TreeNode[] {
  const children = childrenOf(scope);
  const within = new Set(scope.map((run) => run.id));
  const seen = new Set<string>(); // a store may say that two runs are each other's parents
  const grow = (runs: readonly RunRow[]): TreeNode[] =>
    runs.flatMap((run) => {
      if (seen.has(run.id)) return [];
      seen.add(run.id);
      return [{ run, children: grow(children.get(run.id) ?? []) }];
    });
  const roots = grow(scope.filter((run) => run.parent === null || !within.has(run.parent)));
  return [...roots, ...grow(scope.filter((run) => !seen.has(run.id)))];
}
