import { post } from "./client";
import type { Better, Chosen, Health, Shown, Tasks, Written } from "./types";

/** What the page can change. */

export type Change =
  | { show: readonly string[] }
  | { hide: readonly string[] }
  | { only: readonly string[] }
  | { all: true }
  | { top: { count: number; metric: string; better: Better } };

/** Which runs TensorBoard's dashboards see. */
export const changeShown = (change: Change) => post<Shown>("shown", change);

export type Choice =
  | { add_experiments: readonly string[] }
  | { remove_experiments: readonly string[] }
  | { only_experiments: readonly string[] }
  | { add_runs: readonly string[] }
  | { remove_runs: readonly string[] }
  | { limit: number }
  | { reset: true };

/** Which runs of the place are on the Board. */
export const changeChosen = (choice: Choice) => post<Chosen>("chosen", choice);

export const setPaused = (paused: boolean) => post<Health>("paused", { paused });
export const poll = () => post<Health>("poll", {});
export const cancelTask = (id: string) => post<Tasks>("tasks/cancel", { id });
export const signIn = () => post<Health>("sign_in", {});

export type Write =
  | { tag: { run: string; key: string; value: string | null } }
  | { rename: { run: string; name: string } }
  | { note: { run: string; text: string } }
  | { stop: { run: string } }
  | { archive: { run: string } }
  | { restore: { run: string } };

/** Changes a run at the place itself; `token` is that of `getWrites`. */
export const write = (what: Write, token: string) => post<Written>("write", what, { "X-Aml-Token": token });
