import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { fileAddress } from "../api/files";
import type { MediaSeries } from "../api/types";
import { sharpen } from "./Images";

interface Props {
  run: string;
  series: MediaSeries;
  place: Signal<number>;
  onClose: () => void;
}

const MOST_ZOOM = 32;

/** One image as large as the page: arrow keys for the steps, plus and minus or the wheel to zoom, drag to move. */
export function ImageViewer({ run, series, place, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const zoom = useSignal(1);
  useEffect(() => dialog.current?.showModal(), []);
  const at = Math.min(place.value, series.frames.length - 1);
  const frame = series.frames[at];
  const scale = (by: number) => {
    zoom.value = Math.min(MOST_ZOOM, Math.max(1, zoom.value * by));
  };
  const step = (by: number) => {
    place.value = Math.min(series.frames.length - 1, Math.max(0, at + by));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    "+": () => scale(1.5),
    "=": () => scale(1.5),
    "-": () => scale(1 / 1.5),
    "0": () => {
      zoom.value = 1;
    },
  };
  if (!frame) return null;
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={series.key}
      onClose={onClose}
      onKeyDown={(event) => {
        event.stopPropagation(); // the page behind has keys of its own
        const act = keys[event.key];
        if (!act) return;
        act();
        event.preventDefault();
      }}
    >
      <header>
        <b>
          <bdi>{series.key}</bdi>
        </b>
        <span class="hint">
          {frame.step === null ? "" : `step ${frame.step}, `}
          {at + 1} of {series.frames.length}
        </span>
        <span class="gap" />
        <button type="button" aria-label="Previous step" disabled={at === 0} onClick={() => step(-1)}>
          ←
        </button>
        <button type="button" aria-label="Next step" disabled={at === series.frames.length - 1} onClick={() => step(1)}>
          →
        </button>
        <button type="button" aria-label="Smaller" disabled={zoom.value === 1} onClick={() => scale(1 / 1.5)}>
          −
        </button>
        <button type="button" aria-label="Larger" onClick={() => scale(1.5)}>
          +
        </button>
        <a class="button" href={fileAddress(run, frame.path, true)} download>
          Download
        </a>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <Stage zoom={zoom.value} onScale={scale}>
        <img
          src={fileAddress(run, frame.path)}
          alt={series.key}
          draggable={false}
          style={{ width: `${zoom.value * 100}%`, height: `${zoom.value * 100}%` }}
          onLoad={(event) => sharpen(event.currentTarget)}
        />
      </Stage>
    </dialog>
  );
}

interface StageProps {
  zoom: number;
  onScale: (by: number) => void;
  children: preact.ComponentChildren;
}

function Stage({ zoom, onScale, children }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const drag = (event: PointerEvent) => {
    const box = stage.current;
    if (!box || zoom === 1) return;
    const from = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
    const move = (moved: PointerEvent) => box.scrollTo(from.x - moved.clientX, from.y - moved.clientY);
    box.setPointerCapture(event.pointerId);
    box.addEventListener("pointermove", move);
    box.addEventListener("lostpointercapture", () => box.removeEventListener("pointermove", move), { once: true });
  };
  return (
    <div
      ref={stage}
      class={zoom > 1 ? "stage movable" : "stage"}
      onPointerDown={drag}
      onWheel={(event) => {
        event.preventDefault();
        onScale(event.deltaY < 0 ? 1.2 : 1 / 1.2);
      }}
    >
      {children}
    </div>
  );
}
