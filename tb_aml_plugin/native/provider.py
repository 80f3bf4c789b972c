"""The runs' own TensorBoard logs, read by TensorBoard's data server, under the runs' names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tensorboard import errors
from tensorboard.data import ingester
from tensorboard.data import provider as tb

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.native.mirror import Mirror
from tb_aml_plugin.questions import of_experiment

ByRunAndTag = dict[str, dict[str, Any]]


class NativeLogsProvider(tb.DataProvider):
    """What TensorBoard's reader of event files finds in a mirror, for the runs that are shown.

    The reader is started when the first event file is there, on a thread of its own: places without native logs cost
    no process. Until it answers, there is nothing.
    """

    def __init__(
        self, mirror: Mirror, shown: Callable[[], Snapshot], read: Callable[[str], ingester.DataIngester]
    ) -> None:
        """
        Args:
          mirror: the copies.
          shown: the runs that dashboards see; called with each question.
          read: starts a reader of a log directory and returns it started.
        """
        self._mirror = mirror
        mirror.appeared = self.start
        self._shown = shown
        self._read = read
        self._reader: ingester.DataIngester | None = None  # kept: it holds the data server's life line
        self._starting = threading.Lock()
        self._is_starting = False

    def __str__(self) -> str:
        return f"NativeLogsProvider({str(self._mirror.cache.events)!r})"

    def start(self) -> None:
        """Starts the reader, unless it was; returns at once."""
        with self._starting:
            if self._is_starting:
                return
            self._is_starting = True
        threading.Thread(target=self._start, name="aml-native-logs", daemon=True).start()

    def experiment_metadata(self, ctx: Any = None, *, experiment_id: str) -> tb.ExperimentMetadata:
        return tb.ExperimentMetadata()

    def list_plugins(self, ctx: Any = None, *, experiment_id: str) -> list[str]:
        if self._inner is None or not self._names(experiment_id):
            return []
        return list(self._inner.list_plugins(ctx, experiment_id="") or ())

    def list_runs(self, ctx: Any = None, *, experiment_id: str) -> list[tb.Run]:
        if self._inner is None:
            return []
        names = self._names(experiment_id)
        listed = self._inner.list_runs(ctx, experiment_id="")
        found = {names[run.run_name]: run.start_time for run in listed if run.run_name in names}
        return [tb.Run(run_id=name, run_name=name, start_time=start_time) for name, start_time in found.items()]

    def list_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("list_scalars", ctx, experiment_id, query)

    def read_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("read_scalars", ctx, experiment_id, query)

    def read_last_scalars(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("read_last_scalars", ctx, experiment_id, query)

    def list_tensors(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("list_tensors", ctx, experiment_id, query)

    def read_tensors(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("read_tensors", ctx, experiment_id, query)

    def list_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("list_blob_sequences", ctx, experiment_id, query)

    def read_blob_sequences(self, ctx: Any = None, *, experiment_id: str, **query: Any) -> ByRunAndTag:
        return self._ask("read_blob_sequences", ctx, experiment_id, query)

    def read_blob(self, ctx: Any = None, *, blob_key: str) -> bytes:
        if self._inner is None:
            raise errors.NotFoundError("There are no native logs.")
        return bytes(self._inner.read_blob(ctx, blob_key=blob_key))

    @property
    def _inner(self) -> Any:
        return None if self._reader is None else self._reader.data_provider

    def _start(self) -> None:
        self._reader = self._read(str(self._mirror.cache.events))

    def _names(self, experiment_id: str) -> dict[str, str]:
        """Run names of the reader → names in TensorBoard, of the runs shown."""
        by_id = {run.id: name for name, run in of_experiment(self._shown(), experiment_id).items()}
        return {
            inner: f"{by_id[part.run_id]}/{part.name}" if part.name else by_id[part.run_id]
            for inner, part in self._mirror.shown.items()
            if part.run_id in by_id
        }

    def _ask(self, method: str, ctx: Any, experiment_id: str, query: dict[str, Any]) -> ByRunAndTag:
        if self._inner is None:
            return {}
        names = self._names(experiment_id)
        wanted = query.get("run_tag_filter")
        if wanted is not None and wanted.runs is not None:
            names = {inner: name for inner, name in names.items() if name in wanted.runs}
        if not names:
            return {}
        tags = None if wanted is None else wanted.tags
        query = {**query, "run_tag_filter": tb.RunTagFilter(runs=list(names), tags=tags)}
        return _renamed(getattr(self._inner, method)(ctx, experiment_id="", **query) or {}, names)


def _renamed(found: ByRunAndTag, names: Mapping[str, str]) -> ByRunAndTag:
    """`found` under other run names; of two that get the same one, the tags are put together."""
    together: ByRunAndTag = {}
    for inner, by_tag in _in_order(found):
        if inner in names:
            together.setdefault(names[inner], {}).update(by_tag)
    return together


def _in_order(found: ByRunAndTag) -> Iterable[tuple[str, dict[str, Any]]]:
    return sorted(found.items())
