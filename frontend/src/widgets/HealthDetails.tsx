import { getNotShown } from "../api/reads";
import { bytes, number, plural } from "../model/format";
import { useResource } from "../state/resource";
import { health, polledS } from "../state/runs";
import { go } from "../state/view";
import { CopyButton } from "./CopyButton";
import { Loaded } from "./Loaded";
import { Ago } from "./times";

const MB = 2 ** 20;

/** All that is known about how things stand. */
export function HealthDetails() {
  const now = health.value;
  if (!now) return <p>TensorBoard has not answered yet.</p>;
  const facts: [string, preact.ComponentChildren][] = [
    ["Place", <bdi key="place">{now.location}</bdi>],
    ...(now.identity ? ([["As", <bdi key="as">{now.identity}</bdi>]] as [string, preact.ComponentChildren][]) : []),
    ["Read last", polledS.value ? <Ago key="ago" epochS={polledS.value} /> : "never"],
    ["Runs", `${plural(now.runs, "run")}, ${now.shown} in the dashboards${now.more ? ", and more at the place" : ""}`],
    ["Curves", `${number(Math.round(now.points_per_s))} points a second lately`],
    [
      "Changing runs",
      now.writes ? "allowed" : ["not allowed; start with ", <code key="flag">--aml_allow_writes</code>],
    ],
    [
      "Kept",
      now.caches.map(({ what, mb, limit_mb }) => (
        <div key={what}>
          {bytes(mb * MB)} of {what}, at most {bytes(limit_mb * MB)}
        </div>
      )),
    ],
  ];
  return (
    <>
      <dl class="pairs">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CopyButton text={JSON.stringify(now, null, 2)} label="Copy diagnostics" />
      {now.not_shown > 0 && <NotShown version={now.version} />}
    </>
  );
}

/** What no dashboard can show, and why. */
function NotShown({ version }: { version: string }) {
  const answer = useResource(getNotShown, [version]);
  return (
    <>
      <h3>Not shown</h3>
      <Loaded of={answer}>
        {({ rows, total }) => (
          <>
            <ul class="reasons">
              {rows.map(({ run, label, what, reason }) => (
                <li key={`${run} ${what}`}>
                  <button type="button" class="quiet" onClick={() => go({ page: "run", run })}>
                    <bdi>{label}</bdi>
                  </button>{" "}
                  <b>
                    <bdi>{what}</bdi>
                  </b>{" "}
                  {reason}
                </li>
              ))}
            </ul>
            {total > rows.length && <p class="hint">and {plural(total - rows.length, "further thing")}.</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
