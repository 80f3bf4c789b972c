import { useSignal } from "@preact/signals";
import { fileAddress } from "../api/files";
import { openTrace, PERFETTO } from "./perfetto";
import type { FileProps } from "./Tables";

/** A profiler's trace: what draws it is a page elsewhere, so it goes there only after a second, informed click. */
export function TraceView({ run, path }: FileProps) {
  const asked = useSignal(false);
  const said = useSignal("");
  const open = async () => {
    asked.value = false;
    said.value = "Opening…";
    said.value = await openTrace(fileAddress(run, path), path);
  };
  return (
    <div class="padded trace">
      <p>
        A trace of a profiler. There is no preview of it here; <b>Perfetto</b> draws such traces, a web page that needs
        the internet.
      </p>
      {asked.value ? (
        <div class="asked">
          <p>
            A new window opens <b>{PERFETTO}</b>, and this trace is handed to that page. It is drawn in your browser;
            Perfetto's own words are that it uploads nothing unless you share it there.
          </p>
          <button type="button" class="primary" ref={(button) => button?.focus()} onClick={() => void open()}>
            Hand it over ↗
          </button>{" "}
          <button
            type="button"
            onClick={() => {
              asked.value = false;
            }}
          >
            Keep it here
          </button>
        </div>
      ) : (
        <button
          type="button"
          onClick={() => {
            asked.value = true;
            said.value = "";
          }}
        >
          Open in Perfetto…
        </button>
      )}
      <p class="hint" role="status">
        {said.value}
      </p>
    </div>
  );
}
