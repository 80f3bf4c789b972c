"""What runs hold besides metrics, as TensorBoard's dashboards read it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
from tensorboard import errors
from tensorboard.data import provider as tb

from tb_aml_plugin.board import Board, Snapshot
from tb_aml_plugin.downsample import choose
from tb_aml_plugin.errors import AmlError
from tb_aml_plugin.kinds.drawing import notice
from tb_aml_plugin.media import (
    Content,
    Dashboard,
    Histogram,
    InFile,
    MediaPoint,
    MediaSeries,
    Payload,
    Picture,
    PrCurve,
    Table,
    Text,
    markdown,
)
from tb_aml_plugin.media.blob_key import BlobKey
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.media.reader import MediaReader
from tb_aml_plugin.model import Run, ScalarSeries
from tb_aml_plugin.questions import FIRST_LISTING_TIMEOUT_S, Listing, PerVersion, filtered, of_experiment
from tb_aml_plugin.sources.parallel import as_completed
from tb_aml_plugin.visibility import Visibility

READ_TIMEOUT_S = 30.0
"""How long one question goes on to read further contents."""
THREADS = 8

_DASHBOARDS = {dashboard.value: dashboard for dashboard in Dashboard}
_TENSORS = frozenset((Dashboard.TEXT, Dashboard.HISTOGRAMS, Dashboard.PR_CURVES))
_SIZE_AND_PICTURE = 3
"""Blobs of an image: width, height, picture. The first two are counted and never read (`images_plugin.py`)."""

D = TypeVar("D")
_Chosen = list[tuple[str, Run, MediaSeries, tuple[MediaPoint, ...]]]


class MediaDataProvider(tb.DataProvider):
    """Pictures, texts, tables, histograms and PR curves of the runs on a Board.

    Lists come from the index, contents from the reader, and of those only what is asked for. Nothing here raises on
    account of the place that is read, nor of what a file holds: in place of what cannot be shown stands the reason, where
    a dashboard can show one, or nothing.

    Runs themselves are listed by `RunHistoryDataProvider`, which this one stands beside.
    """

    def __init__(
        self,
        board: Board,
        visibility: Visibility,
        index: MediaIndex,
        reader: MediaReader,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._board = board
        self._read_timeout_s = read_timeout_s
        self._visibility = visibility
        self._index = index
        self._reader = reader
        self._lists = PerVersion()

    def __str__(self) -> str:
        return f"MediaDataProvider({self._board.location!r})"

    def knows(self, experiment_id: str) -> bool:
        """Whether `experiment_id` is the name or the id of one of the chosen experiments."""
        experiments = self._snapshot().experiments.values()
        return any(experiment_id in (experiment.name, experiment.id) for experiment in experiments)

    def experiment_metadata(self, ctx: object = None, *, experiment_id: str) -> tb.ExperimentMetadata:
        return tb.ExperimentMetadata()

    def list_plugins(self, ctx: object = None, *, experiment_id: str) -> list[str]:
        runs = of_experiment(self._snapshot(), experiment_id)
        found = {series.dashboard.value for run in runs.values() for series in self._index.of(run).series}
        return sorted(found)

    def list_runs(self, ctx: object = None, *, experiment_id: str) -> list[tb.Run]:
        return []

    def list_scalars(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Listing:
        return self._list(experiment_id, plugin_name, {Dashboard.SCALARS}, run_tag_filter, _as_scalars)

    def read_scalars(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, list[tb.ScalarDatum]]]:
        chosen = self._chosen(experiment_id, plugin_name, {Dashboard.SCALARS}, run_tag_filter, 1)
        found: dict[str, dict[str, list[tb.ScalarDatum]]] = {}
        for name, series, _, payload in self._read(chosen):
            if isinstance(payload, ScalarSeries) and len(payload):
                found.setdefault(name, {})[series.tag] = _scalar_data(payload, downsample or len(payload))
        return found

    def read_last_scalars(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> dict[str, dict[str, tb.ScalarDatum]]:
        return {}  # HParams asks for it, of metrics; a column of a table is none

    def list_tensors(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Listing:
        return self._list(experiment_id, plugin_name, _TENSORS, run_tag_filter, _as_tensors)

    def read_tensors(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, list[tb.TensorDatum]]]:
        chosen = self._chosen(experiment_id, plugin_name, _TENSORS, run_tag_filter, downsample)
        found: dict[str, dict[str, list[tb.TensorDatum]]] = {}
        for name, series, point, payload in self._read(chosen):
            datum = tb.TensorDatum(point.step, point.wall_time_s, _tensor(series.dashboard, payload))
            found.setdefault(name, {}).setdefault(series.tag, []).append(datum)
        for by_tag in found.values():
            for data in by_tag.values():
                data.sort(key=lambda datum: datum.step)
        return found

    def list_blob_sequences(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, run_tag_filter: Any = None
    ) -> Listing:
        return self._list(experiment_id, plugin_name, {Dashboard.IMAGES}, run_tag_filter, _as_blobs)

    def read_blob_sequences(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: Any = None,
    ) -> dict[str, dict[str, list[tb.BlobSequenceDatum]]]:
        found: dict[str, dict[str, list[tb.BlobSequenceDatum]]] = {}
        chosen = self._chosen(experiment_id, plugin_name, {Dashboard.IMAGES}, run_tag_filter, downsample)
        for name, run, series, points in chosen:
            data = [_blob_datum(run, point, point.content) for point in points if isinstance(point.content, InFile)]
            found.setdefault(name, {})[series.tag] = data
        return found

    def read_blob(self, ctx: object = None, *, blob_key: str) -> bytes:
        try:
            key = BlobKey.decode(blob_key)
        except ValueError as error:
            raise errors.InvalidArgumentError(str(error)) from None
        run = next((run for run in self._snapshot().runs.values() if run.id == key.run_id), None)
        if run is None:
            raise errors.NotFoundError("The run of this picture is not shown.")
        payload = self._payload(run, key.content)
        if isinstance(payload, Picture):
            return payload.data
        return notice(str(payload) if isinstance(payload, AmlError) else "It is no picture.").data

    def _snapshot(self) -> Snapshot:
        return self._visibility.of(self._board.first_snapshot(FIRST_LISTING_TIMEOUT_S))

    def _list(
        self,
        experiment_id: str,
        plugin_name: str,
        answered: Iterable[Dashboard],
        wanted: tb.RunTagFilter | None,
        describe: Callable[[MediaSeries], Any],
    ) -> Listing:
        dashboard = _DASHBOARDS.get(plugin_name)
        if dashboard is None or dashboard not in answered:
            return {}
        snapshot = self._snapshot()
        runs = of_experiment(snapshot, experiment_id)

        def make() -> Listing:
            found = {name: self._series(run, dashboard) for name, run in runs.items()}
            return {name: {one.tag: describe(one) for one in series} for name, series in found.items() if series}

        version = (snapshot.version, self._index.version)
        return filtered(self._lists.get(version, (plugin_name, experiment_id), make), wanted)

    def _series(self, run: Run, dashboard: Dashboard) -> list[MediaSeries]:
        return [series for series in self._index.of(run).series if series.dashboard is dashboard]

    def _chosen(
        self,
        experiment_id: str,
        plugin_name: str,
        answered: Iterable[Dashboard],
        wanted: tb.RunTagFilter | None,
        most: int | None,
    ) -> _Chosen:
        """What is asked for: run name, run, series, and at most `most` of its points, the last among them."""
        dashboard = _DASHBOARDS.get(plugin_name)
        if dashboard is None or dashboard not in answered:
            return []
        runs = of_experiment(self._snapshot(), experiment_id)
        tags = None if wanted is None or wanted.tags is None else frozenset(wanted.tags)
        names = runs.keys() if wanted is None or wanted.runs is None else runs.keys() & set(wanted.runs)
        return [
            (name, runs[name], series, _thinned(series.points, most))
            for name in names
            for series in self._series(runs[name], dashboard)
            if tags is None or series.tag in tags
        ]

    def _read(self, chosen: _Chosen) -> Iterable[tuple[str, MediaSeries, MediaPoint, Payload | AmlError]]:
        """The payloads of `chosen` as they come, or why one is not there."""
        give_up_s = time.monotonic() + self._read_timeout_s

        def read(task: tuple[str, Run, MediaSeries, MediaPoint]) -> Any:
            name, run, series, point = task
            late = time.monotonic() > give_up_s
            return name, series, point, AmlError(_LATE) if late else self._payload(run, point.content)

        tasks = [(name, run, series, point) for name, run, series, points in chosen for point in points]
        if len(tasks) == 1 or all(not isinstance(task[3].content, InFile) for task in tasks):
            return map(read, tasks)
        return as_completed(read, tasks, THREADS)

    def _payload(self, run: Run, content: Content) -> Payload | AmlError:
        try:
            return self._reader.read(run, content)
        except AmlError as problem:
            return problem


_LATE = "It takes too long to read. Reload to go on reading."


def _thinned(points: tuple[MediaPoint, ...], most: int | None) -> tuple[MediaPoint, ...]:
    if not most or len(points) <= most:  # 0 is what `--samples_per_plugin images=0` sends: all
        return points
    return tuple(points[index] for index in np.unique(np.linspace(len(points) - 1, 0, most).astype(int)))


def _described(series: MediaSeries) -> dict[str, Any]:
    last = series.points[-1]
    return {
        "max_step": last.step,
        "max_wall_time": max(point.wall_time_s for point in series.points),
        "plugin_content": b"",
        "description": "",
        "display_name": "",
    }


def _as_scalars(series: MediaSeries) -> tb.ScalarTimeSeries:
    return tb.ScalarTimeSeries(**_described(series))


def _as_tensors(series: MediaSeries) -> tb.TensorTimeSeries:
    return tb.TensorTimeSeries(**_described(series))


def _as_blobs(series: MediaSeries) -> tb.BlobSequenceTimeSeries:
    return tb.BlobSequenceTimeSeries(max_length=_SIZE_AND_PICTURE, **_described(series))


def _blob_datum(run: Run, point: MediaPoint, content: InFile) -> tb.BlobSequenceDatum:
    reference = tb.BlobReference(BlobKey(run.id, content).encode())
    return tb.BlobSequenceDatum(point.step, point.wall_time_s, (reference,) * _SIZE_AND_PICTURE)


def _scalar_data(curve: ScalarSeries, most: int) -> list[tb.ScalarDatum]:
    chosen = choose(curve.values, most)
    columns = (curve.steps[chosen], curve.wall_times_s[chosen], curve.values[chosen])
    return [tb.ScalarDatum(*point) for point in zip(*(column.tolist() for column in columns), strict=True)]


def _tensor(dashboard: Dashboard, payload: Payload | AmlError) -> Any:
    """`payload` as the dashboard takes it. Where there is none it takes something empty: without, it would fail as a whole."""
    if dashboard is Dashboard.TEXT:
        if isinstance(payload, (Text, Table)):
            return markdown.array_of(payload)
        return np.array(f"*Not shown: {markdown.literal(str(payload))}*", dtype=object)
    if dashboard is Dashboard.HISTOGRAMS:
        return payload.buckets if isinstance(payload, Histogram) else np.zeros((0, 3))
    return payload.values if isinstance(payload, PrCurve) else np.zeros((6, 2))
