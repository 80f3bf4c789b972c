import { useSignal } from "@preact/signals";
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useRef } from "preact/hooks";

export type Rows = Virtualizer<HTMLElement, HTMLElement>;

type Options = Pick<VirtualizerOptions<HTMLElement, HTMLElement>, "count" | "estimateSize"> &
  Partial<VirtualizerOptions<HTMLElement, HTMLElement>>;

/** Which of `count` rows stand on the screen of `scroller`: the component draws again when these change. */
export function useRows(scroller: { readonly current: HTMLElement | null }, options: Options): Rows {
  const changes = useSignal(0);
  changes.value; // read: what is on the screen is no signal itself
  const all = {
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    getScrollElement: () => scroller.current,
    overscan: 6,
    ...options,
    onChange: () => {
      changes.value += 1;
    },
  };
  const rows = useRef<Rows | null>(null);
  rows.current ??= new Virtualizer<HTMLElement, HTMLElement>(all);
  const now = rows.current;
  now.setOptions(all);
  useLayoutEffect(() => now._didMount(), []);
  useLayoutEffect(() => now._willUpdate());
  return now;
}
