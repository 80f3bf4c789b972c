import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { searchError } from "../state/runs";
import { isTexts, saved } from "../state/saved";
import { query } from "../state/view";

const KEPT = 12;
const EXAMPLES = [
  "status:running",
  "metrics.loss < 0.1",
  "params.lr = 0.01",
  "age < 2d",
  "name ~ /resnet/",
  "user:me",
  "parent:none",
];

const history = saved<string[]>("searches", [], isTexts);

/** The search, its history and examples, and where it does not parse. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const open = useSignal(false);
  const error = searchError.value;
  const text = query.value;
  useEffect(() => focusOnSlash(() => input.current?.focus()), []);
  const keep = () => {
    const typed = query.value.trim();
    if (typed && !searchError.value)
      history.value = [typed, ...history.value.filter((old) => old !== typed)].slice(0, KEPT);
  };
  const suggestions = [...history.value, ...EXAMPLES.filter((example) => !history.value.includes(example))];
  return (
    <div class="search">
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-expanded={open.value}
        aria-controls="searches"
        aria-label="Search runs"
        aria-invalid={error !== null}
        aria-describedby={error ? "search-error" : undefined}
        placeholder="Search: words, status:running, metrics.loss < 0.1 …   ( / )"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          open.value = false;
        }}
        onFocus={() => {
          open.value = query.value === "";
        }}
        onBlur={() => {
          open.value = false;
          keep();
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") keep();
          if (event.key === "ArrowDown") open.value = true;
          if (event.key === "Escape" && open.value) open.value = false;
          else if (event.key === "Escape") query.value = "";
        }}
      />
      {text && (
        <button
          type="button"
          class="clear quiet"
          aria-label="Clear the search"
          onClick={() => {
            query.value = "";
            input.current?.focus();
          }}
        >
          ×
        </button>
      )}
      <div id="searches" role="listbox" aria-label="Earlier searches and examples" class="popup" hidden={!open.value}>
        {suggestions.map((suggestion) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: a shortcut for the mouse; what it writes can be typed
          <div
            key={suggestion}
            role="option"
            tabIndex={-1}
            aria-selected={false}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              query.value = suggestion;
              open.value = false;
            }}
          >
            <code>{suggestion}</code>
          </div>
        ))}
      </div>
      {error && <SearchError text={text} message={error.message} position={error.position} />}
    </div>
  );
}

function SearchError({ text, message, position }: { text: string; message: string; position: number | null }) {
  const at = Math.min(position ?? 0, text.length);
  return (
    <div id="search-error" class="search-error" role="alert">
      {position !== null && (
        <code>
          {text.slice(Math.max(0, at - 40), at)}
          <mark>{text[at] ?? " "}</mark>
          {text.slice(at + 1, at + 40)}
        </code>
      )}
      <span>{message}</span>
    </div>
  );
}

function focusOnSlash(focus: () => void): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "/" || isTyping(event.target)) return;
    event.preventDefault();
    focus();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement ? target.type !== "checkbox" : target instanceof HTMLSelectElement;
}
