import { expect, it } from "vitest";
import type { Trouble } from "../api/types";
import { saidOnce } from "./troubles";

const DOWN = "The server does not answer.";

function trouble(about: Trouble["about"], message: string, since_s = 1): Trouble {
  return { about, message, since_s };
}

it("says one cause once, with all that it hinders", () => {
  const troubles = [
    trouble("artifacts", `Artifacts of 1 run: ${DOWN}`, 3),
    trouble("runs", DOWN, 2),
    trouble("curves", DOWN, 4),
  ];
  expect(saidOnce(troubles, [])).toEqual([{ abouts: ["runs", "curves", "artifacts"], message: DOWN, since_s: 2 }]);
});

it("keeps causes apart that differ", () => {
  expect(saidOnce([trouble("runs", DOWN), trouble("curves", "No access.")], [])).toHaveLength(2);
});

it("leaves out what is said elsewhere", () => {
  expect(saidOnce([trouble("runs", DOWN), trouble("curves", "No access.")], [DOWN]).map((t) => t.message)).toEqual([
    "No access.",
  ]);
});
