import type { FunctionComponent } from "preact";
import { fileAddress } from "../api/files";
import type { Artifact, Preview } from "../api/types";
import { bytes } from "../model/format";
import { CopyButton } from "../widgets/CopyButton";
import { sharpen } from "./Images";
import { Recording } from "./Recording";
import type { FileProps } from "./Tables";
import { TableView } from "./TableView";
import { HtmlView, TextView } from "./Text";
import { TraceView } from "./TraceView";

const VIEWS: Record<Preview, FunctionComponent<FileProps>> = {
  text: TextView,
  markdown: TextView,
  json: TextView,
  table: TableView,
  image: ImageView,
  audio: AudioView,
  video: VideoView,
  html: HtmlView,
  trace: TraceView,
  none: NoView,
};

/** One file: what it is, how to get it, and a look into it. */
export function ArtifactPreview({ run, artifact }: { run: string; artifact: Artifact }) {
  const View = VIEWS[artifact.preview];
  return (
    <>
      <header class="subject">
        <h3>
          <bdi>{artifact.path}</bdi>
        </h3>
        {artifact.size_bytes !== null && <small>{bytes(artifact.size_bytes)}</small>}
        <span class="gap" />
        <CopyButton text={`runs:/${run}/${artifact.path}`} label="Copy URI" />
        <a class="button" href={fileAddress(run, artifact.path, true)} download>
          Download
        </a>
      </header>
      <View run={run} path={artifact.path} />
    </>
  );
}

function ImageView({ run, path }: FileProps) {
  return (
    <div class="padded">
      <img class="alone" src={fileAddress(run, path)} alt={path} onLoad={(event) => sharpen(event.currentTarget)} />
    </div>
  );
}

function AudioView({ run, path }: FileProps) {
  return <Recorded run={run} path={path} kind="audio" />;
}

function VideoView({ run, path }: FileProps) {
  return <Recorded run={run} path={path} kind="video" />;
}

function Recorded(props: FileProps & { kind: string }) {
  return (
    <div class="padded">
      <Recording {...props} name={props.path} />
    </div>
  );
}

function NoView() {
  return <p class="hint padded">There is no preview of such a file. Download it to look at it elsewhere.</p>;
}
