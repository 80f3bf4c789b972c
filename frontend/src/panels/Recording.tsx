import { useSignal } from "@preact/signals";
import { fileAddress } from "../api/files";

interface Props {
  run: string;
  path: string;
  kind: string; // audio or video
  name: string;
}

/** Something to hear or to watch; its file is read as it is played. */
export function Recording({ run, path, kind, name }: Props) {
  const broken = useSignal("");
  if (broken.value === path)
    return <p class="why">This browser cannot play it. The file may be damaged, or in a format it does not know.</p>;
  const Player = kind === "audio" ? "audio" : "video";
  return (
    <Player
      controls
      preload="metadata"
      src={fileAddress(run, path)}
      aria-label={name}
      onError={() => {
        broken.value = path;
      }}
    />
  );
}
