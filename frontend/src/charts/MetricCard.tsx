import { batch, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { RequestError } from "../api/client";
import { curvesExport, getCurves } from "../api/reads";
import type { Curves } from "../api/types";
import { plural } from "../model/format";
import type { Zoom } from "../model/zoom";
import { byId } from "../state/runs";
import { DashboardLink } from "../widgets/DashboardLink";
import { abscissae, bounds } from "./abscissae";
import { LineChart, type Series } from "./LineChart";
import { axis } from "./options";

export interface DrawnRun {
  id: string;
  name: string;
  label: string;
  colour: string;
  startS: number | null;
}

interface Props {
  metric: string;
  runs: readonly DrawnRun[];
  version: number | string; // another one when the curve has grown
}

const POINTS = 2000;

/** One metric of one or several runs; fetched when it comes into view, again for each zoom. */
export function MetricCard({ metric, runs, version }: Props) {
  const card = useRef<HTMLElement>(null);
  const near = useSignal(false);
  const answer = useSignal<Curves | null>(null);
  const answered = useSignal<Zoom | null>(null); // what `answer` is of
  const problem = useSignal("");
  const zoom = useSignal<Zoom | null>(null);
  const attempt = useSignal(0);
  const kind = axis.value;
  const ids = runs.map(({ id }) => id);
  useEffect(() => whenNear(card.current, near), []);
  useEffect(() => {
    zoom.value = null; // its bounds are of the other axis
    answered.value = null;
  }, [kind]);
  useEffect(() => {
    if (!near.value) return;
    const abort = new AbortController();
    const range = zoom.value;
    const asked = { metric, runs: ids, points: POINTS, ...bounds(kind, range, runs) };
    getCurves(asked, abort.signal).then(
      (curves) => {
        batch(() => {
          answer.value = curves;
          answered.value = range;
          problem.value = "";
        });
        if (curves.missing.length && !curves.problem) setTimeout(() => abort.signal.aborted || attempt.value++, 1000);
      },
      (error: unknown) => {
        if (error instanceof RequestError) problem.value = error.message;
      },
    );
    return () => abort.abort();
  }, [near.value, metric, ids.join(), version, kind, zoom.value, attempt.value]);

  // Drawn anew for another answer only: a zoom that is under way stays.
  const drawn = useMemo(
    () =>
      (answer.value?.curves ?? []).flatMap((curve): Series[] => {
        const run = runs.find(({ id }) => id === curve.run);
        return run ? [{ label: run.label, colour: run.colour, x: abscissae(curve, kind), y: curve.values }] : [];
      }),
    [answer.value, kind, runs.map(({ id, label, colour }) => id + label + colour).join()],
  );
  const rows = runs.flatMap(({ id }) => byId.value.get(id) ?? []);
  return (
    <article class="chart" ref={card} aria-label={metric}>
      <header>
        <h3>
          <bdi>{metric}</bdi>
        </h3>
        <Remarks curves={answer.value} />
        <span class="gap" />
        {zoom.value && (
          <button
            type="button"
            class="whole"
            onClick={() => {
              zoom.value = null;
            }}
          >
            Whole curve
          </button>
        )}
        <a class="button" href={curvesExport("csv", metric, ids)} download title="All points as CSV">
          CSV
        </a>
        {rows.length > 0 && (
          <DashboardLink dashboard="timeseries" runs={rows} tag={metric}>
            Time Series
          </DashboardLink>
        )}
      </header>
      {drawn.length ? (
        <LineChart
          series={drawn}
          axis={kind}
          zoom={answered.value}
          wanted={zoom.value}
          onZoom={(range) => {
            zoom.value = range;
          }}
        />
      ) : (
        <div class="waiting" aria-busy={!answer.value && !problem.value}>
          {problem.value || answer.value?.problem || (answer.value && !answer.value.missing.length ? "No points." : "")}
        </div>
      )}
    </article>
  );
}

function Remarks({ curves }: { curves: Curves | null }) {
  if (!curves) return null;
  const all = curves.curves.reduce((sum, { points }) => sum + points, 0);
  const drawn = curves.curves.reduce((sum, { steps }) => sum + steps.length, 0);
  const odd = curves.curves.reduce((sum, { not_finite }) => sum + not_finite, 0);
  return (
    <small>
      {drawn < all
        ? `${plural(drawn, "point")} of ${all.toLocaleString("en").replaceAll(",", " ")}`
        : plural(all, "point")}
      {odd > 0 && `, ${odd} NaN or infinite`}
    </small>
  );
}

function whenNear(element: HTMLElement | null, near: { value: boolean }): () => void {
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) near.value = true;
    },
    { rootMargin: "200px" },
  );
  if (element) observer.observe(element);
  return () => observer.disconnect();
}
