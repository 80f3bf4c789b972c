import { describe, expect, it } from "vitest";
import { column, tableOf } from "../testing/runs";
import { byImportance, curveToDraw } from "./metrics";

const names = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

describe("by importance", () => {
  it("has what a sweep is after first, then what stands in the table, then what is known to be better one way", () => {
    const shown = [column("metrics.shown", { better: "unknown" })];
    const table = tableOf([], shown);
    const others = [
      column("metrics.odd", { better: "unknown" }),
      column("metrics.loss"),
      column("metrics.goal", { primary: true }),
      column("params.lr"),
    ];
    expect(names(byImportance({ ...table, columns: [...others, ...shown] }))).toEqual(["goal", "shown", "loss", "odd"]);
  });
});

describe("the curve to draw", () => {
  it("is the metric that most runs have a curve of, not the one that most runs have", () => {
    const metrics = [column("metrics.mse", { runs: 8, curves: 1 }), column("metrics.val", { runs: 7, curves: 7 })];
    expect(curveToDraw(metrics, [])?.name).toBe("val");
  });

  it("is one that the table has a column for, before those of other experiments", () => {
    const metrics = [column("metrics.here", { curves: 2 }), column("metrics.elsewhere", { curves: 9 })];
    expect(curveToDraw(metrics, ["metrics.here"])?.name).toBe("here");
  });

  it("is the first of those that are alike", () => {
    expect(curveToDraw([column("metrics.b", { curves: 3 }), column("metrics.a", { curves: 3 })], [])?.name).toBe("b");
  });

  it("is what a sweep is after, if that has curves", () => {
    const metrics = (curves: number) => [
      column("metrics.goal", { primary: true, curves }),
      column("metrics.loss", { curves: 9 }),
      column("metrics.system/cpu", { curves: 20 }),
    ];
    expect(curveToDraw(metrics(2), [])?.name).toBe("goal");
    expect(curveToDraw(metrics(0), [])?.name).toBe("loss");
  });

  it("is none where every run has a single point", () => {
    expect(curveToDraw([column("metrics.loss", { curves: 0 })], [])).toBeUndefined();
  });
});
