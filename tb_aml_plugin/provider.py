"""The runs on the Board as TensorBoard's dashboards read them."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from tensorboard.data import provider as tb

from tb_aml_plugin import hparams
from tb_aml_plugin.board import Board, Snapshot
from tb_aml_plugin.downsample import choose, share
from tb_aml_plugin.model import Run, ScalarSeries
from tb_aml_plugin.questions import (
    EVERYTHING,
    FIRST_LISTING_TIMEOUT_S,
    Listing,
    PerVersion,
    admits,
    filtered,
    of_experiment,
)
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.visibility import Visibility

SCALARS = "scalars"
HPARAMS = "hparams"

POINT_BUDGET = 100_000
"""Points in one answer, about 7 MB of JSON: more take TensorBoard's own encoder and the browser over a second."""

CURVES_TIMEOUT_S = 60.0
"""How long a card waits for its curves. TensorBoard does not ask again by itself, so an early half answer would stay."""

_INT32 = np.iinfo(np.int32)


class RunHistoryDataProvider(tb.DataProvider):
    """Scalars and hyperparameters of the runs on a Board.

    Lists come from memory. A read of curves waits for those the cache has not got yet, at most `CURVES_TIMEOUT_S`
    seconds, and then returns what there is. Nothing here raises on account of the place that is read: one failing
    list would leave whole dashboards blank.

    Only the runs that `visibility` shows.

    Experiment ids: "" and "defaultExperimentId" are everything chosen; the name or the id of one of the chosen
    experiments is that one; any other has no data.
    """

    def __init__(self, board: Board, cache: SeriesCache, now_s: Callable[[], float] = time.time) -> None:
        self.board = board
        self.cache = cache
        self.visibility = Visibility()
        self.desk: object = None  # what the tab works on; it finds its way by this provider
        self._now_s = now_s
        self._lists = PerVersion()

    def __str__(self) -> str:
        return f"RunHistoryDataProvider({self.board.location!r})"

    def knows(self, experiment_id: str) -> bool:
        """Whether `experiment_id` is the name or the id of one of the chosen experiments."""
        experiments = self._snapshot().experiments.values()
        return any(experiment_id in (experiment.name, experiment.id) for experiment in experiments)

    def experiment_metadata(self, ctx: object = None, *, experiment_id: str) -> tb.ExperimentMetadata:
        experiments = self._snapshot().experiments.values()
        if experiment_id in EVERYTHING:
            names = sorted(experiment.name for experiment in experiments)
        else:
            names = [e.name for e in experiments if experiment_id in (e.name, e.id)] or [experiment_id]
        return tb.ExperimentMetadata(data_location=self.board.location, experiment_name=", ".join(names))

    def list_plugins(self, ctx: object = None, *, experiment_id: str) -> list[str]:
        runs = self._runs(experiment_id)
        scalars = [SCALARS] if any(run.metrics for run in runs.values()) else []
        return [*scalars, HPARAMS] if runs else []

    def list_runs(self, ctx: object = None, *, experiment_id: str) -> list[tb.Run]:
        return [
            tb.Run(run_id=name, run_name=name, start_time=run.start_time_s)
            for name, run in self._runs(experiment_id).items()
        ]

    def list_scalars(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, tb.ScalarTimeSeries]]:
        if plugin_name != SCALARS:
            return {}
        return filtered(self._listed(_scalars, experiment_id), run_tag_filter)

    def read_scalars(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, Sequence[tb.ScalarDatum]]]:
        if plugin_name != SCALARS:
            return {}
        if downsample == 1:  # how HParams asked for the newest points before TensorBoard 2.15
            last = self.read_last_scalars(
                experiment_id=experiment_id, plugin_name=SCALARS, run_tag_filter=run_tag_filter
            )
            return {run: {tag: [datum] for tag, datum in tags.items()} for run, tags in last.items()}
        # 0 is what `--samples_per_plugin scalars=0` sends, which TensorBoard documents as "keep all".
        limit = downsample or POINT_BUDGET
        runs = self._admitted(experiment_id, run_tag_filter)
        curves = self._curves(runs, run_tag_filter, limit)
        most = share(POINT_BUDGET, [len(curve) for _, _, curve in curves], limit)
        found: dict[str, dict[str, Sequence[tb.ScalarDatum]]] = {}
        for name, tag, curve in curves:
            found.setdefault(name, {})[tag] = _Data(_downsampled(most, curve))
        for name, datum in self._durations(runs, run_tag_filter):
            found.setdefault(name, {}).setdefault(hparams.DURATION_TAG, [datum])
        return found

    def read_last_scalars(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, tb.ScalarDatum]]:
        if plugin_name != SCALARS:
            return {}
        runs = self._admitted(experiment_id, run_tag_filter)
        found = {name: _last(run, run_tag_filter) for name, run in runs.items()}
        for name, datum in self._durations(runs, run_tag_filter):
            found[name].setdefault(hparams.DURATION_TAG, datum)
        return {name: tags for name, tags in found.items() if tags}

    def list_tensors(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, tb.TensorTimeSeries]]:
        if plugin_name != HPARAMS:
            return {}
        return filtered(self._listed(_sessions, experiment_id), run_tag_filter)

    def read_tensors(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, list[tb.TensorDatum]]]:
        return {}

    def list_blob_sequences(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, tb.BlobSequenceTimeSeries]]:
        return {}

    def read_blob_sequences(
        self,
        ctx: object = None,
        *,
        experiment_id: str,
        plugin_name: str,
        downsample: int | None = None,
        run_tag_filter: tb.RunTagFilter | None = None,
    ) -> dict[str, dict[str, list[tb.BlobSequenceDatum]]]:
        return {}

    def _snapshot(self) -> Snapshot:
        return self.visibility.of(self.board.first_snapshot(FIRST_LISTING_TIMEOUT_S))

    def _runs(self, experiment_id: str) -> Mapping[str, Run]:
        return of_experiment(self._snapshot(), experiment_id)

    def _admitted(self, experiment_id: str, wanted: tb.RunTagFilter | None) -> Mapping[str, Run]:
        runs = self._runs(experiment_id)
        if wanted is None or wanted.runs is None:
            return runs
        return {name: run for name, run in runs.items() if name in wanted.runs}

    def _listed(self, make: Callable[[Mapping[str, Run], Snapshot], Listing], experiment_id: str) -> Listing:
        snapshot = self._snapshot()
        runs = of_experiment(snapshot, experiment_id)
        return self._lists.get(snapshot.version, (make.__name__, experiment_id), lambda: make(runs, snapshot))

    def _curves(
        self, runs: Mapping[str, Run], wanted: tb.RunTagFilter | None, limit: int
    ) -> list[tuple[str, str, ScalarSeries]]:
        """(run name, tag, curve of at most `limit` points) of everything wanted that can be had in time."""
        tags = {tag for run in runs.values() for tag in run.metrics}
        if wanted is not None and wanted.tags is not None:
            tags &= set(wanted.tags)
        deadline_s = time.monotonic() + CURVES_TIMEOUT_S
        reduce = functools.partial(_downsampled, limit)
        found = []
        for tag in sorted(tags):
            curves = self.cache.read(tag, runs.values(), reduce, max(0.0, deadline_s - time.monotonic()))
            found += [(name, tag, curves[run.id]) for name, run in runs.items() if run.id in curves]
        return found

    def _durations(
        self, runs: Mapping[str, Run], wanted: tb.RunTagFilter | None
    ) -> Iterator[tuple[str, tb.ScalarDatum]]:
        if wanted is None or hparams.DURATION_TAG not in (wanted.tags or ()):
            return
        now_s = self._now_s()
        for name, run in runs.items():
            end_s = run.end_time_s if run.end_time_s is not None else now_s
            if run.start_time_s is not None and (run.end_time_s is not None or not run.status.is_terminal):
                yield name, tb.ScalarDatum(0, end_s, end_s - run.start_time_s)


def _scalars(runs: Mapping[str, Run], snapshot: Snapshot) -> Listing:
    return {
        name: {
            tag: tb.ScalarTimeSeries(
                max_step=point.step,
                max_wall_time=point.wall_time_s,
                plugin_content=b"",
                description="",
                display_name="",
            )
            for tag, point in run.metrics.items()
        }
        for name, run in runs.items()
        if run.metrics
    }


def _sessions(runs: Mapping[str, Run], snapshot: Snapshot) -> Listing:
    return {
        name: {
            tag: tb.TensorTimeSeries(
                max_step=0,
                max_wall_time=runs[name].start_time_s or 0.0,
                plugin_content=content,
                description="",
                display_name="",
            )
            for tag, content in by_tag.items()
        }
        for name, by_tag in hparams.contents(runs, snapshot.experiments).items()
    }


def _last(run: Run, wanted: tb.RunTagFilter | None) -> dict[str, tb.ScalarDatum]:
    tags = wanted.tags if wanted is not None else None
    return {
        # HParams puts the step into an int32 and fails as a whole on a larger one.
        tag: tb.ScalarDatum(min(max(point.step, _INT32.min), _INT32.max), point.wall_time_s, point.value)
        for tag, point in run.metrics.items()
        if admits(tags, tag)
    }


def _downsampled(most: int, curve: ScalarSeries) -> ScalarSeries:
    if len(curve) <= most:
        return curve
    chosen = choose(curve.values, most)
    return ScalarSeries(curve.steps[chosen], curve.wall_times_s[chosen], curve.values[chosen])


class _Data(Sequence[tb.ScalarDatum]):
    """A curve as data, each made when it is looked at.

    As a list, the hundred thousand of a card would be walked by Python's collector again and again while TensorBoard
    makes its JSON: a tenth of the time that a card takes.
    """

    def __init__(self, curve: ScalarSeries) -> None:
        self._curve = curve

    def __len__(self) -> int:
        return len(self._curve)

    def __iter__(self) -> Iterator[tb.ScalarDatum]:
        curve = self._curve
        return map(tb.ScalarDatum, curve.steps.tolist(), curve.wall_times_s.tolist(), curve.values.tolist())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return list(self)[index]
        curve = self._curve
        return tb.ScalarDatum(int(curve.steps[index]), float(curve.wall_times_s[index]), float(curve.values[index]))
