import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followKeys } from "./keys";
import { selected, table } from "./state/runs";
import { compared, help, page } from "./state/view";
import { run, tableOf } from "./testing/runs";

let stop = () => {};

beforeEach(() => {
  stop = followKeys();
  page.value = "run";
});
afterEach(() => stop());

function press(...keys: string[]): void {
  for (const key of keys) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}

describe("keys that work everywhere", () => {
  it("go to a page by g and a letter", () => {
    press("g", "s");
    expect(page.value).toBe("sweep");
    press("g", "r");
    expect(page.value).toBe("runs");
  });

  it("do nothing for a letter alone, nor behind another one", () => {
    press("s");
    press("g", "x", "s");
    expect(page.value).toBe("run");
  });

  it("compare what is selected, if that is more than one run", () => {
    table.value = tableOf([run("a"), run("b"), run("above", { stub: true })]);
    selected.value = new Set(["a", "above"]);
    press("g", "c");
    expect(page.value).toBe("run");
    selected.value = new Set(["a", "b", "above"]);
    press("g", "c");
    expect([page.value, compared.value]).toEqual(["compare", ["a", "b"]]);
  });

  it("leave letters to a box that is typed into", () => {
    const box = document.body.appendChild(document.createElement("input"));
    for (const key of ["g", "s", "?"]) box.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    expect([page.value, help.value]).toEqual(["run", false]);
    box.remove();
  });
});
