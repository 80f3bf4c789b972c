import { poll, setPaused } from "../api/changes";
import { ago, clock, duration, plural } from "../model/format";
import { saidOnce } from "../model/troubles";
import { attempt } from "../state/actions";
import { nowS } from "../state/clock";
import { health, polledS, stale, trouble } from "../state/runs";
import { help } from "../state/view";
import { HealthDetails } from "./HealthDetails";
import { Popup } from "./Popup";
import { SignInCard } from "./SignInCard";
import { TaskBars } from "./TaskBars";

/** Whether what is shown can be trusted: the place, when it was last asked, what is wrong and the cure. */
export function HealthStrip() {
  const now = health.value;
  const hidden = now ? now.runs - now.shown : 0;
  return (
    <header class="strip">
      <h1>Azure ML</h1>
      <span class="place" title={now?.location}>
        <bdi>{now?.location ?? ""}</bdi>
        {now?.identity && (
          <>
            {" as "}
            <bdi>{now.identity}</bdi>
          </>
        )}
      </span>
      <span class="gap" />
      {hidden > 0 && <span>{plural(hidden, "run")} hidden in the dashboards</span>}
      <Throttled />
      <Popup label="How things stand" quiet button={<SyncState />}>
        {() => <HealthDetails />}
      </Popup>
      <button
        type="button"
        class="quiet"
        aria-pressed={now?.paused ?? false}
        onClick={() => void attempt(() => setPaused(!now?.paused))}
      >
        {now?.paused ? "Resume" : "Pause"}
      </button>
      <button type="button" class="quiet" onClick={() => void attempt(poll)}>
        Refresh
      </button>
      <button
        type="button"
        class="quiet"
        aria-label="Keys and search"
        title="Keys and search ( ? )"
        onClick={() => {
          help.value = true;
        }}
      >
        ?
      </button>
      <TaskBars />
      {now?.sign_in && <SignInCard how={now.sign_in} />}
      <Problems />
    </header>
  );
}

function SyncState() {
  const now = health.value;
  const age = polledS.value ? ago(nowS.value - polledS.value) : "never";
  const asOf = stale.value ? ` · as of ${clock(stale.value, nowS.value)}` : "";
  if (trouble.value) return <span class="sync bad">● no answer{asOf}</span>;
  if (now?.sign_in) return <span class="sync bad">● signed out{asOf}</span>;
  if (!now || (now.sync === "connecting" && !now.paused)) return <span class="sync">○ connecting</span>;
  if (now.sync === "failing") return <span class="sync bad">● stale{asOf}</span>;
  if (now.paused) return <span class="sync">◌ paused · read {age}</span>;
  const missing = now.not_shown ? ` · ${now.not_shown} not shown` : "";
  return (
    <span class="sync good">
      ● {now.sync === "once" ? "read once" : "live"} · read {age}
      {missing}
    </span>
  );
}

function Throttled() {
  const until = health.value?.throttled_until_s ?? 0;
  const left = until - nowS.value;
  return left > 0 ? <span class="sync">held back for {duration(left)}</span> : null;
}

/** What does not work, newest knowledge only; what was there before stays on the page. */
function Problems() {
  const lost = trouble.value;
  const signIn = health.value?.sign_in;
  const told = saidOnce(health.value?.troubles ?? [], signIn ? [signIn.message] : []).filter(
    ({ abouts }) => !signIn || !abouts.includes("sign-in"),
  );
  if (!lost && !told.length) return null;
  return (
    <div class="problems" role="alert">
      {lost && (
        <p>
          {lost.error.message} Shown is what was there {ago(nowS.value - lost.sinceS)}; this page asks again by itself.
        </p>
      )}
      {told.map(({ abouts, message, since_s }) => (
        <p key={message}>
          <b>{abouts.join(", ")}</b> {message} <small>since {ago(nowS.value - since_s).replace(" ago", "")}</small>
        </p>
      ))}
    </div>
  );
}
