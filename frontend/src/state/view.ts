import { batch, effect, signal } from "@preact/signals";
import { onAddressChange, readState, writeState } from "../host";
import type { SortBy } from "../model/table";

/** What the person looks at. All of it is in the address, so that a link shows a colleague the same. */

export type Page = "runs" | "run" | "compare" | "sweep";

/** Whether the keys are shown; no part of a link. */
export const help = signal(false);

export const page = signal<Page>("runs");
export const runId = signal("");
export const panel = signal("");
/** What is open within the panel: a path, a key. */
export const item = signal("");
export const compared = signal<readonly string[]>([]);
export const query = signal("");
export const statuses = signal<ReadonlySet<string>>(new Set());
export const experiment = signal("");
export const DEFAULT_SORT: readonly SortBy[] = [{ column: "started", descending: true }];
export const sort = signal<readonly SortBy[]>(DEFAULT_SORT);
export const group = signal("");
export const sweepMetric = signal("");

const PAGES: readonly string[] = ["runs", "run", "compare", "sweep"];

function fromAddress(): void {
  const state = readState();
  batch(() => {
    page.value = PAGES.includes(state.page ?? "") ? (state.page as Page) : "runs";
    runId.value = state.run ?? "";
    panel.value = state.panel ?? "";
    item.value = state.item ?? "";
    compared.value = list(state.runs);
    query.value = state.q ?? "";
    statuses.value = new Set(list(state.status));
    experiment.value = state.experiment ?? "";
    const order = list(state.sort).map((text) => ({
      column: text.replace(/^-/, ""),
      descending: text.startsWith("-"),
    }));
    sort.value = order.length ? order : DEFAULT_SORT;
    group.value = state.group ?? "";
    sweepMetric.value = state.metric ?? "";
  });
}

function list(text: string | undefined): string[] {
  return text ? text.split("\n") : [];
}

function toAddress(): Record<string, string> {
  const order = sort.value.map(({ column, descending }) => `${descending ? "-" : ""}${column}`).join("\n");
  const state: Record<string, string> = {
    page: page.value === "runs" ? "" : page.value,
    run: page.value === "run" ? runId.value : "",
    panel: page.value === "run" ? panel.value : "",
    item: page.value === "run" ? item.value : "",
    runs: page.value === "compare" ? compared.value.join("\n") : "",
    q: query.value,
    status: [...statuses.value].join("\n"),
    experiment: experiment.value,
    sort: sort.value === DEFAULT_SORT ? "" : order,
    group: group.value,
    metric: page.value === "sweep" ? sweepMetric.value : "",
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== ""));
}

let pushing = false;

export interface Place {
  page: Page;
  run?: string;
  panel?: string;
  item?: string;
  runs?: readonly string[];
  query?: string;
}

/** A change that Back undoes: to another page. */
export function go(to: Place): void {
  pushing = true;
  batch(() => {
    page.value = to.page;
    if (to.run !== undefined) runId.value = to.run;
    panel.value = to.panel ?? "";
    item.value = to.item ?? "";
    if (to.runs) compared.value = to.runs;
    if (to.query !== undefined) query.value = to.query;
  });
  pushing = false;
}

export function followAddress(): void {
  fromAddress();
  onAddressChange(fromAddress);
  effect(() => writeState(toAddress(), pushing));
}
