import type { Column, RunTable } from "../api/types";

/** Which metrics matter more. Pure. */

const SYSTEM = "system/";

/** Metrics of the model by name, then those that MLflow takes of the machine. */
export function metricsFirst(names: readonly string[]): string[] {
  const ofMachine = (name: string) => Number(name.startsWith(SYSTEM));
  return [...names].sort((a, b) => ofMachine(a) - ofMachine(b) || a.localeCompare(b));
}

/**
 * The metrics of `table`: those first that a sweep is after, then those that it has columns for, then those of which it is
 * known which way is better.
 */
export function byImportance({ columns, cells }: RunTable): Column[] {
  const rank = ({ key, better, primary }: Column) =>
    (primary ? 0 : 4) + (cells.includes(key) ? 0 : 2) + (better === "unknown" ? 1 : 0);
  return columns.filter(({ kind }) => kind === "metric").sort((a, b) => rank(a) - rank(b));
}

/**
 * Of `metrics`, in their order, the one of which most runs have a curve: a single point is nothing to draw. Those that the
 * table has columns for, whose keys are `cells`, go before others.
 */
export function curveToDraw(metrics: readonly Column[], cells: readonly string[]): Column | undefined {
  const weight = ({ key, name, primary }: Column) =>
    (primary ? 4 : 0) + (cells.includes(key) ? 2 : 0) + (name.startsWith(SYSTEM) ? 0 : 1);
  return metrics
    .filter(({ curves }) => curves)
    .reduce<Column | undefined>((best, one) => {
      const isMore = best && (weight(one) - weight(best) || one.curves - best.curves) > 0;
      return !best || isMore ? one : best;
    }, undefined);
}
