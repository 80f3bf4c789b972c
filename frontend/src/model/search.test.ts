import { expect, it } from "vitest";
import { wholeSearch } from "./search";

it.each([
  ["", [], "", ""],
  [" loss < 1 ", [], "", "loss < 1"],
  ["", ["failed", "killed"], "", "status:failed OR status:killed"],
  ["a OR b", ["failed"], "", "(a OR b) (status:failed)"],
  ["a", [], 'the "best"', `(a) (experiment = 'the "best"')`],
])("says what %j, %j and %j leave", (query, statuses, experiment, whole) => {
  expect(wholeSearch(query, statuses, experiment)).toBe(whole);
});
