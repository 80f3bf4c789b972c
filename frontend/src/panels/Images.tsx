import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { fileAddress } from "../api/files";
import type { Frame, MediaSeries } from "../api/types";
import { bytes } from "../model/format";
import { media } from "../state/run";
import { Filter } from "../widgets/Filter";
import { StepSlider } from "../widgets/StepSlider";
import { IMAGES } from ".";
import { ImageViewer } from "./ImageViewer";
import { Recording } from "./Recording";

const FEW = 3;

/** What the run logged to be seen or heard, at each of its steps. */
export function Images() {
  const wanted = useSignal("");
  const series = media.value?.series.filter(({ kind }) => IMAGES.includes(kind)) ?? [];
  const size = useSignal(series.length > FEW ? 260 : 400);
  const found = series.filter(({ key }) => key.toLowerCase().includes(wanted.value.toLowerCase()));
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="Which images, and how large">
        {series.length > 6 && <Filter text={wanted} label="Find an image" />}
        <label>
          Size{" "}
          <input
            type="range"
            min="120"
            max="800"
            step="20"
            value={size.value}
            onInput={(event) => {
              size.value = Number(event.currentTarget.value);
            }}
          />
        </label>
        <span class="hint">Arrow keys on a slider go through the steps; a click on an image enlarges it.</span>
      </div>
      <div class="images" style={{ "--size": `${size.value}px` }}>
        {found.map((one) => (
          <MediaCard key={one.key} series={one} />
        ))}
      </div>
      {!found.length && <p class="hint padded">No image of this run has that in its name.</p>}
    </>
  );
}

function MediaCard({ series }: { series: MediaSeries }) {
  const place = useSignal(series.frames.length - 1);
  const enlarged = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const at = Math.min(place.value, series.frames.length - 1);
  const frame = series.frames[at];
  const run = media.value?.run ?? "";
  if (!frame) return null;
  const close = () => {
    enlarged.value = false;
    opener.current?.focus();
  };
  return (
    <figure class="media" aria-label={series.key}>
      <figcaption>
        <bdi>{series.key}</bdi>
        <small>{said(frame)}</small>
      </figcaption>
      {series.kind === "image" ? (
        <button
          ref={opener}
          type="button"
          class="picture"
          aria-label={`Enlarge ${series.key}`}
          onClick={() => {
            enlarged.value = true;
          }}
        >
          <Picture run={run} frame={frame} name={series.key} />
        </button>
      ) : (
        <Recording run={run} path={frame.path} kind={series.kind} name={series.key} />
      )}
      <StepSlider frames={series.frames} place={place} label={series.key} />
      {enlarged.value && (
        <ImageViewer
          title={series.key}
          images={[{ run, label: "", frame }]}
          at={at}
          count={series.frames.length}
          onStep={(by) => {
            place.value = Math.min(series.frames.length - 1, Math.max(0, at + by));
          }}
          onClose={close}
        />
      )}
    </figure>
  );
}

function said(frame: Frame): string {
  const size = frame.size_bytes === null ? "" : bytes(frame.size_bytes);
  return [frame.step === null ? "" : `step ${frame.step}`, size].filter(Boolean).join(" · ");
}

export function Picture({ run, frame, name }: { run: string; frame: Frame; name: string }) {
  const broken = useSignal("");
  if (broken.value === frame.path) return <span class="why">This image cannot be shown: {frame.path}</span>;
  return (
    <img
      src={fileAddress(run, frame.path)}
      alt={`${name}, ${said(frame)}`}
      loading="lazy"
      decoding="async"
      onLoad={(event) => sharpen(event.currentTarget)}
      onError={() => {
        broken.value = frame.path;
      }}
    />
  );
}

/** An image of a few pixels is looked at for its pixels. */
export function sharpen(image: HTMLImageElement): void {
  image.style.imageRendering = Math.max(image.naturalWidth, image.naturalHeight) <= 128 ? "pixelated" : "auto";
}
