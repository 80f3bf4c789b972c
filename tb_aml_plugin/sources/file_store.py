"""Runs from a folder that MLflow's file store writes (``./mlruns``), read without MLflow.

The layout is that of `mlflow/store/tracking/file_store.py`: ``EXPERIMENT/meta.yaml``, ``EXPERIMENT/RUN/meta.yaml``
and, below the run, a file for each param, tag and metric, named by its key, with a folder for each slash in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tb_aml_plugin import filters, under_way
from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceUnavailable
from tb_aml_plugin.model import (
    PARENT_TAG,
    RUN_NAME_TAG,
    Experiment,
    ExperimentId,
    LatestPoint,
    Points,
    Run,
    RunId,
    RunStatus,
)
from tb_aml_plugin.sources import file_models
from tb_aml_plugin.sources.abilities import RunWriter, WritesRuns
from tb_aml_plugin.sources.artifact_paths import is_safe
from tb_aml_plugin.sources.artifact_places import ArtifactPlaces
from tb_aml_plugin.sources.base import (
    MODEL_DOCUMENT,
    ArtifactStore,
    HoldsArtifacts,
    HoldsModels,
    LoggedModel,
    RunSource,
    Selection,
)
from tb_aml_plugin.sources.client_writes import ClientWriter
from tb_aml_plugin.sources.metric_file import latest, parse
from tb_aml_plugin.target import FileTarget

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STATUS = {
    1: RunStatus.RUNNING,
    2: RunStatus.SCHEDULED,
    3: RunStatus.FINISHED,
    4: RunStatus.FAILED,
    5: RunStatus.KILLED,
}
"""Numbers of MLflow's `RunStatus`, which is what ``meta.yaml`` holds."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read from a file, and the file's state then."""

    stamp: tuple[int, int]  # time of the last change in ns, bytes
    value: Any


class FileStoreSource:
    """Reads the folder of an MLflow file store.

    A file is read again only when its time or size has changed. What is half written, unreadable or vanishes while it
    is read is left out until the next time.
    """

    def __init__(self, target: FileTarget) -> None:
        self._root = target.path
        self.location = str(target.path)
        self._kept: dict[Path, _Kept] = {}
        self._artifact_places = ArtifactPlaces()

    def experiments(self) -> Sequence[Experiment]:
        found = []
        for folder in self._folders(self._root):
            meta = self._meta(folder)
            if "experiment_id" in meta and meta.get("lifecycle_stage", "active") == "active":
                found.append(Experiment(ExperimentId(str(meta["experiment_id"])), str(meta.get("name", folder.name))))
        if not found:
            self._check_is_store()
        return found

    def runs(self, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        wanted, order_by = filters.parse(selection.filter), filters.parse_order_by(selection.order_by)
        folders = [folder for id_ in selection.experiment_ids for folder in self._folders(self._root / id_)]
        seen = {folder.name for folder in folders}
        folders += [folder for id_ in selection.run_ids if id_ not in seen for folder in self._run_folders(id_)]
        found = [settled.get(RunId(folder.name)) or self._counted(folder) for folder in folders]
        passing = [run for run in found if run is not None and filters.matches(wanted, run)]
        return filters.sort(passing, order_by)[: selection.max_runs]

    def find_runs(self, run_ids: Sequence[RunId]) -> Sequence[Run]:
        found = [self._run(folder) for run_id in run_ids for folder in self._run_folders(run_id)]
        return [run for run in found if run is not None]

    def histories(self, metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
        for run_id in run_ids:
            content = b""
            for folder in self._run_folders(run_id):
                if self._meta(folder).get("lifecycle_stage", "active") == "active":
                    content = _content(folder / "metrics", metric)
            yield run_id, parse(content)

    def artifacts(self, run: Run) -> ArtifactStore:
        own = f"{run.experiment_id}/{run.id}"
        # Beside the rest of the run where they are there: a folder that was moved has URIs of where it was.
        roots = (self._root / own / "artifacts",) if is_safe(own) else ()
        return self._artifact_places.open(run, roots)

    def models(self, run: Run) -> Sequence[LoggedModel]:
        if not is_safe(run.experiment_id):
            return []
        found = [(folder, self._meta(folder)) for folder in self._folders(self._models_of(run))]
        own = [pair for pair in found if pair[1].get("source_run_id") == run.id and "model_id" in pair[1]]
        active = [pair for pair in own if pair[1].get("lifecycle_stage", "active") == "active"]
        models = [file_models.model_of(folder, meta, self._texts) for folder, meta in active]
        return sorted(models, key=lambda model: (model.created_s or 0.0, model.id))

    def model_document(self, run: Run, model: LoggedModel) -> bytes:
        roots = (self._models_of(run) / model.id / "artifacts",) if is_safe(f"{run.experiment_id}/{model.id}") else ()
        return self._artifact_places.open(replace(run, artifact_uri=model.artifact_uri), roots).read(*MODEL_DOCUMENT)

    def writer(self) -> RunWriter:
        return ClientWriter(self._root.absolute().as_uri())

    def close(self) -> None:
        self._artifact_places.close()
        self._kept.clear()

    def _models_of(self, run: Run) -> Path:
        return self._root / run.experiment_id / file_models.FOLDER

    def _counted(self, folder: Path) -> Run | None:
        run = self._run(folder)
        under_way.count(0 if run is None else 1)
        return run

    def _run(self, folder: Path) -> Run | None:
        meta = self._meta(folder)
        id_ = meta.get("run_id") or meta.get("run_uuid")
        if not id_ or meta.get("lifecycle_stage", "active") != "active":
            return None
        tags = self._texts(folder / "tags")
        parent = tags.get(PARENT_TAG)
        return Run(
            id=RunId(str(id_)),
            experiment_id=ExperimentId(str(meta.get("experiment_id", folder.parent.name))),
            display_name=str(meta.get("run_name") or meta.get("name") or tags.get(RUN_NAME_TAG, "")),
            status=_status(meta.get("status")),
            start_time_s=_seconds(meta.get("start_time")),
            end_time_s=_seconds(meta.get("end_time")),
            parent_id=RunId(parent) if parent else None,
            params=self._texts(folder / "params"),
            tags=tags,
            metrics=self._latest(folder / "metrics"),
            artifact_uri=str(meta.get("artifact_uri") or ""),
        )

    def _texts(self, folder: Path) -> dict[str, str]:
        found = {key: self._cached(path, _read_text) for key, path in _files(folder)}
        return {key: text for key, text in found.items() if text is not None}

    def _latest(self, folder: Path) -> dict[str, LatestPoint]:
        found = {key: self._cached(path, _read_latest) for key, path in _files(folder)}
        return {key: point for key, point in found.items() if point is not None}

    def _meta(self, folder: Path) -> Mapping[str, Any]:
        found = self._cached(folder / "meta.yaml", _read_meta)
        return found if found is not None else {}

    def _cached(self, path: Path, read: Callable[[Path], Any]) -> Any:
        """What `read` makes of `path`; None for a file that is gone or cannot be read."""
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            kept = self._kept.get(path)
            if kept is None or kept.stamp != stamp:
                kept = self._kept[path] = _Kept(stamp, read(path))
        except OSError:
            self._kept.pop(path, None)
            return None
        return kept.value

    def _run_folders(self, run_id: str) -> list[Path]:
        """The folder of a run, if there is one; its experiment is not known."""
        if "/" in run_id or "\\" in run_id or run_id in ("", ".", ".."):
            return []
        return [folder / run_id for folder in self._folders(self._root) if (folder / run_id / "meta.yaml").is_file()][
            :1
        ]

    def _folders(self, folder: Path) -> list[Path]:
        try:
            with os.scandir(folder) as entries:
                return [folder / entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            if folder == self._root:
                raise NotATrackingStore(
                    f"There is no folder or SQLite file {self.location}. MLflow makes it when the first run is logged; "
                    "check the path."
                ) from None
            return []
        except PermissionError:
            raise AccessDenied(f"{folder} cannot be read. Check that you may read the folder.") from None
        except OSError as error:
            raise SourceUnavailable(f"{folder} cannot be read: {error.strerror}. Trying again.") from None

    def _check_is_store(self) -> None:
        if not any((folder / "meta.yaml").is_file() for folder in self._folders(self._root)):
            raise NotATrackingStore(
                f"{self.location} holds no MLflow experiments: no folder in it has a meta.yaml. "
                "Give the folder that MLflow writes to, usually named mlruns."
            )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """(key, file) of each file below `folder`; slashes in the key are folders."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            yield _key(path.relative_to(folder)), path


def _key(path: Path) -> str:
    """A key is UTF-8; a file name need not be, and what is not becomes U+FFFD."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _content(folder: Path, key: str) -> bytes:
    """The bytes of the file of `key`; none if it is gone, unreadable or, by a key with dots, outside of `folder`."""
    path = folder / key
    if ".." in path.relative_to(folder).parts:
        return b""
    if "\ufffd" in key:
        path = next((file for found, file in _files(folder) if found == key), path)
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _read_latest(path: Path) -> LatestPoint | None:
    return latest(parse(path.read_bytes()))


def _read_meta(path: Path) -> dict[str, Any]:
    try:
        found = yaml.load(path.read_bytes(), _LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _status(number: object) -> RunStatus:
    return _STATUS.get(number, RunStatus.UNKNOWN) if isinstance(number, int) else RunStatus.parse(number)


def _seconds(milliseconds: object) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int) else None


if TYPE_CHECKING:
    _: RunSource = FileStoreSource(FileTarget(Path()))
    __: HoldsArtifacts = FileStoreSource(FileTarget(Path()))
    ___: WritesRuns = FileStoreSource(FileTarget(Path()))
    ____: HoldsModels = FileStoreSource(FileTarget(Path()))
