import { useComputed, useSignalEffect } from "@preact/signals";
import Anser from "anser";
import { useEffect, useRef } from "preact/hooks";
import { lineAt, shownOf } from "../model/log";
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
      onWheel={(event) => {
        if (event.deltaY < 0) reader.following.value = false;
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
              <Line text={lines[index]?.text ?? ""} found={found} />
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

const Line = memo(({ text, found }: { text: string; found: string }) => {
  const shown = shownOf(text);
  const parts = new Anser().ansiToJson(shown.slice(0, LONGEST), { use_classes: true, remove_empty: true });
  return (
    <>
      {parts.map((part, index) => (
        <span key={index} class={classOf(part.fg, part.decorations)}>
          <Highlighted text={part.content} found={found} />
        </span>
      ))}
      {shown.length > LONGEST && <small> … {shown.length - LONGEST} more characters</small>}
      {"\n"}
    </>
  );
});

function classOf(colour: string | null, decorations: readonly string[]): string {
  return [colour ?? "", ...decorations.map((name) => `ansi-${name}`)].filter(Boolean).join(" ");
}

function Highlighted({ text, found }: { text: string; found: string }) {
  const at = found ? text.toLowerCase().indexOf(found.toLowerCase()) : -1;
  if (at < 0) return <>{text}</>;
  const end = at + found.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
