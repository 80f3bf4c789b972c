import { useSignal } from "@preact/signals";
import type { Pair, RunBrief, RunDetail } from "../api/types";
import { cellText, moment } from "../model/format";
import { shownRun } from "../state/run";
import { byId } from "../state/runs";
import { go, panel } from "../state/view";
import { CopyButton } from "../widgets/CopyButton";
import { Filter } from "../widgets/Filter";
import { Lazy } from "../widgets/Lazy";
import { Markdown } from "../widgets/Markdown";
import { Status } from "../widgets/Status";

const loadThumbnails = () => import("./Thumbnails").then((module) => module.Thumbnails);

/** Who, when, where from, with what, and how it came out. */
export function Overview() {
  const run = shownRun.value;
  if (!run) return null;
  return (
    <div class="overview">
      {run.note && (
        <section class="wide">
          <h3>Note</h3>
          <Markdown text={run.note} />
        </section>
      )}
      {run.metrics.length > 0 && (
        <section class="wide">
          <h3>Curves</h3>
          <Lazy load={loadThumbnails} />
        </section>
      )}
      <About run={run} />
      <Pairs title="Params" pairs={run.params} />
      <Metrics run={run} />
      <Pairs title="Tags" pairs={run.tags} />
      {run.child_count > 0 && <ChildList runs={run.children} count={run.child_count} />}
      <section class="wide">
        <h3>Read it in Python</h3>
        <pre>{run.python}</pre>
        <CopyButton text={run.python} label="Copy" />
      </section>
    </div>
  );
}

function About({ run }: { run: RunDetail }) {
  const parent = run.ancestors.at(-1);
  return (
    <section>
      <h3>About</h3>
      <dl class="pairs">
        {run.facts.map(({ label, value, href }) => (
          <Line key={label} label={label}>
            {href ? (
              <a href={href} target="_blank" rel="noopener noreferrer">
                {value}
              </a>
            ) : (
              <bdi>{value}</bdi>
            )}
          </Line>
        ))}
        {run.start_s !== null && <Line label="Started">{moment(run.start_s)}</Line>}
        {run.end_s !== null && <Line label="Ended">{moment(run.end_s)}</Line>}
        {parent && (
          <Line label="Parent">
            <button type="button" class="link" onClick={() => go({ page: "run", run: parent.key })}>
              <bdi>{parent.value}</bdi>
            </button>
          </Line>
        )}
        {run.artifact_uri && (
          <Line label="Artifacts">
            <bdi>{run.artifact_uri}</bdi>
          </Line>
        )}
      </dl>
      {run.links.map(({ label, href }) => (
        <a key={href} class="button" href={href} target="_blank" rel="noopener noreferrer">
          {label} ↗
        </a>
      ))}
      <CopyButton text={run.uri} label="Copy URI" />
    </section>
  );
}

function Line({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>
        <bdi>{label}</bdi>
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Metrics({ run }: { run: RunDetail }) {
  return (
    <section>
      <h3>Metrics, last values</h3>
      {run.metrics.length ? (
        <dl class="pairs">
          {run.metrics.map(({ metric, value, step }) => (
            <Line key={metric} label={metric}>
              <span title={`step ${step}, exactly ${value}`}>{cellText(value)}</span>
            </Line>
          ))}
        </dl>
      ) : (
        <p class="hint">None logged.</p>
      )}
    </section>
  );
}

const MANY = 12;

function Pairs({ title, pairs }: { title: string; pairs: readonly Pair[] }) {
  const wanted = useSignal("");
  const text = wanted.value.toLowerCase();
  const found = pairs.filter(({ key, value }) => `${key}\n${value}`.toLowerCase().includes(text));
  return (
    <section>
      <h3>
        {title} {pairs.length > 0 && <small>{pairs.length}</small>}
      </h3>
      {pairs.length > MANY && <Filter text={wanted} label={`Find in ${title}`} />}
      {pairs.length ? (
        <dl class="pairs">
          {found.map(({ key, value }) => (
            <Line key={key} label={key}>
              <bdi>{value}</bdi>
            </Line>
          ))}
        </dl>
      ) : (
        <p class="hint">None.</p>
      )}
    </section>
  );
}

const FEW = 8;

function ChildList({ runs, count }: { runs: readonly RunBrief[]; count: number }) {
  return (
    <section>
      <h3>
        Children <small>{count}</small>
      </h3>
      <ul class="briefs">
        {runs.slice(0, FEW).map(({ id, label, status }) => (
          <li key={id}>
            <button type="button" class="link" onClick={() => go({ page: "run", run: id })}>
              <bdi>{label}</bdi>
            </button>
            <Status status={byId.value.get(id)?.status ?? status} />
          </li>
        ))}
      </ul>
      {count > FEW && (
        <button
          type="button"
          class="link"
          onClick={() => {
            panel.value = "children";
          }}
        >
          All {count}
        </button>
      )}
    </section>
  );
}
