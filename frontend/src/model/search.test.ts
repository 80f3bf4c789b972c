import { expect, it } from "vitest";
import { column } from "../testing/runs";
import { completed, wholeSearch } from "./search";

it.each([
  ["", [], "", ""],
  [" loss < 1 ", [], "", "loss < 1"],
  ["", ["failed", "killed"], "", "status:failed OR status:killed"],
  ["a OR b", ["failed"], "", "(a OR b) (status:failed)"],
  ["a", [], 'the "best"', `(a) (experiment = 'the "best"')`],
])("says what %j, %j and %j leave", (query, statuses, experiment, whole) => {
  expect(wholeSearch(query, statuses, experiment)).toBe(whole);
});

it.each([
  ["lr > 0.01", 0, "params.lr > 0.01"],
  ["sgd lr<0.1", 4, "sgd params.lr<0.1"],
  ["loss != 1", 0, "metrics.loss != 1"],
  ["seed = 1", 0, null], // a param and a metric
  ["team = a", 0, "tags.team = a"],
  ["owner = a", 0, "params.owner = a"], // a tag as well, which is asked for less
  ["none = a", 0, null],
  ["lr", 0, null],
])("completes %j, wrong at %i, to %j", (text, position, whole) => {
  const keys = ["params.lr", "metrics.loss", "params.seed", "metrics.seed", "tags.team", "params.owner", "tags.owner"];
  expect(
    completed(
      text,
      position,
      keys.map((key) => column(key)),
    ),
  ).toBe(whole);
});
