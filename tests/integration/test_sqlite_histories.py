"""Curves out of a SQLite file: every way of reading gives every point, in SELECTs that stay short."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks.workloads import Workload, write
from tb_aml_plugin.model import Points, RunId
from tb_aml_plugin.sources import sqlite_histories
from tb_aml_plugin.sources.sql import SqlSource
from tb_aml_plugin.target import SqlTarget

RUNS = 70
METRIC = "train/metric_01"

rows = st.tuples(
    st.sampled_from([0, 1, RUNS - 1]),  # few, so that pages end between points that differ in little
    st.integers(-1, 3),  # steps
    st.integers(0, 3),  # times in ms
    st.sampled_from([0.0, -1.5, 1.797e308, float.fromhex("0x1.fffffffffffffp+1023")]),
    st.booleans(),
)


@pytest.fixture(scope="module", params=["with the index on curves", "without"])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "mlflow.db"
    write(Workload("short", runs=RUNS, metrics=2, steps=3), path)
    if request.param == "without":
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP INDEX index_metrics_run_uuid_key_step")
    return path


@pytest.fixture
def source(path: Path) -> Iterator[SqlSource]:
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    yield source
    source.close()


@pytest.fixture
def sent(source: SqlSource) -> list[str]:
    """The statements that read points."""
    statements: list[str] = []

    def before(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "FROM metrics" in statement:
            statements.append(statement)

    sa.event.listen(source.engine, "before_cursor_execute", before)
    return statements


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(rows, max_size=60, unique=True), wanted=st.sampled_from([1, 2, 30, RUNS]))
@example(written=[(run, 0, 1, value, False) for value in (1.797e308, 0.0, -1.5) for run in (0, 1)], wanted=RUNS)
def test_pages_join_whatever_was_written(
    source: SqlSource,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: Sequence[tuple[Any, ...]],
    wanted: int,
) -> None:
    monkeypatch.setattr(sqlite_histories, "_SCANNED_ROWS", 3)
    monkeypatch.setattr(sqlite_histories, "_LOOKED_UP_ROWS", 2)
    ids = _ids(path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM metrics WHERE key = ?", [METRIC])
        insert = "INSERT INTO metrics (run_uuid, step, timestamp, value, is_nan, key) VALUES (?, ?, ?, ?, ?, ?)"
        connection.executemany(insert, [(ids[run], *row, METRIC) for run, *row in written])
    found = dict(source.histories(METRIC, ids[:wanted]))
    # Sorted by step and time alone, which leaves points of one moment as they were logged.
    assert {run_id: sorted(_rows(points), key=itemgetter(0, 1)) for run_id, points in found.items()} == {
        ids[run]: sorted(
            ((step, ms / 1000, _shown(value, nan)) for r, step, ms, value, nan in written if r == run),
            key=itemgetter(0, 1),
        )
        for run in range(wanted)
    }


@pytest.mark.parametrize("wanted", [1, 20, RUNS])
def test_no_select_reads_more_than_a_page(
    source: SqlSource, path: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch, wanted: int
) -> None:
    monkeypatch.setattr(sqlite_histories, "_SCANNED_ROWS", 10)
    monkeypatch.setattr(sqlite_histories, "_LOOKED_UP_ROWS", 2)
    assert sum(len(points) for _, points in source.histories("eval/metric_00", _ids(path)[:wanted])) == 3 * wanted
    assert all("LIMIT" in statement for statement in sent)
    assert len(sent) > wanted * 3 // 10


def test_a_metric_of_all_runs_is_read_once_however_many_there_are(
    source: SqlSource, path: Path, sent: list[str]
) -> None:
    list(source.histories("eval/metric_00", _ids(path)))
    assert len(sent) == 1


def _ids(path: Path) -> list[RunId]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [RunId(id_) for (id_,) in connection.execute("SELECT run_uuid FROM runs ORDER BY name")]


def _rows(points: Points) -> list[tuple[int, float, str]]:
    columns = zip(points.steps.tolist(), points.wall_times_s.tolist(), points.values.tolist(), strict=True)
    return [(step, time_s, repr(value)) for step, time_s, value in columns]


def _shown(value: float, is_nan: bool) -> str:
    return "nan" if is_nan else "inf" if value >= float.fromhex("0x1.fffffffffffffp+1023") else repr(value)
