import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isTyping } from "../host";
import { completed } from "../model/search";
import { searchError, table } from "../state/runs";
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
  const place = useSignal(-1);
  const error = searchError.value;
  const text = query.value;
  useEffect(() => focusOnSlash(() => input.current?.focus()), []);
  const suggestions = [...history.value, ...EXAMPLES.filter((example) => !history.value.includes(example))];
  const show = (shown: boolean) => {
    open.value = shown;
    place.value = -1;
  };
  const take = (suggestion: string) => {
    query.value = suggestion;
    show(false);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      open.value = true;
      place.value =
        (place.value + step + suggestions.length + (place.value < 0 && step < 0 ? 1 : 0)) % suggestions.length;
      event.preventDefault();
    } else if (event.key === "Enter") {
      const suggestion = suggestions[place.value];
      if (open.value && suggestion) take(suggestion);
      keep();
      show(false);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (open.value) show(false);
      else query.value = "";
    }
  };
  return (
    <>
      <div class="search">
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-expanded={open.value}
          aria-controls="searches"
          aria-activedescendant={open.value && place.value >= 0 ? `search-${place.value}` : undefined}
          aria-autocomplete="list"
          aria-label="Search runs"
          aria-invalid={error !== null}
          aria-describedby={error ? "search-error" : undefined}
          placeholder="Search ( / ): words, status:running, metrics.loss < 0.1 …"
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={(event) => {
            query.value = event.currentTarget.value;
            show(false);
          }}
          onFocus={() => show(query.value === "")}
          onBlur={() => {
            show(false);
            keep();
          }}
          onKeyDown={onKey}
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
          {(open.value ? suggestions : []).map((suggestion, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the focus and takes the keys
            <div
              key={suggestion}
              id={`search-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === place.value}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              <code>{suggestion}</code>
            </div>
          ))}
        </div>
      </div>
      {error && (
        <SearchError
          text={text}
          message={error.message}
          position={error.position}
          onTake={(whole) => {
            query.value = whole;
            input.current?.focus();
          }}
        />
      )}
    </>
  );
}

function keep(): void {
  const typed = query.value.trim();
  if (typed && !searchError.value)
    history.value = [typed, ...history.value.filter((old) => old !== typed)].slice(0, KEPT);
}

interface ErrorProps {
  text: string;
  message: string;
  position: number | null;
  onTake: (whole: string) => void;
}

/** Stands on a line of its own, so that it covers nothing. */
function SearchError({ text, message, position, onTake }: ErrorProps) {
  const at = Math.min(position ?? 0, text.length);
  const whole = position === null ? null : completed(text, at, table.value.columns);
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
      {whole && (
        <button type="button" onClick={() => onTake(whole)}>
          Search <code>{whole}</code>
        </button>
      )}
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
