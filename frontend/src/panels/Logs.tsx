import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { fileAddress, getLogs } from "../api/files";
import type { LogFile } from "../api/types";
import { bytes } from "../model/format";
import { LogReader } from "../state/log";
import { useResource } from "../state/resource";
import { shownRun } from "../state/run";
import { isBoolean, saved } from "../state/saved";
import { item } from "../state/view";
import { CheckBox } from "../widgets/CheckBox";
import { Filter } from "../widgets/Filter";
import { Loaded } from "../widgets/Loaded";
import { Choice } from "./Choice";
import { LogLines } from "./LogLines";

const wrapped = saved("wrap", false, isBoolean);

/** The logs of the run: one file, its end first, growing while the run writes. */
export function LogPanel() {
  const run = shownRun.value;
  const answer = useResource((signal) => getLogs(run?.id ?? "", signal), [run?.id]);
  if (!run) return null;
  return (
    <Loaded of={answer}>
      {({ files }) => {
        const open = files.find(({ path }) => path === item.value) ?? files[0];
        return (
          <div class="split">
            <Choice
              label="Log files"
              tall
              choices={files.map((file) => ({ key: file.path, label: file.name, hint: hintOf(file) }))}
              open={open?.path ?? ""}
            />
            <section class="shown">
              {open ? (
                <OneLog key={open.path} run={run.id} path={open.path} ended={run.end_s !== null} />
              ) : (
                <p class="hint padded">No logs yet.</p>
              )}
            </section>
          </div>
        );
      }}
    </Loaded>
  );
}

function hintOf({ path, name, node, size_bytes }: LogFile): string {
  const folder = path.slice(0, -name.length - 1);
  return [node && `node ${node}`, size_bytes === null ? "" : bytes(size_bytes), folder].filter(Boolean).join(" · ");
}

function OneLog({ run, path, ended }: { run: string; path: string; ended: boolean }) {
  const reader = useMemo(() => new LogReader(run, path), [run, path]);
  const wanted = useSignal("");
  useEffect(() => {
    void reader.start();
    return () => reader.stop();
  }, [reader]);
  return (
    <>
      <div class="toolbar" role="toolbar" aria-label="How the log is read">
        {ended ? (
          <button type="button" onClick={() => void reader.toEnd()}>
            To the end
          </button>
        ) : (
          <CheckBox label="Follow" on={reader.following} />
        )}
        <CheckBox label="Wrap" on={wrapped} />
        <form
          class="find"
          onSubmit={(event) => {
            event.preventDefault();
            if (wanted.value) void reader.find("text", wanted.value);
          }}
        >
          <Filter text={wanted} label="Find in the log" />
          <button type="submit" disabled={!wanted.value}>
            Next
          </button>
        </form>
        <button type="button" onClick={() => void reader.find("error", "")}>
          {reader.erring.value ? "Next error" : "First error"}
        </button>
        <span class="hint" aria-live="polite">
          {reader.said.value}
        </span>
        <span class="gap" />
        <span class="hint">{reader.final.value ? "complete: the run has ended" : ""}</span>
        <a class="button" href={fileAddress(run, path, true)} download>
          Download
        </a>
      </div>
      {reader.problem.value && <p class="why">{reader.problem.value}</p>}
      <LogLines reader={reader} found={wanted.value} wrapped={wrapped.value} />
    </>
  );
}
