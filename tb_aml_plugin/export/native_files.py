"""A run's own TensorBoard logs, copied from its artifacts to where the runs they make belong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tb_aml_plugin.errors import ArtifactGone, SourceError
from tb_aml_plugin.export.destination import Destination, writing
from tb_aml_plugin.export.task import Task
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.native import native_logs
from tb_aml_plugin.native.native_logs import NativeLog
from tb_aml_plugin.sources.base import ArtifactStore, HoldsArtifacts, RunSource

_CHUNK_BYTES = 4 * 2**20


def stage(
    source: RunSource, task: Task, files: Iterable[Artifact], destination: Destination
) -> tuple[dict[str, Path], list[str]]:
    """Copies the native logs among `files` of a run to the destination's stage: by the path where each belongs.

    And what was left out, in sentences.
    """
    logs = native_logs.native_logs(artifact.path for artifact in files)
    if not logs or not isinstance(source, HoldsArtifacts):
        return {}, []
    store = source.artifacts(task.run)
    staged: dict[str, Path] = {}
    notes: list[str] = []
    for path, place in _places(logs).items():
        if not native_logs.is_safe(path):
            notes.append(f"{path!r} is left out: no file may be called that.")
            continue
        try:
            target = f"{task.folder}/{place}"
            copy = destination.stage(target)
            _write(store, path, copy, destination.location)
            staged[target] = copy
        except ArtifactGone:
            notes.append(f"{path} is gone.")
        except SourceError as error:
            notes.append(f"{path} is left out: {error}")
    return staged, notes


def _places(logs: dict[str, NativeLog]) -> dict[str, str]:
    """Where each file goes below its run's folder."""
    sub_runs = native_logs.sub_runs(logs)
    places = native_logs.asset_places(logs)
    for path, kind in logs.items():
        if kind is NativeLog.EVENTS:
            folder, _, name = path.rpartition("/")
            places[path] = "/".join(filter(None, (sub_runs[folder or "."], name)))
    return {path: re.sub(r"^/+", "", place) for path, place in places.items()}


def _write(store: ArtifactStore, path: str, staged: Path, location: str) -> None:
    with writing(location), staged.open("wb") as file:
        start = 0
        while chunk := store.read(path, start, _CHUNK_BYTES):
            file.write(chunk)
            start += len(chunk)
            if len(chunk) < _CHUNK_BYTES:
                break
