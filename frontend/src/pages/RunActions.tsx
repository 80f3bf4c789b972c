import { useSignal } from "@preact/signals";
import { type Write, write } from "../api/changes";
import { getWrites } from "../api/reads";
import type { RunDetail, WriteAction } from "../api/types";
import { attempt, refusal } from "../state/actions";
import { useResource } from "../state/resource";
import { Loaded } from "../widgets/Loaded";

interface Props {
  run: RunDetail;
  onDone: () => void;
}

/** Changes the run at the place itself, where the server allows it. */
export function RunActions({ run, onDone }: Props) {
  const access = useResource(getWrites, []);
  return (
    <Loaded of={access}>
      {({ allowed, reason, token, actions }) =>
        allowed ? <Forms run={run} token={token} actions={actions} onDone={onDone} /> : <p class="why">{reason}</p>
      }
    </Loaded>
  );
}

interface FormsProps extends Props {
  token: string;
  actions: readonly WriteAction[];
}

function Forms({ run, token, actions, onDone }: FormsProps) {
  const id = run.id;
  const busy = useSignal(false);
  const can = (action: WriteAction) => actions.includes(action) && !busy.value;
  const act = async (what: Write) => {
    busy.value = true;
    if (await attempt(() => write(what, token))) onDone();
    busy.value = false;
  };
  return (
    <>
      {actions.includes("rename") && (
        <Field label="Name" usual={run.label} save="Rename" onSave={(name) => act({ rename: { run: id, name } })} />
      )}
      {actions.includes("note") && (
        <Field
          label="Note, in Markdown"
          usual={run.note}
          save="Save"
          many
          onSave={(text) => act({ note: { run: id, text } })}
        />
      )}
      {actions.includes("tag") && <TagForm run={run} onSave={(key, value) => act({ tag: { run: id, key, value } })} />}
      <p class="line">
        {actions.includes("stop") && (
          <Confirmed
            label="Stop the run"
            disabled={!can("stop") || run.status !== "running"}
            onConfirm={() => act({ stop: { run: id } })}
          />
        )}
        {actions.includes("archive") && (
          <Confirmed label="Archive" disabled={!can("archive")} onConfirm={() => act({ archive: { run: id } })} />
        )}
      </p>
      {refusal.value && <p class="why">{refusal.value}</p>}
    </>
  );
}

interface FieldProps {
  label: string;
  usual: string;
  save: string;
  many?: boolean;
  onSave: (text: string) => void;
}

function Field({ label, usual, save, many = false, onSave }: FieldProps) {
  const text = useSignal(usual);
  const onInput = (event: { currentTarget: { value: string } }) => {
    text.value = event.currentTarget.value;
  };
  return (
    <form
      class={many ? "" : "line"}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(text.value);
      }}
    >
      {many ? (
        <textarea aria-label={label} placeholder={label} rows={6} value={text.value} onInput={onInput} />
      ) : (
        <input type="text" aria-label={label} placeholder={label} value={text.value} onInput={onInput} />
      )}
      <button type="submit" disabled={text.value === usual}>
        {save}
      </button>
    </form>
  );
}

function TagForm({ run, onSave }: { run: RunDetail; onSave: (key: string, value: string | null) => void }) {
  const key = useSignal("");
  const value = useSignal("");
  const known = run.tags.some((tag) => tag.key === key.value);
  return (
    <form
      class="line"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(key.value, value.value);
      }}
    >
      <input
        type="text"
        aria-label="Tag"
        placeholder="Tag"
        value={key.value}
        onInput={(event) => {
          key.value = event.currentTarget.value;
        }}
      />
      <input
        type="text"
        aria-label="Value of the tag"
        placeholder="Value"
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
      <button type="submit" disabled={!key.value}>
        Set
      </button>
      <button type="button" disabled={!known} onClick={() => onSave(key.value, null)}>
        Remove
      </button>
    </form>
  );
}

/** Asks once more before it acts. */
function Confirmed({ label, disabled, onConfirm }: { label: string; disabled: boolean; onConfirm: () => void }) {
  const asked = useSignal(false);
  return (
    <button
      type="button"
      disabled={disabled}
      class={asked.value ? "primary" : ""}
      onBlur={() => {
        asked.value = false;
      }}
      onClick={() => {
        if (asked.value) onConfirm();
        asked.value = !asked.value;
      }}
    >
      {asked.value ? `${label}: sure?` : label}
    </button>
  );
}
