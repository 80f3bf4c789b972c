"""What a reload asks a database of MLflow: one small query when nothing was written, one curve when one grew."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from mlflow.tracking import MlflowClient

from benchmarks.rooms import read_card, run_history
from benchmarks.workloads import Workload, write
from tb_aml_plugin.model import Points, RunId
from tb_aml_plugin.sources.sql import SqlSource
from tb_aml_plugin.wiring import RunHistory

SHORT = Workload("short", runs=100, metrics=2, steps=10)
TAG = SHORT.tags[0]
GROWN = SHORT.run_ids()[0]


class Asked:
    """What a run history asked of its database."""

    def __init__(self, source: SqlSource, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        self.curves: list[tuple[RunId, int]] = []
        sa.event.listen(source.engine, "before_cursor_execute", self._before)
        read = source.histories

        def histories(metric: str, run_ids: Sequence[RunId]) -> Iterator[tuple[RunId, Points]]:
            for run_id, points in read(metric, run_ids):
                self.curves.append((run_id, len(points)))
                yield run_id, points

        monkeypatch.setattr(source, "histories", histories)

    def _before(self, connection: object, cursor: object, statement: str, *rest: object) -> None:
        self.statements.append(statement)


@pytest.fixture
def uri(tmp_path: Path) -> str:
    path = tmp_path / "mlflow.db"
    write(SHORT, path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'RUNNING', end_time = NULL WHERE run_uuid = ?", [GROWN])
    return f"sqlite:///{path}"


@pytest.fixture
def history(uri: str) -> Iterator[RunHistory]:
    with run_history(uri) as history:
        read_card(history, TAG)
        yield history
    history.cache.join(10)


@pytest.fixture
def asked(history: RunHistory, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(history.source, monkeypatch)  # type: ignore[arg-type]


def test_when_nothing_was_written_a_reload_is_one_query(history: RunHistory, asked: Asked) -> None:
    history.follower.poll()
    assert read_card(history, TAG) == SHORT.runs * SHORT.steps
    assert asked.statements == ["PRAGMA data_version"]
    assert asked.curves == []


def test_when_one_of_many_runs_grew_only_its_curve_is_read(history: RunHistory, asked: Asked, uri: str) -> None:
    client = MlflowClient(uri)
    for step in range(SHORT.steps, SHORT.steps + 10):
        client.log_metric(GROWN, TAG, 0.5, step=step)
    history.follower.poll()
    assert read_card(history, TAG) == SHORT.runs * SHORT.steps + 10
    assert asked.curves == [(GROWN, SHORT.steps + 10)]
    assert len([statement for statement in asked.statements if "FROM metrics" in statement]) == 1
    assert len(asked.statements) < 15, asked.statements


def test_a_curve_that_did_not_grow_is_not_read_beside_one_that_did(history: RunHistory, asked: Asked, uri: str) -> None:
    read_card(history, SHORT.tags[1])
    asked.curves.clear()
    MlflowClient(uri).log_metric(GROWN, TAG, 0.5, step=SHORT.steps)
    history.follower.poll()
    read_card(history, SHORT.tags[1])
    assert asked.curves == []
