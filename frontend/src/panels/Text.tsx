import { useSignal } from "@preact/signals";
import { getText, pageAddress } from "../api/files";
import type { MediaSeries, TextPart } from "../api/types";
import { bytes } from "../model/format";
import { useResource } from "../state/resource";
import { media, shownRun } from "../state/run";
import { item } from "../state/view";
import { Loaded } from "../widgets/Loaded";
import { Markdown } from "../widgets/Markdown";
import { StepSlider } from "../widgets/StepSlider";
import { TEXTS } from ".";
import { Choice } from "./Choice";
import type { FileProps } from "./Tables";

const NOTE = "note";

/** The note of the run, and the texts and pages that it logged. */
export function Texts() {
  const run = shownRun.value;
  const series = media.value?.series.filter(({ kind }) => TEXTS.includes(kind)) ?? [];
  if (!run) return null;
  const note = run.note ? [{ key: NOTE, label: "Note", hint: "" }] : [];
  const choices = [...note, ...series.map(({ key, kind }) => ({ key: `${kind}:${key}`, label: key, hint: kind }))];
  const open = choices.find(({ key }) => key === item.value)?.key ?? choices[0]?.key ?? "";
  const one = series.find(({ key, kind }) => `${kind}:${key}` === open);
  return (
    <div class="split">
      <Choice label="Texts" choices={choices} open={open} />
      <section class="shown">
        {open === NOTE && (
          <div class="padded">
            <Markdown text={run.note} />
          </div>
        )}
        {one && <OneSeries key={open} series={one} />}
      </section>
    </div>
  );
}

function OneSeries({ series }: { series: MediaSeries }) {
  const place = useSignal(series.frames.length - 1);
  const frame = series.frames[Math.min(place.value, series.frames.length - 1)];
  const run = media.value?.run ?? "";
  if (!frame) return null;
  return (
    <>
      <header class="subject">
        <h3>
          <bdi>{series.key}</bdi>
        </h3>
        {frame.step !== null && series.frames.length > 1 && <small>step {frame.step}</small>}
        <StepSlider frames={series.frames} place={place} label={series.key} />
      </header>
      {series.kind === "html" ? <HtmlView run={run} path={frame.path} /> : <TextView run={run} path={frame.path} />}
    </>
  );
}

/** A page that a run logged: in a frame of its own that may run nothing, reach nothing and name nothing of ours. */
export function HtmlView({ run, path }: FileProps) {
  return <iframe class="foreign" sandbox="" title={path} src={pageAddress(run, path)} referrerpolicy="no-referrer" />;
}

export function TextView({ run, path }: FileProps) {
  const answer = useResource((signal) => getText(run, path, signal), [run, path]);
  return <Loaded of={answer}>{(part) => <Shown part={part} />}</Loaded>;
}

function Shown({ part }: { part: TextPart }) {
  if (part.binary) return <p class="hint padded">This is no text. Download it to look at it elsewhere.</p>;
  return (
    <>
      {part.truncated && (
        <p class="hint padded">
          The beginning{part.size_bytes === null ? "" : ` of ${bytes(part.size_bytes)}`}; the download has it all.
        </p>
      )}
      {/\.(md|markdown)$/i.test(part.path) ? (
        <div class="padded">
          <Markdown text={part.text} />
        </div>
      ) : (
        <pre class="file">{/\.json$/i.test(part.path) && !part.truncated ? indented(part.text) : part.text}</pre>
      )}
    </>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // no JSON after all: as it is
  }
}
