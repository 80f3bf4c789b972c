"""What a reload asks the database: nothing new, and one of 1000 runs grown by 10 points. Counted, not timed."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

from benchmarks.figures import Figure
from benchmarks.rooms import read_card, run_history
from benchmarks.workloads import WIDE, database, mlflow_client
from tb_aml_plugin.wiring import RunHistory

_GROWN = 10


def run() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "copy.db"
        database(WIDE)
        shutil.copyfile(WIDE.path, path)
        uri = f"sqlite:///{path}"
        client = mlflow_client(uri)
        run_id, tag = WIDE.run_ids()[0], WIDE.tags[0]
        client.update_run(run_id, status="RUNNING")
        with run_history(uri) as history:
            watched = _Watched(history)
            read_card(history, tag)
            yield from _nothing_new(history, watched, tag)
            for step in range(WIDE.steps, WIDE.steps + _GROWN):
                client.log_metric(run_id, tag, 0.5, step=step)
            yield from _grown(history, watched, tag)


def _nothing_new(history: RunHistory, watched: _Watched, tag: str) -> Iterable[Figure]:
    watched.forget()
    begin = time.perf_counter()
    history.follower.poll()
    read_card(history, tag)
    took_s = time.perf_counter() - begin
    sides = {"statements": len(watched.statements), "curves read": watched.curves, "poll and card (s)": took_s}
    yield Figure("1000 runs, reload when nothing changed", len(watched.statements), "query", at_most=1, sides=sides)


def _grown(history: RunHistory, watched: _Watched, tag: str) -> Iterable[Figure]:
    watched.forget()
    begin = time.perf_counter()
    history.follower.poll()
    assert read_card(history, tag) == WIDE.runs * WIDE.steps + _GROWN
    took_s = time.perf_counter() - begin
    sides = {"points read": watched.points, "statements": len(watched.statements), "poll and card (s)": took_s}
    yield Figure("one of 1000 runs grew by 10 points: curves read", watched.curves, "curve", at_most=1, sides=sides)


class _Watched:
    """What a run history asks of its database."""

    def __init__(self, history: RunHistory) -> None:
        self.statements: list[str] = []
        self.curves = 0
        self.points = 0
        sa.event.listen(history.source.engine, "before_cursor_execute", self._before)
        read = history.source.histories

        def counted(metric, run_ids):  # noqa: ANN001, ANN202
            for run_id, points in read(metric, run_ids):
                self.curves += 1
                self.points += len(points)
                yield run_id, points

        history.source.histories = counted

    def forget(self) -> None:
        self.statements.clear()
        self.curves = self.points = 0

    def _before(self, connection: object, cursor: object, statement: str, *rest: object) -> None:
        self.statements.append(statement)
