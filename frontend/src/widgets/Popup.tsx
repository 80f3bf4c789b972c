import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

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
