import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { RequestError } from "../api/client";
import { getMedia } from "../api/files";
import type { MediaSeries } from "../api/types";
import { plural } from "../model/format";
import { aligned, frameAt, stepsOf } from "../model/frames";
import { useResource } from "../state/resource";
import { Filter } from "../widgets/Filter";
import { Loaded } from "../widgets/Loaded";
import { StepSlider } from "../widgets/StepSlider";
import { Picture } from "./Images";
import { ImageViewer } from "./ImageViewer";

export interface ComparedRun {
  id: string;
  label: string;
  colour: string;
}

interface Props {
  runs: readonly ComparedRun[];
}

const ROWS_AT_MOST = 40;

/** The images of several runs: what has the same key beside each other, at the same step. */
export function SideBySide({ runs }: Props) {
  const answer = useResource(
    (signal) => Promise.all(runs.map(({ id }) => imagesOf(id, signal))),
    [runs.map(({ id }) => id).join()],
  );
  return <Loaded of={answer}>{(lists) => <Rows runs={runs} lists={lists} />}</Loaded>;
}

/** Of a run whose files cannot be read, none: its own page says why. */
async function imagesOf(run: string, signal: AbortSignal): Promise<MediaSeries[]> {
  try {
    return (await getMedia(run, signal)).series.filter(({ kind }) => kind === "image");
  } catch (error) {
    if (error instanceof RequestError && error.status) return [];
    throw error;
  }
}

function Rows({ runs, lists }: Props & { lists: readonly MediaSeries[][] }) {
  const steps = stepsOf(lists.flat());
  const place = useSignal(steps.length - 1);
  const wanted = useSignal("");
  const rows = aligned(lists);
  const found = rows.filter(({ key }) => key.toLowerCase().includes(wanted.value.toLowerCase()));
  if (!rows.length) return null;
  return (
    <section class="beside" aria-label="Images side by side">
      <div class="toolbar" role="toolbar" aria-label="Which images, and at which step">
        <h3>Images</h3>
        {rows.length > 6 && <Filter text={wanted} label="Find an image" />}
        <StepSlider
          frames={steps.map((step) => ({ path: "", step, size_bytes: null }))}
          place={place}
          label="all images"
        />
        {steps.length > 1 && <span class="hint">step {steps[place.value]}, for all of them</span>}
      </div>
      {found.slice(0, ROWS_AT_MOST).map(({ key, series }) => (
        <Row key={key} name={key} runs={runs} series={series} steps={steps} place={place} />
      ))}
      {found.length > ROWS_AT_MOST && (
        <p class="hint padded">{plural(found.length - ROWS_AT_MOST, "further image")}: find one by its name.</p>
      )}
    </section>
  );
}

interface RowProps extends Props {
  name: string;
  series: readonly (MediaSeries | undefined)[];
  steps: readonly number[];
  place: Signal<number>;
}

function Row({ name, runs, series, steps, place }: RowProps) {
  const enlarged = useSignal(false);
  const opener = useRef<HTMLDivElement>(null);
  const at = Math.min(place.value, steps.length - 1);
  const step = steps[at] ?? 0;
  const cells = runs.map((run, index) => ({ run, frame: frameAt(series[index]?.frames ?? [], step) }));
  const close = () => {
    enlarged.value = false;
    opener.current?.querySelector("button")?.focus();
  };
  return (
    <div ref={opener}>
      <h4>
        <bdi>{name}</bdi>
      </h4>
      <div class="images abreast" style={{ "--count": runs.length }}>
        {cells.map(({ run, frame }, index) => (
          <figure key={run.id} class="media" aria-label={`${name} of ${run.label}`}>
            <figcaption>
              <span class="whose">
                <span class="swatch" style={{ background: run.colour }} aria-hidden="true" /> <bdi>{run.label}</bdi>
              </span>
              <small>{frame && frame.step !== null ? `step ${frame.step}` : ""}</small>
            </figcaption>
            {frame ? (
              <button
                type="button"
                class="picture"
                aria-label={`Enlarge ${name}`}
                onClick={() => {
                  enlarged.value = true;
                }}
              >
                <Picture run={run.id} frame={frame} name={name} />
              </button>
            ) : (
              <p class="picture hint">{series[index] ? "Not yet at this step." : "Not logged."}</p>
            )}
          </figure>
        ))}
      </div>
      {enlarged.value && (
        <ImageViewer
          title={name}
          images={cells.flatMap(({ run, frame }) => (frame ? [{ run: run.id, label: run.label, frame }] : []))}
          at={at}
          count={steps.length}
          onStep={(by) => {
            place.value = Math.min(steps.length - 1, Math.max(0, at + by));
          }}
          onClose={close}
        />
      )}
    </div>
  );
}
