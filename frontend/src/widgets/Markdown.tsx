import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** Markdown as its writer meant it, and nothing that could act: what draws it is fetched when first needed. */
export function Markdown({ text }: { text: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plain = useSignal(true);
  useEffect(() => {
    let wanted = true;
    import("./markup").then(
      ({ rendered }) => {
        if (!wanted || !box.current) return;
        box.current.replaceChildren(rendered(text));
        plain.value = false;
      },
      () => undefined, // then it stays as it was typed
    );
    return () => {
      wanted = false;
    };
  }, [text]);
  return (
    <>
      {plain.value && <p class="note">{text}</p>}
      <div class="markdown" ref={box} hidden={plain.value} />
    </>
  );
}
