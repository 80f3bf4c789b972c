"""Histories of metrics, run by run; of a metric that grows, only what is new."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tb_aml_plugin.errors import NotATrackingStore
from tb_aml_plugin.model import Points, RunId
from tb_aml_plugin.sources.azureml.client import Client
from tb_aml_plugin.sources.azureml.metric_json import Rows, iso
from tb_aml_plugin.sources.parallel import as_completed
from tb_aml_plugin.sources.wire import MAX_IN_FLIGHT, Refused

_TAIL_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Series:
    """What a name on a chart means in one run.

    Attributes:
      metric: its name at the service.
      column: the column drawn; as the metric, for a scalar.
      by_index: rows without a step are counted, because nothing else orders them.
    """

    metric: str
    column: str
    by_index: bool = False


class Histories:
    """Reads histories from the metric service.

    Of a run that goes on, what was read is kept, at most `_TAIL_BYTES`, and reading goes on at the newest row; what
    is logged into the past meanwhile is seen when the run has ended and is read once more as a whole.

    **Threads.** Any.
    """

    def __init__(self, client: Client, goes_on: Callable[[RunId], bool], rest: Callable[[str, RunId], Points]) -> None:
        """
        Args:
          goes_on: whether a run may still log.
          rest: reads a metric from MLflow's endpoint, which may have what the metric service has not, or not yet.
        """
        self._client = client
        self._goes_on = goes_on
        self._rest = rest
        self._lock = threading.Lock()
        self._tails: collections.OrderedDict[tuple[RunId, Series], Rows] = collections.OrderedDict()

    def read(
        self, name: str, series: Callable[[RunId], Series], run_ids: Sequence[RunId]
    ) -> Iterator[tuple[RunId, Points]]:
        """All points of what `name` means in each of `run_ids`, as they arrive."""
        return as_completed(lambda run_id: (run_id, self._one(name, series(run_id), run_id)), run_ids, MAX_IN_FLIGHT)

    def forget_all_but(self, run_ids: set[RunId]) -> None:
        """Drops what was kept of other runs."""
        with self._lock:
            for key in [key for key in self._tails if key[0] not in run_ids]:
                del self._tails[key]

    def _one(self, name: str, series: Series, run_id: RunId) -> Points:
        goes_on = self._goes_on(run_id)
        with self._lock:
            rows = self._tails.pop((run_id, series), None)
        if rows is None or not goes_on:
            rows = Rows((series.column,))
        try:
            self._extend(rows, series, run_id)
        except (Refused, NotATrackingStore) as error:
            if isinstance(error, Refused) and error.status != 404:
                raise
            return self._rest(name, run_id)
        points = rows.points(series.column, by_index=series.by_index)
        if goes_on and len(points):
            self._keep((run_id, series), rows)
        return points

    def _extend(self, rows: Rows, series: Series, run_id: RunId) -> None:
        # The last moment is read again: rows of the same millisecond may have come after it was read.
        after_ms = rows.newest_ms - 1
        rows.cut(after_ms)
        for page in self._client.metric(run_id, series.metric, iso(after_ms) if len(rows) else ""):
            with self._client.understood():
                rows.add(page, after_ms)

    def _keep(self, key: tuple[RunId, Series], rows: Rows) -> None:
        with self._lock:
            self._tails[key] = rows
            kept = sum(rows.nbytes for rows in self._tails.values())
            while kept > _TAIL_BYTES and self._tails:
                kept -= self._tails.popitem(last=False)[1].nbytes
