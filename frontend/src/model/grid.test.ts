import { describe, expect, it } from "vitest";
import type { Column, RunRow } from "../api/types";
import { column, run, tableOf } from "../testing/runs";
import { createGrid } from "./grid";
import type { Arrangement, Line } from "./table";

const ALL = () => true;

function drawn(lines: readonly Line[]): string[] {
  return lines.map((line) =>
    line.kind === "group" ? `[${line.label}]` : `${"  ".repeat(line.depth)}${line.run.id}${line.context ? "*" : ""}`,
  );
}

function lines(
  runs: RunRow[],
  how: Partial<Arrangement> = {},
  columns: Column[] = [],
  matched = ALL as (run: RunRow) => boolean,
) {
  const known = new Map(columns.map((one) => [one.key, one]));
  const whole = { sort: [], folded: new Set<string>(), group: "", under: null, ...how };
  return createGrid()(tableOf(runs, columns), known, matched, whole);
}

const TREE = [run("sweep"), run("b", { parent: "sweep" }), run("a", { parent: "sweep" }), run("alone")];
const LOSS = [column("metrics.loss")];

describe("as a tree", () => {
  it("puts children under their parents, at any depth", () => {
    const deep = [...TREE, run("leaf", { parent: "a" })];
    expect(drawn(lines(deep))).toEqual(["sweep", "  b", "  a", "    leaf", "alone"]);
  });

  it("hides what is folded, and tells how many", () => {
    const found = lines(TREE, { folded: new Set(["sweep"]) });
    expect(drawn(found)).toEqual(["sweep", "alone"]);
    expect(found[0]).toMatchObject({ children: 2, open: false });
  });

  it("brings those above a match along, as context", () => {
    expect(drawn(lines(TREE, {}, [], ({ id }) => id === "a"))).toEqual(["sweep*", "  a"]);
  });

  it("is the same line for a run as long as nothing in it changes, so that it is not drawn again", () => {
    const grid = createGrid();
    const found = (matched: (run: RunRow) => boolean, table = tableOf(TREE)) =>
      new Map(
        grid(table, new Map(), matched, { sort: [], folded: new Set(), group: "", under: null }).flatMap((line) =>
          line.kind === "run" ? [[line.run.id, line] as const] : [],
        ),
      );
    const all = found(ALL);
    const some = found(({ id }) => id !== "b");
    expect(some.get("alone")).toBe(all.get("alone"));
    expect(some.get("a")).toBe(all.get("a"));
    expect(some.get("sweep")).toMatchObject({ children: 1 });
    expect(all.get("sweep")).toMatchObject({ children: 2 });
  });

  it("sorts siblings, not across parents", () => {
    const sort = [{ column: "name", descending: false }];
    expect(drawn(lines(TREE, { sort }))).toEqual(["alone", "sweep", "  a", "  b"]);
  });

  it("shows only what is below a run", () => {
    expect(drawn(lines(TREE, { under: "sweep" }))).toEqual(["b", "a"]);
  });

  it("draws each of two runs that are each other's parents once", () => {
    expect(drawn(lines([run("a", { parent: "b" }), run("b", { parent: "a" })]))).toHaveLength(2);
  });
});

describe("sorted", () => {
  const runs = [
    run("none", { cells: [null] }),
    run("high", { cells: [3] }),
    run("low", { cells: [1] }),
    run("nan", { cells: ["NaN"] }),
  ];

  it.each([false, true])("has what lacks the value last, descending %s", (descending) => {
    const found = drawn(lines(runs, { sort: [{ column: "metrics.loss", descending }] }, LOSS));
    expect(found.slice(0, 2)).toEqual(descending ? ["high", "low"] : ["low", "high"]);
    expect(found.slice(2)).toEqual(["none", "nan"]);
  });

  it("goes by the next column where one does not tell", () => {
    const equal = [
      run("b", { user: "ada", cells: [1] }),
      run("a", { user: "ada", cells: [1] }),
      run("c", { user: "abe", cells: [1] }),
    ];
    const sort = [
      { column: "metrics.loss", descending: true },
      { column: "user", descending: true },
      { column: "name", descending: false },
    ];
    expect(drawn(lines(equal, { sort }, LOSS))).toEqual(["a", "b", "c"]);
  });

  it("counts digits in names as numbers", () => {
    const found = drawn(lines([run("run 10"), run("run 9")], { sort: [{ column: "name", descending: false }] }));
    expect(found).toEqual(["run 9", "run 10"]);
  });
});

describe("in groups", () => {
  const columns = [column("params.optimizer"), ...LOSS];
  const runs = [
    run("1", { cells: ["sgd", 4] }),
    run("2", { cells: ["adam", 1] }),
    run("3", { cells: ["sgd", 2] }),
    run("4", { cells: [null, "NaN"] }),
  ];

  it("stands by label, what has none last, with mean, lowest and highest", () => {
    const found = lines(runs, { group: "params.optimizer" }, columns);
    expect(drawn(found)).toEqual(["[adam]", "  2", "[sgd]", "  1", "  3", "[none]", "  4"]);
    const sgd = found[2];
    expect(sgd?.kind === "group" && sgd.summary("metrics.loss")).toEqual({ mean: 3, min: 2, max: 4 });
    const none = found[5];
    expect(none?.kind === "group" && none.summary("metrics.loss")).toBeNull();
  });

  it("is sorted by the mean, and within each group", () => {
    const sort = [{ column: "metrics.loss", descending: true }];
    expect(drawn(lines(runs, { group: "params.optimizer", sort }, columns))).toEqual([
      "[sgd]",
      "  1",
      "  3",
      "[adam]",
      "  2",
      "[none]",
      "  4",
    ]);
  });

  it("folds by group", () => {
    const folded = new Set(["group:sgd"]);
    expect(drawn(lines(runs, { group: "params.optimizer", folded }, columns))).toEqual([
      "[adam]",
      "  2",
      "[sgd]",
      "[none]",
      "  4",
    ]);
  });

  it("is named by the parent's label where it goes by parent", () => {
    const found = drawn(lines([run("p", { label: "sweep 1" }), run("c", { parent: "p" })], { group: "parent" }));
    expect(found).toEqual(["[sweep 1]", "  c", "[none]", "  p"]);
  });
});

it("forgets nothing between calls that it should not", () => {
  const grid = createGrid();
  const known = new Map(LOSS.map((one) => [one.key, one]));
  const how = {
    sort: [{ column: "metrics.loss", descending: false }],
    folded: new Set<string>(),
    group: "",
    under: null,
  };
  const first = tableOf([run("a", { cells: [1] }), run("b", { cells: [2] })], LOSS);
  const second = tableOf([run("a", { cells: [3] }), run("b", { cells: [2] }), run("c", { cells: [1] })], LOSS);
  expect(drawn(grid(first, known, ALL, how))).toEqual(["a", "b"]);
  expect(drawn(grid(second, known, ALL, how))).toEqual(["c", "b", "a"]);
  expect(drawn(grid(second, known, ({ id }) => id !== "b", how))).toEqual(["c", "a"]);
});
