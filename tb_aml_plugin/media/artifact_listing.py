"""One look at what a run holds: all its artifacts, and what they give to the dashboards. Bounded in every direction."""

from __future__ import annotations

import functools
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, CannotShow, SourceError
from tb_aml_plugin.kinds import assembly, models, typed_metrics
from tb_aml_plugin.kinds.assembly import Piece
from tb_aml_plugin.kinds.base import File
from tb_aml_plugin.media import Dashboard, RunMedia
from tb_aml_plugin.model import Artifact, NotShown, Run
from tb_aml_plugin.native import native_logs
from tb_aml_plugin.sources.base import (
    ArtifactStore,
    HoldsArtifacts,
    HoldsModels,
    HoldsTypedMetrics,
    LoggedModel,
    RunSource,
)

ARTIFACTS = "artifacts"
"""What a `NotShown` about all of a run's artifacts is about."""

METRICS = "metrics that are no numbers"
MODELS = "models"

MOST_FILES = 2000
MOST_SEEN = 20_000
"""Files among which native logs are looked for: they may stand in a folder beside very many others."""
MOST_FOLDERS = 200
MOST_PIECES = 10_000
MOST_REASONS = 200
_MODEL_FILE = "MLmodel"

_Gave = tuple[list[Piece] | None, str]  # what a file gives, or why nothing


@dataclass(frozen=True, slots=True)
class Listing:
    """What a look at a run has shown.

    Attributes:
      media: the series from files and typed metrics.
      read: by path and size, what the files gave that had to be opened; for the next look, which need not open them.
      documents: by id, what the files ``MLmodel`` of models say, likewise.
      again: whether a file could not be opened now, and may be later.
    """

    media: RunMedia
    read: Mapping[tuple[str, int], _Gave] = field(default_factory=dict)
    documents: Mapping[str, models.Facts] = field(default_factory=dict)
    again: bool = False


def look(
    source: RunSource,
    run: Run,
    before: Listing | None,
    stopped: Callable[[], bool] = lambda: False,
    found: Callable[[RunMedia], None] = lambda media: None,
) -> Listing:
    """Lists the artifacts of `run`, and opens those whose name does not say all.

    One request at a time: as many folders as there are, and what files have to be opened that `before` does not know.

    Args:
      found: told which files there are before any is opened; with the series of `before`.

    Raises:
      SourceError: the place cannot be read now.
    """
    store = source.artifacts(run) if isinstance(source, HoldsArtifacts) else None
    files, complete = ([], True) if store is None else _walk(store, stopped)
    before = before or Listing(RunMedia(run.id))
    if not stopped():
        found(replace(before.media, files=tuple(files), complete=complete))
    looked = _Look(run, files, store, before)
    if isinstance(source, HoldsTypedMetrics):
        looked.open_metrics(source)
    if isinstance(source, HoldsModels):
        looked.open_models(source)
    native = native_logs.native_logs(artifact.path for artifact in files)
    for artifact in files:
        if stopped():
            break
        if artifact.path not in native:  # which TensorBoard reads itself, from the mirror
            looked.open(artifact)
    not_shown = [*looked.not_shown(), *_left_out(files, complete)]
    series = assembly.assembled(run, looked.pieces)
    media = RunMedia(run.id, series, tuple(not_shown), tuple(files), complete and not stopped())
    return Listing(media, looked.read, looked.documents, looked.again)


def _walk(store: ArtifactStore, stopped: Callable[[], bool]) -> tuple[list[Artifact], bool]:
    """Files by path, and whether they are all; folders nearest to the root first, of too many files native logs first."""
    files: list[Artifact] = []
    folders = deque([""])
    visited = 0
    while folders and not stopped():
        if visited >= MOST_FOLDERS or len(files) > MOST_SEEN:
            break
        found = store.list(folders.popleft())
        visited += 1
        files += [artifact for artifact in found if not artifact.is_folder]
        # What is below a model belongs to it.
        if not any(artifact.path.rpartition("/")[2] == _MODEL_FILE for artifact in found):
            folders.extend(artifact.path for artifact in found if artifact.is_folder)
    complete = not folders and len(files) <= MOST_FILES
    if len(files) > MOST_FILES:
        native = native_logs.native_logs(artifact.path for artifact in files)
        files = sorted(files, key=lambda artifact: artifact.path not in native)[:MOST_FILES]
    return sorted(files, key=lambda artifact: artifact.path), complete


class _Look:
    """What the files of a run give, gathered file by file."""

    def __init__(
        self,
        run: Run,
        files: Sequence[Artifact],
        store: ArtifactStore | None,
        before: Listing,
    ) -> None:
        self.pieces: list[Piece] = []
        self.read: dict[tuple[str, int], _Gave] = {}
        self.documents: dict[str, models.Facts] = {}
        self.again = False
        self._run = run
        self._by_path = {artifact.path: artifact for artifact in files}
        self._store = store
        self._before = before
        self._reasons: dict[str, str] = {}
        self._others: Counter[str] = Counter()
        self._spoken_for: set[str] = set()

    def open_metrics(self, source: HoldsTypedMetrics) -> None:
        """Takes what typed metrics give; the files that hold their values are theirs."""
        try:
            metrics = source.typed_metrics(self._run)
        except SourceError as problem:  # the artifacts may be read all the same
            self._reasons[METRICS], self.again = str(problem), True
            return
        for metric in metrics:
            artifact = self._by_path.get(metric.path)
            file = None if artifact is None else self._file(artifact)[0]
            self._spoken_for.add(metric.path)
            try:
                self._add(list(typed_metrics.pieces_of(metric, self._run, file)))
            except CannotShow as problem:
                self._reasons[metric.name] = str(problem)

    def open_models(self, source: HoldsModels) -> None:
        """Takes the summaries of models; of several of one name the last."""
        try:
            logged = source.models(self._run)
        except SourceError as problem:
            self._reasons[MODELS], self.again = str(problem), True
            return
        for model in {model.name: model for model in logged}.values():
            summary = models.summary_of(model, self._document(source, model))
            self._add([Piece(Dashboard.TEXT, f"models/{model.name}", summary, 0, model.created_s)])

    def open(self, artifact: Artifact) -> None:
        """Takes what a file gives."""
        if artifact.path in self._spoken_for:
            return
        key = (artifact.path, artifact.size_bytes or -1)
        gave = self._before.read.get(key)
        if gave is None:
            gave, was_read = self._gave(artifact)
            if not was_read:
                key = ("", 0)
        if key[1] > 0:
            self.read[key] = gave
        pieces, reason = gave
        if reason:
            self._reasons[artifact.path] = reason
        elif pieces is None:
            self._others[_suffix(artifact.path)] += 1
        else:
            self._add(pieces)

    def not_shown(self) -> list[NotShown]:
        """What is not shown and why, by name; files that no dashboard is for by their suffix."""
        reasons = [NotShown(what, reason) for what, reason in sorted(self._reasons.items())]
        reasons += [_other(suffix, count) for suffix, count in sorted(self._others.items())]
        return reasons[:MOST_REASONS]

    def _document(self, source: HoldsModels, model: LoggedModel) -> models.Facts:
        """What the model's own file says; nothing where there is none, as of a model that is still being logged."""
        if model.status not in ("", "READY"):
            return ()
        found = self._before.documents.get(model.id)
        if found is None:
            try:
                found = models.document_rows(source.model_document(self._run, model))
            except (ArtifactGone, CannotShow, AccessDenied):
                found = ()
            except SourceError:
                self.again = True
                return ()
        self.documents[model.id] = found
        return found

    def _gave(self, artifact: Artifact) -> tuple[_Gave, bool]:
        file, opened = self._file(artifact)
        try:
            return (assembly.pieces_of(file), ""), opened.happened
        except CannotShow as problem:
            return ([], str(problem)), opened.happened
        except SourceError as problem:
            self.again = self.again or not isinstance(problem, ArtifactGone)
            return ([], str(problem)), False

    def _file(self, artifact: Artifact) -> tuple[File, _Opened]:
        opened = _Opened(functools.partial(_read, self._store, artifact.path))
        return File(self._run, artifact, self._by_path.keys(), opened), opened

    def _add(self, pieces: Sequence[Piece]) -> None:
        room = MOST_PIECES - len(self.pieces)
        if len(pieces) > room:
            self._reasons[ARTIFACTS] = f"The run holds more than {MOST_PIECES} things to show; these are the first."
        self.pieces += pieces[:room]


class _Opened:
    """Reads, and remembers that it did."""

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self.happened = False

    def __call__(self, start: int, length: int) -> bytes:
        self.happened = True
        return self._read(start, length)


def _read(store: ArtifactStore | None, path: str, start: int, length: int) -> bytes:
    if store is None:
        raise CannotShow("Its value is in a file that cannot be reached.")
    return store.read(path, start, length)


def _left_out(files: Sequence[Artifact], complete: bool) -> list[NotShown]:
    if complete:
        return []
    return [NotShown(ARTIFACTS, f"The run has very many files or folders; {len(files)} files were looked at.")]


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return f"*.{name.rpartition('.')[2].lower()[:20]}" if "." in name.lstrip(".") else name[:40]


def _other(suffix: str, count: int) -> NotShown:
    files = "1 file" if count == 1 else f"{count} files"
    return NotShown(f"{suffix} ({files})", "No dashboard is for such files. The Azure ML tab lists them.")
