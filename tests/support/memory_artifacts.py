"""Artifacts of runs, in memory: they grow, vanish and fail as a test says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import ArtifactGone
from tb_aml_plugin.model import Artifact, Run, RunId
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts
from tests.support.board_builder import BoardBuilder, id_of


class MemoryArtifacts:
    """The artifacts of one run.

    Attributes:
      files: path → content; a test may change it.
      knows_sizes: whether the listing tells how large files are.
      problem: what every question raises, if it is not None.
      bytes_read: so many were handed out.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.knows_sizes = True
        self.problem: Exception | None = None
        self.bytes_read = 0

    def list(self, folder: str = "") -> Sequence[Artifact]:
        self._answer()
        prefix = f"{folder}/" if folder else ""
        found: dict[str, Artifact] = {}
        for path, content in self.files.items():
            if path.startswith(prefix):
                name, slash, _ = path[len(prefix) :].partition("/")
                size = len(content) if self.knows_sizes and not slash else None
                found[prefix + name] = Artifact(prefix + name, bool(slash), size)
        return [found[path] for path in sorted(found)]

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        self._answer()
        if path not in self.files:
            raise ArtifactGone(f"{path} is no longer there.")
        content = self.files[path][start : None if length is None else start + length]
        self.bytes_read += len(content)
        return content

    def _answer(self) -> None:
        if self.problem is not None:
            raise self.problem


def hold(built: BoardBuilder, name: str, files: dict[str, bytes]) -> MemoryArtifacts:
    """Gives the run `name` artifacts."""
    stores: dict[RunId, MemoryArtifacts] = getattr(built.source, "stores", {})
    store = stores.setdefault(id_of(name), MemoryArtifacts())
    store.files.update(files)
    built.source.stores = stores  # type: ignore[attr-defined]
    built.source.artifacts = lambda run: stores.get(run.id) or MemoryArtifacts()  # type: ignore[attr-defined]
    return store


if TYPE_CHECKING:
    _: ArtifactStore = MemoryArtifacts()

    class _Holder:
        def artifacts(self, run: Run) -> ArtifactStore: ...

    __: HoldsArtifacts = _Holder()
