"""A folder of artifacts as one zip file, made while it is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.tab.artifacts import files_below, parts
from tb_aml_plugin.tab.pipe import Pipe
from tb_aml_plugin.tasks import Cancelled, Task, Tasks

MOST_FILES = 10_000
_NOTE = "NOT-IN-THIS-ZIP.txt"
_SENT_BYTES = 64 * 1024


def zipped(store: ArtifactStore, tasks: Tasks, folder: str) -> Iterator[bytes]:
    """`folder` and all below it, up to `MOST_FILES` files.

    A file that cannot be read does not end it: `NOT-IN-THIS-ZIP.txt` in the zip names it, with the reason.
    """
    with tasks.running(f"Packing {folder or 'all artifacts'}") as task:
        yield from _Packer(store, folder, task).packed()


class _Packer:
    """Makes one zip file."""

    def __init__(self, store: ArtifactStore, folder: str, task: Task) -> None:
        self._store = store
        self._folder = folder
        self._task = task
        self._pipe = Pipe()
        self._missing: list[str] = []

    def packed(self) -> Iterator[bytes]:
        with zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            try:
                yield from self._files(archive)
            except (SourceError, Cancelled) as error:
                self._missing.append(f"Everything from here on: {error}")
            if self._missing:
                archive.writestr(_NOTE, "\n".join(self._missing) + "\n")
        yield self._pipe.taken()

    def _files(self, archive: zipfile.ZipFile) -> Iterator[bytes]:
        for count, artifact in enumerate(files_below(self._store, self._folder, MOST_FILES + 1)):
            if count == MOST_FILES:
                self._missing.append(f"Everything beyond the first {MOST_FILES} files.")
                return
            name = artifact.path.removeprefix(f"{self._folder}/") if self._folder else artifact.path
            if _is_plain(name):
                yield from self._file(archive, artifact.path, name)
            else:
                self._missing.append(f"{name!r}: such a name leads out of the folder that the zip is unpacked to.")

    def _file(self, archive: zipfile.ZipFile, path: str, name: str) -> Iterator[bytes]:
        # The size may be unknown, or change: room for any.
        with archive.open(name, "w", force_zip64=True) as member:
            try:
                for part in parts(self._store, path):
                    member.write(part)
                    self._task.advance(0)
                    if chunk := self._pipe.taken(_SENT_BYTES):
                        yield chunk
            except SourceError as error:
                self._missing.append(f"{path} (all of it, or its end): {error}")
        self._task.advance()


def _is_plain(name: str) -> bool:
    parts_ = name.replace("\\", "/").split("/")
    return not any(part in ("", ".", "..") for part in parts_) and ":" not in parts_[0] and "\0" not in name
