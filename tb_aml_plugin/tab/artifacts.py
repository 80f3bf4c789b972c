"""The artifacts of a run: what is there, and their contents in parts that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from tb_aml_plugin import model
from tb_aml_plugin.errors import ArtifactGone
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, RunSource
from tb_aml_plugin.tab.file_types import preview
from tb_aml_plugin.tab.responses import RefusedError
from tb_aml_plugin.tab.wire_files import Artifact, ArtifactList, TextPart

MOST_LISTED = 1000
PART_BYTES = 2**20
TEXT_BYTES = 256 * 1024
PAGE_BYTES = 32 * 2**20
_SNIFFED_BYTES = 8192


def store_of(source: RunSource, run: model.Run) -> ArtifactStore:
    """Where the artifacts of `run` are read.

    Raises:
      RefusedError: this place has none.
      AccessDenied: they are where we cannot reach them.
    """
    if not isinstance(source, HoldsArtifacts):
        raise RefusedError(404, "Artifacts of runs at this kind of place cannot be read.")
    return source.artifacts(run)


def listing(store: ArtifactStore, run_id: str, folder: str) -> ArtifactList:
    """What is in `folder`, one level deep."""
    found = sorted(store.list(folder), key=lambda artifact: (not artifact.is_folder, artifact.path))
    return {
        "run": run_id,
        "folder": folder,
        "artifacts": [_artifact(artifact) for artifact in found[:MOST_LISTED]],
        "total": len(found),
    }


def known_sizes(media: MediaIndex, run: model.Run) -> dict[str, int]:
    """Bytes of the files of a run that has ended, by path, as far as they were listed: they will not change."""
    files = media.of(run).files if run.status.is_terminal else ()
    return {file.path: file.size_bytes for file in files if file.size_bytes is not None}


def size_of(store: ArtifactStore, path: str, known: Mapping[str, int] = MappingProxyType({})) -> int | None:
    """Bytes of the file `path`; None where the place does not tell. Asks the place unless it is `known`.

    Raises:
      ArtifactGone: there is no such file.
    """
    if path in known:
        return known[path]
    for artifact in store.list(path.rpartition("/")[0]):
        if artifact.path == path and not artifact.is_folder:
            return artifact.size_bytes
    raise ArtifactGone(f"{path[:200]} is not among the artifacts of the run. It may have been deleted.")


def parts(store: ArtifactStore, path: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` up to `stop`, or to its end, a part at a time."""
    while stop is None or start < stop:
        wanted = PART_BYTES if stop is None else min(PART_BYTES, stop - start)
        part = store.read(path, start, wanted)
        if part:
            yield part
        start += len(part)
        if len(part) < wanted:
            return


def text(store: ArtifactStore, path: str) -> TextPart:
    """The beginning of a text file."""
    size = size_of(store, path)
    content = store.read(path, 0, TEXT_BYTES + 1)
    truncated = len(content) > TEXT_BYTES
    binary = is_binary(content)
    return {
        "path": path,
        "text": "" if binary else decoded(content[:TEXT_BYTES]),
        "size_bytes": size,
        "truncated": truncated,
        "binary": binary,
    }


def page(store: ArtifactStore, path: str) -> bytes:
    """An HTML file as a whole, for a frame that may do nothing."""
    content = store.read(path, 0, PAGE_BYTES + 1)
    if len(content) > PAGE_BYTES:
        raise RefusedError(413, f"The page has more than {PAGE_BYTES // 2**20} MB. Download it to look at it.")
    return content


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 where a mark says so; what is no text becomes �."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def is_binary(content: bytes) -> bool:
    """Whether it is no text, by its beginning."""
    head = content[:_SNIFFED_BYTES]
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def files_below(store: ArtifactStore, folder: str, most: int) -> Iterator[model.Artifact]:
    """Every file in `folder` and below, at most so many; a folder within itself is entered once."""
    waiting: list[str] = [folder]
    seen: set[str] = set()
    count = 0
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        found: Sequence[model.Artifact] = store.list(current)
        waiting += [artifact.path for artifact in reversed(found) if artifact.is_folder]
        for artifact in found:
            if not artifact.is_folder:
                count += 1
                if count > most:
                    return
                yield artifact


def _artifact(artifact: model.Artifact) -> Artifact:
    return {
        "path": artifact.path,
        "name": artifact.path.rpartition("/")[2],
        "is_folder": artifact.is_folder,
        "size_bytes": artifact.size_bytes,
        "preview": "none" if artifact.is_folder else preview(artifact.path),
    }
