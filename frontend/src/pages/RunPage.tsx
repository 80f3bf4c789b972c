import { batch, useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { RunDetail } from "../api/types";
import { isTyping } from "../host";
import { PANELS } from "../panels";
import { load, media, runProblem, shownRun } from "../state/run";
import { byId, colourOf, health, table, tableLines } from "../state/runs";
import { go, item, panel } from "../state/view";
import { CopyButton } from "../widgets/CopyButton";
import { Failed } from "../widgets/cards";
import { DashboardLink } from "../widgets/DashboardLink";
import { Lazy } from "../widgets/Lazy";
import { Popup } from "../widgets/Popup";
import { Status } from "../widgets/Status";
import { Ago, Duration } from "../widgets/times";

/** One run: what happened in it. */
export function RunPage({ id }: { id: string }) {
  const version = table.value.version;
  useEffect(() => {
    const abort = new AbortController();
    // A run that has ended writes no more files.
    void load(id, byId.peek().get(id)?.end_s === null, abort.signal);
    return () => abort.abort();
  }, [id, version]);
  useEffect(() => followKeys(id), [id]);
  if (runProblem.value) {
    return (
      <main class="page">
        <Failed
          what="This run cannot be shown"
          why={runProblem.value.message}
          diagnostics={JSON.stringify({ run: id, status: runProblem.value.status }, null, 2)}
          onRetry={() => void load(id, true, new AbortController().signal)}
        >
          <button type="button" onClick={() => go({ page: "runs" })}>
            To the runs
          </button>
        </Failed>
      </main>
    );
  }
  return (
    <main class="page">
      <Title id={id} />
      {shownRun.value?.id === id && <Panels run={shownRun.value} />}
    </main>
  );
}

const loadActions = () => import("./RunActions").then((module) => module.RunActions);

function Title({ id }: { id: string }) {
  const row = byId.value.get(id);
  const detail = shownRun.value?.id === id ? shownRun.value : null;
  const times = row ?? detail;
  return (
    <header class="title">
      <nav aria-label="Where this run is">
        <button type="button" class="quiet" onClick={() => go({ page: "runs" })}>
          ‹ Runs
        </button>
        {detail?.ancestors.map(({ key, value }) => (
          <span key={key}>
            <button type="button" class="quiet" onClick={() => go({ page: "run", run: key })}>
              <bdi>{value}</bdi>
            </button>
            /
          </span>
        ))}
      </nav>
      <h2>
        {row && <span class="swatch" style={{ background: colourOf.value(row) ?? "transparent" }} aria-hidden="true" />}
        <bdi>{times?.label ?? id}</bdi>
      </h2>
      {times && (
        <span class="facts">
          <Status status={times.status} /> <Duration run={times} /> <Ago epochS={times.start_s} />
        </span>
      )}
      <span class="gap" />
      {row && (
        <>
          <DashboardLink dashboard="timeseries" runs={[row]}>
            Open in Time Series
          </DashboardLink>
          <DashboardLink dashboard="images" runs={[row]}>
            Images
          </DashboardLink>
        </>
      )}
      {detail && health.value?.writes && (
        <Popup label="Change this run" button="Change…">
          {(close) => <Lazy load={loadActions} run={detail} onDone={close} />}
        </Popup>
      )}
      {detail?.links.map(({ label, href }) => (
        <a key={href} class="button" href={href} target="_blank" rel="noopener noreferrer">
          {label} ↗
        </a>
      ))}
      <CopyButton text={id} label="Copy id" />
      {detail && <CopyButton text={detail.python} label="Copy Python" />}
    </header>
  );
}

function Panels({ run }: { run: RunDetail }) {
  const present = useComputed(() =>
    PANELS.filter((one) => shownRun.value && one.applies(shownRun.value, media.value)),
  ).value;
  const wanted = PANELS.find(({ name }) => name === panel.value);
  const open = present.find((one) => one.name === panel.value) ?? present[0];
  // A link to a panel waits until it is known whether the run has something for it.
  const waiting = wanted !== undefined && open !== wanted && media.value === null;
  if (!open) return null;
  return (
    <>
      <div class="tabs" role="tablist" aria-label={`About ${run.label}`}>
        {present.map((one) => (
          <button
            key={one.name}
            type="button"
            role="tab"
            id={`tab-${one.name}`}
            aria-selected={one === open}
            aria-controls="panel"
            tabIndex={one === open ? 0 : -1}
            onClick={() => choose(one.name)}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              const next = present[(present.indexOf(one) + step + present.length) % present.length];
              if (!step || !next) return;
              choose(next.name);
              document.getElementById(`tab-${next.name}`)?.focus();
            }}
          >
            {one.title(run, media.value)}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls takes the focus */}
      <section id="panel" class="panel" role="tabpanel" aria-labelledby={`tab-${open.name}`} tabIndex={0}>
        {waiting ? <div class="waiting" aria-busy="true" /> : <Lazy key={open.name} load={open.load} />}
      </section>
    </>
  );
}

function choose(name: string): void {
  batch(() => {
    panel.value = name;
    item.value = "";
  });
}

function followKeys(id: string): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    const step = event.key === "]" ? 1 : event.key === "[" ? -1 : 0;
    if (event.key === "Escape") go({ page: "runs" });
    if (!step) return;
    const runs = tableLines.value.flatMap((line) => (line.kind === "run" ? [line.run.id] : []));
    const next = runs[runs.indexOf(id) + step];
    if (next) go({ page: "run", run: next, panel: panel.value });
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
