import { ago, plural } from "../model/format";
import { nowS } from "../state/clock";
import { health, paused, polledS, refresh, trouble } from "../state/runs";

/** Whether what is shown can be trusted: the place, when it was last asked, what is wrong and the cure. */
export function HealthStrip() {
  const now = health.value;
  const hidden = now ? now.runs - now.shown : 0;
  return (
    <header class="strip">
      <h1>Azure ML</h1>
      <span class="place" title={now?.location}>
        <bdi>{now?.location ?? ""}</bdi>
      </span>
      <span class="gap" />
      {hidden > 0 && <span>{plural(hidden, "run")} not shown in the dashboards</span>}
      <SyncState />
      <button
        type="button"
        class="quiet"
        aria-pressed={paused.value}
        onClick={() => {
          paused.value = !paused.value;
        }}
      >
        {paused.value ? "Resume" : "Pause"}
      </button>
      <button type="button" class="quiet" onClick={() => void refresh()}>
        Refresh
      </button>
      <Problems />
    </header>
  );
}

function SyncState() {
  const now = health.value;
  const age = polledS.value ? ago(nowS.value - polledS.value) : "never";
  if (trouble.value) return <span class="sync bad">● no answer</span>;
  if (!now || now.sync === "connecting") return <span class="sync">○ connecting</span>;
  if (now.sync === "failing") return <span class="sync bad">● stale · read {age}</span>;
  if (paused.value) return <span class="sync">◌ paused · read {age}</span>;
  const word = now.sync === "once" ? "read once" : "live";
  return (
    <span class="sync good" title={`${now.cache_mb} MB of curves in memory`}>
      ● {word} · read {age}
    </span>
  );
}

function Problems() {
  const now = health.value;
  const lost = trouble.value;
  const texts = [
    lost ? `${lost.error.message} Shown is what was there ${ago(nowS.value - lost.sinceS)}.` : "",
    ...new Set((now?.troubles ?? []).map(({ message }) => message)),
  ].filter(Boolean);
  if (!texts.length) return null;
  return (
    <div class="problems" role="alert">
      {texts.map((text) => (
        <p key={text}>{text}</p>
      ))}
    </div>
  );
}
