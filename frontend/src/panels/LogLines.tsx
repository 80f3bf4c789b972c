import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import Anser from "anser";
import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type LogText, lineAt, placesOf, shownOf } from "../model/log";
import type { LogReader } from "../state/log";
import { memo } from "../widgets/memo";
import { useRows } from "../widgets/virtual";

interface Props {
  reader: LogReader;
  found: string;
  wrapped: boolean;
}

const LINE_PX = 18;
const LONGEST = 4000; // characters of a line that are drawn

/** The lines that are on the screen, in the colours that they were written in. */
export function LogLines({ reader, found, wrapped }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = reader.log.value?.lines ?? [];
  const marked = useComputed(() => {
    const [log, offset] = [reader.log.value, reader.marked.value];
    return log && offset !== null ? lineAt(log, offset) : -1;
  }).value;
  const rows = useRows(scroller, {
    count: lines.length,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.offset ?? index,
    overscan: 30,
  });
  useSignalEffect(() => {
    if (!reader.following.value || !reader.log.value) return;
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }));
  });
  useEffect(() => {
    if (marked >= 0) rows.scrollToIndex(marked, { align: "center" });
  }, [marked]);
  useEffect(() => rows.measure(), [wrapped]);
  useSteady(scroller, reader.log.value);
  const shown = rows.getVirtualItems();
  return (
    <div
      class={wrapped ? "log wrapped" : "log"}
      ref={scroller}
      role="log"
      aria-label="Log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls takes the focus
      tabIndex={0}
      onScroll={(event) => readNear(event.currentTarget, reader)}
      onWheel={(event) => {
        if (event.deltaY < 0) reader.following.value = false;
      }}
      onPointerDown={({ offsetX, currentTarget }) => {
        if (offsetX > currentTarget.clientWidth) reader.following.value = false; // the bar at the side
      }}
      onKeyDown={(event) => {
        if (["ArrowUp", "PageUp", "Home"].includes(event.key)) reader.following.value = false;
        if (event.key === "End") reader.following.value = true;
      }}
    >
      {(reader.log.value?.start ?? 0) > 0 && (
        <button type="button" class="quiet" disabled={reader.busy.value} onClick={() => void reader.earlier()}>
          Read what stands before
        </button>
      )}
      {reader.log.value && !lines.length && <p class="hint">This log is empty so far.</p>}
      <div class="lines" style={{ height: `${rows.getTotalSize()}px` }}>
        <div style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}>
          {shown.map(({ index, key }) => (
            <div
              key={key}
              data-index={index}
              ref={wrapped ? (element) => rows.measureElement(element) : undefined}
              class={index === marked ? "marked" : ""}
            >
              <Line text={lines[index]?.text ?? ""} found={found} isSought={index === marked} />
            </div>
          ))}
        </div>
      </div>
      {!reader.following.value && !reader.final.value && (
        <button type="button" class="quiet" disabled={reader.busy.value} onClick={() => void reader.later()}>
          Read on
        </button>
      )}
    </div>
  );
}

const NEAR_PX = 400;

/** Reads what comes next where the end of what is here is in sight. */
function readNear(box: HTMLElement, reader: LogReader): void {
  if (reader.following.peek() || reader.busy.peek()) return;
  if (box.scrollTop < NEAR_PX) void reader.earlier();
  else if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX) void reader.later();
}

/** Keeps the lines on the screen where they are when some are put before them, or taken away there. */
function useSteady(scroller: { readonly current: HTMLElement | null }, log: LogText | null): void {
  const before = useRef<LogText | null>(null);
  useLayoutEffect(() => {
    const [was, box] = [before.current, scroller.current];
    before.current = log;
    if (!was || !log || !box || was === log) return;
    const put = Math.max(0, lineAt(log, was.start));
    const taken = Math.max(0, lineAt(was, log.start));
    if (put !== taken) box.scrollTop += (put - taken) * LINE_PX;
  }, [log]);
}

interface LineProps {
  text: string;
  found: string;
  isSought: boolean; // is drawn so far that `found` is seen
}

const Line = memo(({ text, found, isSought }: LineProps) => {
  const whole = useSignal(false);
  const shown = shownOf(text);
  const at = isSought && found ? shown.toLowerCase().indexOf(found.toLowerCase()) : 0;
  const end = whole.value || at > LONGEST ? shown.length : LONGEST;
  const parts = new Anser().ansiToJson(shown.slice(0, end), { use_classes: true, remove_empty: true });
  return (
    <>
      {parts.map((part, index) => (
        <span key={index} class={classOf(part.fg, part.decorations)}>
          <Highlighted text={part.content} found={found} />
        </span>
      ))}
      {shown.length > end && (
        <button
          type="button"
          class="rest"
          onClick={() => {
            whole.value = true;
          }}
        >
          {(shown.length - end).toLocaleString("en").replaceAll(",", " ")} more characters
        </button>
      )}
      {"\n"}
    </>
  );
});

function classOf(colour: string | null, decorations: readonly string[]): string {
  return [colour ?? "", ...decorations.map((name) => `ansi-${name}`)].filter(Boolean).join(" ");
}

function Highlighted({ text, found }: { text: string; found: string }) {
  const places = placesOf(text, found);
  if (!places.length) return <>{text}</>;
  return (
    <>
      {places.map((at, index) => (
        <Fragment key={at}>
          {text.slice(index ? (places[index - 1] ?? 0) + found.length : 0, at)}
          <mark>{text.slice(at, at + found.length)}</mark>
        </Fragment>
      ))}
      {text.slice((places.at(-1) ?? 0) + found.length)}
    </>
  );
}
