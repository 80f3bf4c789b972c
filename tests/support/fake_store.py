"""Artifacts of one run, in memory: they grow, are replaced and vanish as a test says; reads are counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import ArtifactGone
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.base import ArtifactStore


class FakeArtifacts:
    """An `ArtifactStore` over a dict from path to content.

    Attributes:
      files: what is there.
      reads: (path, start, bytes returned) of each read.
      tells_sizes: whether listings hold sizes.
    """

    def __init__(self, files: dict[str, bytes] | None = None, *, tells_sizes: bool = True) -> None:
        self.files = dict(files or {})
        self.reads: list[tuple[str, int, int]] = []
        self.tells_sizes = tells_sizes
        self.problem: Exception | None = None

    def list(self, folder: str = "") -> Sequence[Artifact]:
        self._answer()
        start = f"{folder}/" if folder else ""
        below = {path.removeprefix(start): path for path in self.files if path.startswith(start)}
        folders = {rest.split("/")[0] for rest in below if "/" in rest}
        found = [Artifact(start + name, is_folder=True) for name in folders]
        found += [self._file(path) for rest, path in below.items() if "/" not in rest]
        return sorted(found, key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        self._answer()
        if path not in self.files:
            raise ArtifactGone(f"{path} is no longer there.")
        found = self.files[path][start : None if length is None else start + length]
        self.reads.append((path, start, len(found)))
        return found

    def all(self) -> list[Artifact]:
        """Every file."""
        return [self._file(path) for path in sorted(self.files)]

    def _file(self, path: str) -> Artifact:
        return Artifact(path, size_bytes=len(self.files[path]) if self.tells_sizes else None)

    def _answer(self) -> None:
        if self.problem is not None:
            raise self.problem


if TYPE_CHECKING:
    _: ArtifactStore = FakeArtifacts()
