import type { FunctionComponent } from "preact";
import type { Media, MediaKind, RunDetail } from "../api/types";

/** A part of a run's page. One that has nothing to show is not offered. */
export interface Panel {
  name: string;
  title: (run: RunDetail, media: Media | null) => string;
  applies: (run: RunDetail, media: Media | null) => boolean;
  load: () => Promise<FunctionComponent>;
}

export const IMAGES: readonly MediaKind[] = ["image", "audio", "video"];
export const TABLES: readonly MediaKind[] = ["table", "matrix", "accuracy", "predictions", "residuals"];
export const TEXTS: readonly MediaKind[] = ["text", "html"];

function count(media: Media | null, kinds: readonly MediaKind[]): number {
  return media?.series.filter(({ kind }) => kinds.includes(kind)).length ?? 0;
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
    name: "images",
    title: (_, media) => `${count(media, ["audio", "video"]) ? "Media" : "Images"} ${count(media, IMAGES)}`,
    applies: (_, media) => count(media, IMAGES) > 0,
    load: () => import("./Images").then((module) => module.Images),
  },
  {
    name: "tables",
    title: (_, media) => `Tables ${count(media, TABLES)}`,
    applies: (_, media) => count(media, TABLES) > 0,
    load: () => import("./Tables").then((module) => module.Tables),
  },
  {
    name: "text",
    title: () => "Text",
    applies: (run, media) => run.note !== "" || count(media, TEXTS) > 0,
    load: () => import("./Text").then((module) => module.Texts),
  },
  {
    name: "logs",
    title: () => "Logs",
    applies: (_, media) => (media?.logs ?? 0) > 0,
    load: () => import("./Logs").then((module) => module.LogPanel),
  },
  {
    name: "artifacts",
    title: () => "Artifacts",
    applies: () => true,
    load: () => import("./Artifacts").then((module) => module.Artifacts),
  },
  {
    name: "children",
    title: (run) => `Children ${run.child_count}`,
    applies: (run) => run.child_count > 0,
    load: () => import("./Children").then((module) => module.Children),
  },
];
