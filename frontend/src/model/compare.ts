import type { Better, Pair, RunDetail } from "../api/types";
import { cellText, number, numeric } from "./format";

/** Several runs as a table of what they have; the first is the baseline. Pure. */

export interface ComparedCell {
  text: string;
  delta: string; // "" where there is nothing to measure against
  verdict: "better" | "worse" | "neither";
}

export interface ComparedRow {
  kind: "param" | "metric" | "tag";
  name: string;
  differs: boolean;
  cells: ComparedCell[];
}

export function compare(runs: readonly RunDetail[], onlyDifferences: boolean): ComparedRow[] {
  const rows = [
    ...texts("param", runs, (run) => run.params),
    ...metrics(runs),
    ...texts("tag", runs, (run) => run.tags),
  ];
  return onlyDifferences ? rows.filter((row) => row.differs) : rows;
}

function texts(kind: "param" | "tag", runs: readonly RunDetail[], pairs: (run: RunDetail) => Pair[]): ComparedRow[] {
  const values = runs.map((run) => new Map(pairs(run).map(({ key, value }) => [key, value])));
  const names = [...new Set(values.flatMap((map) => [...map.keys()]))].sort();
  return names.map((name) => ({
    kind,
    name,
    differs: new Set(values.map((map) => map.get(name))).size > 1,
    cells: values.map((map) => ({ text: map.get(name) ?? "", delta: "", verdict: "neither" })),
  }));
}

function metrics(runs: readonly RunDetail[]): ComparedRow[] {
  const values = runs.map((run) => new Map(run.metrics.map((point) => [point.metric, point])));
  const names = [...new Set(values.flatMap((map) => [...map.keys()]))].sort();
  return names.map((name) => {
    const found = values.map((map) => map.get(name));
    const baseline = numeric(found[0]?.value);
    return {
      kind: "metric",
      name,
      differs: new Set(found.map((point) => point?.value)).size > 1,
      cells: found.map((point, index) => ({
        text: cellText(point?.value),
        ...(index && point ? difference(numeric(point.value), baseline, point.better) : NO_DIFFERENCE),
      })),
    };
  });
}

const NO_DIFFERENCE = { delta: "", verdict: "neither" } as const;

/** How far a value is from the baseline's, in itself and in percent. */
export function difference(value: number, baseline: number, better: Better): Omit<ComparedCell, "text"> {
  const by = value - baseline;
  if (!Number.isFinite(by) || by === 0) return NO_DIFFERENCE;
  const percent = baseline === 0 ? "" : ` (${by > 0 ? "+" : "−"}${number(Math.abs((100 * by) / baseline))} %)`;
  const delta = `${by > 0 ? "▲ +" : "▼ −"}${number(Math.abs(by))}${percent}`;
  if (better === "unknown") return { delta, verdict: "neither" };
  return { delta, verdict: by > 0 === (better === "higher") ? "better" : "worse" };
}
