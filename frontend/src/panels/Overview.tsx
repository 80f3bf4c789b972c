import { useSignal } from "@preact/signals";
import type { Pair } from "../api/types";
import { cellText } from "../model/format";
import { shownRun } from "../state/run";
import { CopyButton } from "../widgets/CopyButton";
import { Ago } from "../widgets/times";

/** Who, when, where from, with what, and how it came out. */
export function Overview() {
  const run = shownRun.value;
  if (!run) return null;
  return (
    <div class="overview">
      {run.note && (
        <section class="wide">
          <h3>Note</h3>
          <p class="note">{run.note}</p>
        </section>
      )}
      <section>
        <h3>About</h3>
        <dl class="pairs">
          {run.facts.map(({ label, value, href }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {href ? (
                  <a href={href} target="_blank" rel="noopener noreferrer">
                    {value}
                  </a>
                ) : (
                  <bdi>{value}</bdi>
                )}
              </dd>
            </div>
          ))}
          {run.start_s !== null && (
            <div>
              <dt>Started</dt>
              <dd>
                <Ago epochS={run.start_s} />
              </dd>
            </div>
          )}
        </dl>
      </section>
      <Pairs title="Params" pairs={run.params} />
      <section>
        <h3>Metrics, last values</h3>
        {run.metrics.length ? (
          <dl class="pairs">
            {run.metrics.map(({ metric, value, step }) => (
              <div key={metric}>
                <dt>
                  <bdi>{metric}</bdi>
                </dt>
                <dd title={`step ${step}, exactly ${value}`}>{cellText(value)}</dd>
              </div>
            ))}
          </dl>
        ) : (
          <p class="hint">None logged.</p>
        )}
      </section>
      <Pairs title="Tags" pairs={run.tags} />
      <section class="wide">
        <h3>Read it in Python</h3>
        <pre>{run.python}</pre>
        <CopyButton text={run.python} label="Copy" />
      </section>
    </div>
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
      {pairs.length > MANY && (
        <input
          type="search"
          aria-label={`Find in ${title}`}
          placeholder="Find"
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
          }}
        />
      )}
      {pairs.length ? (
        <dl class="pairs">
          {found.map(({ key, value }) => (
            <div key={key}>
              <dt>
                <bdi>{key}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <p class="hint">None.</p>
      )}
    </section>
  );
}
