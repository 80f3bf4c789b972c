import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  label: string; // what the popup is about
  button: ComponentChildren;
  quiet?: boolean;
  children: (close: () => void) => ComponentChildren;
}

/** A button, and what it opens below itself until Escape, a click elsewhere or the button again. */
export function Popup({ label, button, quiet = false, children }: Props) {
  const open = useSignal(false);
  const box = useRef<HTMLSpanElement>(null);
  const close = () => {
    open.value = false;
    box.current?.querySelector("button")?.focus();
  };
  useLayoutEffect(() => {
    const popup = box.current?.querySelector<HTMLElement>('[role="dialog"]');
    if (popup && box.current) place(popup, box.current.getBoundingClientRect());
  }, [open.value]);
  useEffect(() => {
    if (!open.value) return;
    const popup = box.current?.querySelector<HTMLElement>('[role="dialog"]');
    popup?.querySelector<HTMLElement>("input, select, button, a")?.focus();
    const onDown = (event: MouseEvent) => {
      if (!event.composedPath().includes(box.current as EventTarget)) open.value = false;
    };
    document.addEventListener("mousedown", onDown);
    return () => document.removeEventListener("mousedown", onDown);
  }, [open.value]);
  return (
    <span class="anchor" ref={box}>
      <button
        type="button"
        class={quiet ? "quiet" : ""}
        aria-expanded={open.value}
        aria-haspopup="dialog"
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {button}
      </button>
      {open.value && (
        <div
          class="popup panelled"
          role="dialog"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            close();
          }}
        >
          {children(close)}
        </div>
      )}
    </span>
  );
}

const EDGE_PX = 8;

/** Puts `popup` where it is seen whole: below its button or else above, and never beyond the edges of the page. */
function place(popup: HTMLElement, button: DOMRect): void {
  const [below, above] = [innerHeight - button.bottom, button.top].map((space) => space - 2 * EDGE_PX);
  const isBelow = (below ?? 0) >= Math.min(popup.scrollHeight, 320) || (below ?? 0) >= (above ?? 0);
  const rightmost = innerWidth - popup.offsetWidth - EDGE_PX;
  const left = Math.max(EDGE_PX, Math.min(button.left, rightmost));
  popup.style.left = `${left - button.left}px`;
  popup.style.maxHeight = `${isBelow ? below : above}px`;
  popup.style[isBelow ? "top" : "bottom"] = "calc(100% + 4px)";
  popup.style[isBelow ? "bottom" : "top"] = "auto";
}
