"""Which metrics of a run MLflow's endpoint does not tell: lists, rows, tables, references to artifacts, odd names.

The metric service has them, at the price of a request a run. So the index does not wait: runs are looked at in the
background, those that go on first, and what is found joins the index with the next listing.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tb_aml_plugin.errors import SourceError
from tb_aml_plugin.model import LatestPoint, NotShown, Run, RunId
from tb_aml_plugin.sources.azureml.client import Client
from tb_aml_plugin.sources.azureml.histories import Series
from tb_aml_plugin.sources.azureml.metric_json import INLINE, SCALAR, TABLE, Definition, Rows, definition_of, latest
from tb_aml_plugin.sources.wire import Refused
from tb_aml_plugin.turns import in_background

WORKERS = 4
LOOK_AGAIN_S = 15.0
"""How often a run that logs is looked at, for what MLflow's endpoint does not tell."""
IDLE_LOOK_AGAIN_S = 60.0
"""The same for a run of which nothing new is heard. Of one that has ended, nothing is asked until something is heard."""
_LONGEST = 8
"""So many times as long it may become while looking at the run brings nothing: most runs log scalars alone."""
_LATE_S = 180.0
"""How long metrics of a run that has ended may still arrive."""
_MOST_PAGES = 20
"""Of one metric, in the background. Of a longer one the newest point is known once its card was drawn."""
UNNAMED = "(no name)"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one run.

    Attributes:
      definitions: all its metrics.
      series: by the name that a chart gets, what it draws.
      latest: the newest point of each.
      not_shown: metrics that no chart shows, and why.
    """

    definitions: tuple[Definition, ...] = ()
    series: Mapping[str, Series] = field(default_factory=dict)
    latest: Mapping[str, LatestPoint] = field(default_factory=dict)
    not_shown: tuple[NotShown, ...] = ()


@dataclass(frozen=True, slots=True)
class _Looked:
    known: Known
    heard: object  # what MLflow's endpoint told of the run then
    final: bool
    at_s: float  # time.monotonic
    in_vain: int  # how many looks in turn brought nothing new


class Catalog:
    """Looks at runs in the background. **Threads.** Any; at most `WORKERS` of its own, which end when idle."""

    def __init__(self, client: Client, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now_s = now_s
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)  # a run is no longer busy
        self._looked: dict[RunId, _Looked] = {}
        self._waiting: dict[RunId, Run] = {}
        self._busy: set[RunId] = set()
        self._workers = 0
        self._closed = False

    def look(self, runs: Iterable[Run]) -> None:
        """Has those of `runs` looked at that may have something new. Returns at once."""
        now_s = self._now_s()
        with self._lock:
            due = [run for run in runs if run.id not in self._busy and self._is_due(run, now_s)]
            self._waiting |= {run.id: run for run in sorted(due, key=lambda run: run.status.is_terminal)}
            missing = min(WORKERS, len(self._waiting)) - self._workers
            for _ in range(0 if self._closed else missing):
                self._workers += 1
                threading.Thread(target=self._work, name="aml-catalog", daemon=True).start()

    def known(self, run_id: RunId) -> Known:
        """What was found of the run so far."""
        looked = self._looked.get(run_id)
        return looked.known if looked else Known()

    def now(self, run: Run) -> Known:
        """The same, looked at now if it never was or is due, by one of those who ask. Raises `SourceError`."""
        with self._lock:
            self._idle.wait_for(lambda: run.id not in self._busy)
            is_due = self._waiting.pop(run.id, None) is not None
            looked = self._looked.get(run.id)
            if looked and not is_due:
                return looked.known
            self._busy.add(run.id)
        try:
            return self._look(run)
        finally:
            self._is_idle(run.id)

    @property
    def is_done(self) -> bool:
        """Whether every run that was handed in has been looked at."""
        with self._lock:
            return not self._waiting and not self._busy

    def read_on(self, run_id: RunId, name: str, newest: LatestPoint | None) -> None:
        """A chart was read to its end: its newest point is this."""
        with self._lock:
            looked = self._looked.get(run_id)
            if looked and newest and name in looked.known.latest and looked.known.latest[name] != newest:
                known = dataclasses.replace(looked.known, latest={**looked.known.latest, name: newest})
                self._looked[run_id] = dataclasses.replace(looked, known=known)

    def forget_all_but(self, run_ids: set[RunId]) -> None:
        """Drops what is known of other runs."""
        with self._lock:
            for run_id in self._looked.keys() - run_ids:
                del self._looked[run_id]
            for run_id in self._waiting.keys() - run_ids:
                del self._waiting[run_id]

    def close(self) -> None:
        """Ends the looking; what is under way ends with the wire."""
        with self._lock:
            self._closed = True
            self._waiting.clear()

    def _is_due(self, run: Run, now_s: float) -> bool:
        looked = self._looked.get(run.id)
        if looked is None:
            return True
        is_news = _heard(run) != looked.heard or run.status.is_terminal
        if looked.final and _heard(run) == looked.heard:
            return False
        pause_s = LOOK_AGAIN_S if is_news else IDLE_LOOK_AGAIN_S
        if not run.status.is_terminal:
            pause_s *= min(2**looked.in_vain, _LONGEST)
        return now_s - looked.at_s >= pause_s

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._closed or not self._waiting:
                    self._workers -= 1
                    return
                run_id = next(iter(self._waiting))
                run = self._waiting.pop(run_id)
                self._busy.add(run_id)
            try:
                with in_background():
                    self._look(run)
            except SourceError:
                pass  # with the next listing; why nothing can be read, the listing itself says
            finally:
                self._is_idle(run_id)

    def _is_idle(self, run_id: RunId) -> None:
        with self._lock:
            self._busy.discard(run_id)
            self._idle.notify_all()

    def _look(self, run: Run) -> Known:
        try:
            pages = list(self._client.metrics(run.id))
        except Refused:  # no such run at the metric service
            pages = []
        with self._client.understood():
            definitions = tuple(definition_of(element) for page in pages for element in page)
        known = self._described(run, definitions)
        final = run.status.is_terminal and time.time() - (run.end_time_s or 0.0) > _LATE_S
        with self._lock:
            before = self._looked.get(run.id)
            in_vain = before.in_vain + 1 if before and _found(before.known) == _found(known) else 0
            self._looked[run.id] = _Looked(known, _heard(run), final, self._now_s(), in_vain)
        return known

    def _described(self, run: Run, definitions: Sequence[Definition]) -> Known:
        series: dict[str, Series] = {}
        newest: dict[str, LatestPoint] = {}
        not_shown: list[NotShown] = []
        for definition in definitions:
            if definition.kind in ("", SCALAR) and definition.name in run.metrics:
                continue
            if definition.kind not in ("", *INLINE):
                continue  # points at an artifact
            charts = charts_of(definition)
            if not charts:
                not_shown.append(NotShown(definition.name or UNNAMED, "None of its columns holds numbers."))
                continue
            found = self._newest(run.id, definition)
            for name, drawn in charts.items():
                point = found.get(drawn.column)
                if name in run.metrics or name in series:
                    not_shown.append(NotShown(name, "Another metric has the same name."))
                elif point is None:
                    not_shown.append(NotShown(name, "No value of it is a number."))
                else:
                    series[name], newest[name] = drawn, point
        return Known(tuple(definitions), series, newest, tuple(not_shown))

    def _newest(self, run_id: RunId, definition: Definition) -> dict[str, LatestPoint]:
        """The newest point of each numeric column."""
        columns = {drawn.column for drawn in charts_of(definition).values()}
        rows = Rows(columns)
        try:
            for number, page in enumerate(self._client.metric(run_id, definition.name), 1):
                with self._client.understood():
                    rows.add(page)
                if number >= _MOST_PAGES:
                    break
        except Refused:  # it is listed, and not there yet
            return {}
        by_index = definition.kind not in ("", SCALAR)
        found = {column: latest(rows.points(column, by_index=by_index)) for column in columns}
        return {column: point for column, point in found.items() if point is not None}


def charts_of(definition: Definition) -> dict[str, Series]:
    """Name of the chart → what it draws: the metric itself, or each numeric column of a table as ``metric/column``."""
    shown = definition.name if definition.name.strip() else UNNAMED
    if definition.kind != TABLE and set(definition.columns) <= {definition.name}:
        by_index = definition.kind not in ("", SCALAR)
        return {shown: Series(definition.name, definition.name, by_index)}
    return {
        f"{shown}/{column}": Series(definition.name, column, by_index=True) for column in definition.numeric_columns
    }


def _found(known: Known) -> object:
    """What a look has found that MLflow's endpoint does not tell."""
    return [definition for definition in known.definitions if definition.kind not in ("", SCALAR)], {
        name: (point.step, point.wall_time_s) for name, point in known.latest.items()
    }


def _heard(run: Run) -> object:
    """All that moves when something is done with a run: what the service keeps besides, such as tables, may have, too."""
    # Not the values: NaN is never the same again.
    points = {name: (point.step, point.wall_time_s) for name, point in run.metrics.items()}
    return run.status, run.end_time_s, run.tags, points
