import { useSignal } from "@preact/signals";
import { getArtifacts, zipAddress } from "../api/files";
import type { Artifact, ArtifactList } from "../api/types";
import { bytes, plural } from "../model/format";
import { useResource } from "../state/resource";
import { shownRun } from "../state/run";
import { item } from "../state/view";
import { Loaded } from "../widgets/Loaded";
import { ArtifactPreview } from "./ArtifactPreview";

/** Everything that the run keeps as files: a tree, and what is in the one that is open. */
export function Artifacts() {
  const run = shownRun.value;
  const opened = useSignal<ReadonlySet<string>>(new Set(above(item.value)));
  const chosen = useSignal<Artifact | null>(null);
  if (!run) return null;
  const onOpen = (artifact: Artifact) => {
    if (artifact.is_folder) {
      const next = new Set(opened.value);
      if (!next.delete(artifact.path)) next.add(artifact.path);
      opened.value = next;
    } else {
      item.value = artifact.path;
      chosen.value = artifact;
    }
  };
  const onSeen = (artifacts: readonly Artifact[]) => {
    const found = artifacts.find(({ path }) => path === item.value);
    if (found && chosen.value?.path !== found.path) chosen.value = found;
  };
  const artifact = chosen.value?.path === item.value ? chosen.value : null;
  return (
    <div class="split">
      <nav class="choices tree" aria-label="Files" onKeyDown={walk}>
        <Folder run={run.id} folder="" level={1} opened={opened.value} onOpen={onOpen} onSeen={onSeen} />
        <Zips run={run.id} folder={folderOf(item.value)} />
      </nav>
      <section class="shown">
        {artifact ? (
          <ArtifactPreview key={artifact.path} run={run.id} artifact={artifact} />
        ) : (
          <div class="padded">
            <p class="hint">{item.value ? "" : "Choose a file to look at it."}</p>
            {run.artifact_uri && (
              <p class="hint">
                They are kept at <code>{run.artifact_uri}</code>
              </p>
            )}
          </div>
        )}
      </section>
    </div>
  );
}

/** Downloads of everything, and of the folder whose file is open. */
function Zips({ run, folder }: { run: string; folder: string }) {
  return (
    <p class="padded line">
      <a class="button" href={zipAddress(run, "")} download>
        All as a zip
      </a>
      {folder && (
        <a class="button" href={zipAddress(run, folder)} download>
          <bdi>{folder.split("/").at(-1)}</bdi> as a zip
        </a>
      )}
    </p>
  );
}

function folderOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

function above(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

interface FolderProps {
  run: string;
  folder: string;
  level: number;
  opened: ReadonlySet<string>;
  onOpen: (artifact: Artifact) => void;
  onSeen: (artifacts: readonly Artifact[]) => void;
}

function Folder(props: FolderProps) {
  const { run, folder, onSeen } = props;
  const answer = useResource(
    async (signal) => {
      const list = await getArtifacts(run, folder, signal);
      onSeen(list.artifacts);
      return list;
    },
    [run, folder],
  );
  return <Loaded of={answer}>{(list) => <Entries list={list} {...props} />}</Loaded>;
}

function Entries({ list, ...props }: FolderProps & { list: ArtifactList }) {
  const { level, opened, onOpen } = props;
  if (!list.artifacts.length)
    return <p class="hint padded">{level === 1 ? "This run has logged no files." : "Empty."}</p>;
  return (
    <ul>
      {list.artifacts.map((artifact) => {
        const isOpen = opened.has(artifact.path);
        return (
          <li key={artifact.path}>
            <button
              type="button"
              style={{ paddingLeft: `${level * 14 - 6}px` }}
              aria-expanded={artifact.is_folder ? isOpen : undefined}
              aria-current={artifact.path === item.value}
              title={artifact.path}
              onClick={() => onOpen(artifact)}
            >
              <span aria-hidden="true" class="sign">
                {artifact.is_folder ? (isOpen ? "▾" : "▸") : ""}
              </span>
              <bdi>{artifact.name}</bdi>
              <small>{artifact.size_bytes === null ? "" : bytes(artifact.size_bytes)}</small>
            </button>
            {artifact.is_folder && isOpen && <Folder {...props} folder={artifact.path} level={level + 1} />}
          </li>
        );
      })}
      {list.total > list.artifacts.length && (
        <li class="hint padded">{plural(list.total - list.artifacts.length, "further entry", "further entries")}</li>
      )}
    </ul>
  );
}

/** Arrow keys go through the tree: up and down, into a folder and out of it. */
function walk(event: KeyboardEvent): void {
  const here = event.target;
  if (!(here instanceof HTMLButtonElement)) return;
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const isOpen = here.getAttribute("aria-expanded");
  if (step) all[all.indexOf(here) + step]?.focus();
  else if (event.key === "ArrowRight" && isOpen === "false") here.click();
  else if (event.key === "ArrowLeft" && isOpen === "true") here.click();
  else if (event.key === "ArrowLeft") here.closest("ul")?.closest("li")?.querySelector("button")?.focus();
  else return;
  event.preventDefault();
}
