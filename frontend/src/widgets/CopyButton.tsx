import { useSignal } from "@preact/signals";

/** Copies `text`, and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const copied = useSignal(false);
  const copy = async () => {
    await write(text);
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, 1500);
  };
  return (
    <button type="button" class="quiet" onClick={() => void copy()}>
      <span aria-live="polite">{copied.value ? "Copied" : label}</span>
    </button>
  );
}

async function write(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that came over plain http from another machine has no clipboard: select and copy as in the old days.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
