import { useComputed } from "@preact/signals";
import type { Status } from "../api/types";
import { ago, duration, moment } from "../model/format";
import { nowS } from "../state/clock";

/** How long ago, absolute on hover. */
export function Ago({ epochS }: { epochS: number | null }) {
  const text = useComputed(() => (epochS === null ? "" : ago(nowS.value - epochS)));
  return epochS === null ? null : (
    <time title={moment(epochS)} dateTime={new Date(epochS * 1000).toISOString()}>
      {text}
    </time>
  );
}

interface Times {
  status: Status;
  start_s: number | null;
  end_s: number | null;
}

/** How long a run took; ticking while it runs. */
export function Duration({ run }: { run: Times }) {
  if (run.start_s === null) return null;
  if (run.end_s !== null) return <span>{duration(run.end_s - run.start_s)}</span>;
  return run.status === "running" ? <Ticking start={run.start_s} /> : null;
}

function Ticking({ start }: { start: number }) {
  const text = useComputed(() => duration(nowS.value - start));
  return <span>{text}</span>;
}
