import type { FunctionComponent } from "preact";
import type { RunDetail } from "../api/types";
import { descendants } from "../model/table";
import { table } from "../state/runs";

/** A part of a run's page. One that does not apply to a run is not offered. */
export interface Panel {
  name: string;
  title: (run: RunDetail) => string;
  applies: (run: RunDetail) => boolean;
  load: () => Promise<FunctionComponent>;
}

/** A new panel is one entry here. */
export const PANELS: readonly Panel[] = [
  {
    name: "overview",
    title: () => "Overview",
    applies: () => true,
    load: () => import("./Overview").then((module) => module.Overview),
  },
  {
    name: "metrics",
    title: (run) => `Metrics ${run.metrics.length}`,
    applies: (run) => run.metrics.length > 0,
    load: () => import("./Metrics").then((module) => module.Metrics),
  },
  {
    name: "children",
    title: (run) => `Children ${descendants(table.value.runs, run.id).length}`,
    applies: (run) => table.value.runs.some((other) => other.parent === run.id),
    load: () => import("./Children").then((module) => module.Children),
  },
];
