import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { fileAddress } from "../api/files";
import type { Frame } from "../api/types";
import { sharpen } from "./Images";

export interface Shown {
  run: string;
  label: string; // whose it is, where there are several
  frame: Frame;
}

interface Props {
  title: string;
  images: readonly Shown[];
  at: number; // which of `count` steps they are of
  count: number;
  onStep: (by: number) => void;
  onClose: () => void;
}

const MOST_ZOOM = 32;

/** Images as large as the page: arrow keys for the steps, plus and minus or the wheel to zoom, drag to move all alike. */
export function ImageViewer({ title, images, at, count, onStep, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const stages = useRef<HTMLDivElement>(null);
  const zoom = useSignal(1);
  useEffect(() => dialog.current?.showModal(), []);
  const scale = (by: number) => {
    zoom.value = Math.min(MOST_ZOOM, Math.max(1, zoom.value * by));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => onStep(-1),
    ArrowRight: () => onStep(1),
    "+": () => scale(1.5),
    "=": () => scale(1.5),
    "-": () => scale(1 / 1.5),
    "0": () => {
      zoom.value = 1;
    },
  };
  const step = images[0]?.frame.step ?? null;
  const single = images.length === 1 ? images[0] : undefined;
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label={title}
      onClose={onClose}
      onKeyDown={(event) => {
        event.stopPropagation(); // the page behind has keys of its own
        const isMoved = zoom.value > 1 && (event.target as HTMLElement).matches(".stage"); // by its own arrow keys
        const act = isMoved && event.key.startsWith("Arrow") ? undefined : keys[event.key];
        if (!act) return;
        act();
        event.preventDefault();
      }}
    >
      <header>
        <b>
          <bdi>{title}</bdi>
        </b>
        <span class="hint" aria-live="polite">
          {step === null ? "" : `step ${step}, `}
          {at + 1} of {count}
        </span>
        <span class="gap" />
        <button type="button" aria-label="Previous step" disabled={at === 0} onClick={() => onStep(-1)}>
          ←
        </button>
        <button type="button" aria-label="Next step" disabled={at === count - 1} onClick={() => onStep(1)}>
          →
        </button>
        <button type="button" aria-label="Smaller" disabled={zoom.value === 1} onClick={() => scale(1 / 1.5)}>
          −
        </button>
        <button type="button" aria-label="Larger" onClick={() => scale(1.5)}>
          +
        </button>
        {single && (
          <a class="button" href={fileAddress(single.run, single.frame.path, true)} download>
            Download
          </a>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div class="stages" ref={stages}>
        {images.map(({ run, label, frame }) => (
          <figure key={run}>
            {!single && (
              <figcaption>
                <bdi>{label}</bdi> <small>{frame.step === null ? "" : `step ${frame.step}`}</small>
              </figcaption>
            )}
            <Stage zoom={zoom.value} onScale={scale} onMove={(box) => align(stages.current, box)}>
              <img
                src={fileAddress(run, frame.path)}
                alt={single ? title : `${title} of ${label}`}
                draggable={false}
                style={{ width: `${zoom.value * 100}%`, height: `${zoom.value * 100}%` }}
                onLoad={(event) => sharpen(event.currentTarget)}
              />
            </Stage>
          </figure>
        ))}
      </div>
    </dialog>
  );
}

/** Moves every stage to where `box` has been moved. */
function align(stages: HTMLElement | null, box: HTMLElement): void {
  for (const other of stages?.querySelectorAll(".stage") ?? [])
    if (other !== box) other.scrollTo(box.scrollLeft, box.scrollTop);
}

interface StageProps {
  zoom: number;
  onScale: (by: number) => void;
  onMove: (box: HTMLElement) => void;
  children: preact.ComponentChildren;
}

function Stage({ zoom, onScale, onMove, children }: StageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const zoomed = useRef(1);
  useLayoutEffect(() => {
    const [box, by] = [stage.current, zoom / zoomed.current];
    zoomed.current = zoom;
    if (!box) return;
    const [across, down] = [box.clientWidth / 2, box.clientHeight / 2]; // the middle stays in the middle
    box.scrollTo((box.scrollLeft + across) * by - across, (box.scrollTop + down) * by - down);
  }, [zoom]);
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
      tabIndex={zoom > 1 ? 0 : undefined}
      onScroll={(event) => onMove(event.currentTarget)}
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
