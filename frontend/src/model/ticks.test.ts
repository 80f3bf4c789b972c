import { expect, it } from "vitest";
import { run } from "../testing/runs";
import { familyTicks, tick } from "./ticks";

it("has three states", () => {
  expect(tick([run("a"), run("b")])).toBe("all");
  expect(tick([run("a"), run("b", { shown: false })])).toBe("some");
  expect(tick([run("a", { shown: false })])).toBe("none");
});

it("tells of a parent and all below it", () => {
  const runs = [
    run("root"),
    run("sweep", { parent: "root", shown: false }),
    run("a", { parent: "sweep", shown: false }),
    run("whole"),
    run("b", { parent: "whole" }),
  ];
  expect(Object.fromEntries(familyTicks(runs))).toEqual({ root: "some", sweep: "none", whole: "all" });
});

it("leaves out what stands for its children only", () => {
  expect(familyTicks([run("stub", { stub: true, shown: false }), run("a", { parent: "stub" })]).get("stub")).toBe(
    "all",
  );
});
