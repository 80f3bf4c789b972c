import { describe, expect, it } from "vitest";
import { column, run, tableOf } from "../testing/runs";
import { bestSoFar, dimension, goodness, runByKey, telling, trialsOf, trialsWithin } from "./sweep";

const COLUMNS = [
  column("params.lr", { numeric: true }),
  column("params.same", { numeric: true }),
  column("params.optimizer"),
  column("metrics.loss"),
];
const RUNS = [
  run("late", { start_s: 30, cells: ["0.1", "1", "sgd", 3] }),
  run("early", { start_s: 10, cells: ["0.001", "1", "adam", 5] }),
  run("middle", { start_s: 20, cells: [null, "1", "adam", 4] }),
  run("without", { cells: ["0.1", "1", "sgd", null] }),
  run("infinite", { cells: ["0.1", "1", "sgd", "Infinity"] }),
];
const TABLE = tableOf(RUNS, COLUMNS);

it("takes the runs that came out with a finite number", () => {
  expect(trialsOf(TABLE, RUNS, COLUMNS).map(({ run }) => run.id)).toEqual(["late", "early", "middle"]);
});

it("leaves out params that are the same everywhere", () => {
  const kept = telling(trialsOf(TABLE, RUNS, COLUMNS), COLUMNS);
  expect(kept.columns.map(({ key }) => key)).toEqual(["params.lr", "params.optimizer", "metrics.loss"]);
  expect(kept.trials[0]?.values).toEqual([0.1, "sgd", 3]);
});

it("knows the best until then, in the order of start", () => {
  const found = bestSoFar(trialsOf(TABLE, RUNS, COLUMNS), "lower");
  expect(found.map(({ trial, best }) => [trial.run.id, best])).toEqual([
    ["early", 5],
    ["middle", 4],
    ["late", 3],
  ]);
  expect(bestSoFar(trialsOf(TABLE, RUNS, COLUMNS), "higher").map(({ best }) => best)).toEqual([5, 5, 5]);
});

it("shades the best as best whichever way is better", () => {
  const trials = trialsOf(TABLE, RUNS, COLUMNS);
  const [late, early] = trials;
  if (!late || !early) throw new Error("no trials");
  expect([goodness(trials, "lower")(late), goodness(trials, "higher")(late)]).toEqual([1, 0]);
  expect(goodness(trials, "lower")(early)).toBe(0);
});

it("ranks outcomes, so that one far away does not make all others alike", () => {
  const trials = [1, 2, 2, 1000].map((loss, i) => ({ run: run(`${i}`), values: [loss] }));
  expect(trials.map(goodness(trials, "lower"))).toEqual([1, 0.5, 0.5, 0]);
});

it("never takes a run that has not ended for the best", () => {
  const trials = [
    { run: run("going", { status: "running", start_s: 1 }), values: [1] },
    { run: run("ended", { start_s: 2 }), values: [5] },
    { run: run("waits", { status: "scheduled", start_s: 3 }), values: [2] },
  ];
  expect(bestSoFar(trials, "lower").map(({ best }) => best)).toEqual([Number.NaN, 5, 5]);
});

describe("an axis", () => {
  const lr = column("params.lr", { numeric: true });

  it("is logarithmic over several powers of ten, with a tick for each", () => {
    const axis = dimension(lr, [1e-4, 1e-2, 1e-1]);
    expect(axis.place(1e-4)).toBe(0);
    expect(axis.place(1e-2)).toBeCloseTo(2 / 3);
    expect(axis.ticks.map(({ text }) => text)).toEqual(["1e-4", "1e-3", "1e-2", "1e-1"]);
  });

  it("is linear otherwise, and stands for one value only as well", () => {
    expect(dimension(lr, [1, 3]).place(2)).toBe(0.5);
    expect(dimension(lr, [2, 2]).place(2)).toBe(0.5);
  });

  it("is what is wanted where it can be", () => {
    expect(dimension(lr, [1, 3], true).isLog).toBe(true);
    expect(dimension(lr, [1, 1000], false).place(500.5)).toBe(0.5);
    expect(dimension(lr, [0, 3], true).isLog).toBe(false);
    expect(dimension(lr, [0.123456789, 0.2], true).ticks.map(({ text }) => text)).toEqual(["0.12346", "0.2"]);
  });

  it("has no place for what is missing", () => expect(dimension(lr, [1, null]).place(null)).toBeNull());

  it("sorts words", () => {
    const axis = dimension(column("params.optimizer"), ["sgd", "adam", null]);
    expect(axis.place("adam")).toBeLessThan(Number(axis.place("sgd")));
  });
});

describe("ranges", () => {
  const trials = trialsOf(TABLE, RUNS, COLUMNS);
  const found = (ranges: [string, object][]) => trialsWithin(trials, COLUMNS, new Map(ranges)).map(({ run }) => run.id);

  it("keep the runs within, both ends included, and leave out those without a value", () => {
    expect(found([["params.lr", { low: 0.001 }]])).toEqual(["late", "early"]);
    expect(found([["params.lr", { high: 0.05 }]])).toEqual(["early"]);
    expect(found([["metrics.loss", { low: 4, high: 5 }]])).toEqual(["early", "middle"]);
  });

  it("hold together, with texts too", () => {
    expect(
      found([
        ["params.optimizer", { text: "adam" }],
        ["metrics.loss", { high: 4 }],
      ]),
    ).toEqual(["middle"]);
  });

  it("keep everything where there are none, or none for these axes", () => {
    expect(found([])).toHaveLength(3);
    expect(found([["params.gone", { low: 9 }]])).toHaveLength(3);
  });
});

describe("keys", () => {
  const ranked = trialsOf(TABLE, RUNS, COLUMNS);

  it.each([
    ["", "ArrowRight", "late"],
    ["late", "ArrowDown", "early"],
    ["middle", "ArrowRight", "middle"],
    ["late", "ArrowLeft", "late"],
    ["gone", "ArrowLeft", "late"],
    ["early", "End", "middle"],
    ["early", "Home", "late"],
    ["early", "a", null],
  ])("lead from %j by %s to %j", (from, key, to) => {
    expect(runByKey(ranked, from, key)).toBe(to);
  });

  it("lead nowhere where there are no runs", () => {
    expect(runByKey([], "", "Home")).toBeNull();
  });
});
