"""Every statement of the SQL source, in the words of databases that the tests cannot start."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect

from tb_aml_plugin.model import ExperimentId, RunId
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.schema import METADATA
from tb_aml_plugin.sources.sql import SqlSource
from tb_aml_plugin.target import SqlTarget

DIALECTS = {"mysql": mysql.dialect(), "mariadb": MariaDBDialect(), "mssql": mssql.dialect()}


def _statements(path: Path, dialect: str) -> list[sa.ClauseElement]:
    """All that the source asks in listing, looking up and reading, where it takes the database for a `dialect`."""
    engine = sa.create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    with sqlite3.connect(path) as writer:
        writer.execute("INSERT INTO experiments VALUES (1, 'e', 'active')")
        writer.execute("INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r', 1, 'active')")
        writer.execute("INSERT INTO metrics VALUES ('loss', 1.0, 1, 'r', 0, 0)")
    writer.close()
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    asked: list[sa.ClauseElement] = []
    sa.event.listen(source.engine, "before_execute", lambda _, element, *rest: asked.append(element))
    source._dialect = dialect
    assert [experiment.name for experiment in source.experiments()] == ["e"]
    wanted = Selection((ExperimentId("1"),), (RunId("other"),), order_by=("metrics.loss DESC", "params.lr"), max_runs=7)
    assert [run.id for run in source.runs(wanted, {})] == ["r"]
    source.find_runs([RunId("r")])
    assert [len(points) for _, points in source.histories("loss", [RunId("r")])] == [1]
    source.close()
    return [element for element in asked if isinstance(element, sa.Select)]


@pytest.mark.parametrize("name", DIALECTS)
def test_every_statement_can_be_written(tmp_path: Path, name: str) -> None:
    asked = _statements(tmp_path / "mlflow.db", name)
    texts = [str(element.compile(dialect=DIALECTS[name])) for element in asked]
    assert len(texts) >= 8  # experiments, runs, their params, tags and newest points; parents; points
    assert all(text.startswith("SELECT ") for text in texts)
    for text in texts:
        assert "NULLS" not in text


@pytest.mark.parametrize(
    ("name", "column"), [("mysql", "metrics.`key`"), ("mariadb", "metrics.`key`"), ("mssql", "metrics.[key]")]
)
def test_words_that_are_reserved_are_quoted_and_metrics_found_by_their_case(
    tmp_path: Path, name: str, column: str
) -> None:
    (text,) = (
        str(element.compile(dialect=DIALECTS[name]))
        for element in _statements(tmp_path / "mlflow.db", name)
        if "FROM metrics" in str(element)
    )
    conditions = text.split("WHERE")[1]
    assert conditions.count(column) == 2
    assert f"CAST({column} AS BINARY)" in conditions or f"{column} COLLATE Latin1_General_100_BIN2" in conditions


def test_sql_server_is_told_how_many_runs_in_its_own_words(tmp_path: Path) -> None:
    texts = [str(element.compile(dialect=DIALECTS["mssql"])) for element in _statements(tmp_path / "m.db", "mssql")]
    (listing,) = (text for text in texts if "TOP" in text)
    assert "LIMIT" not in "".join(texts)
    assert "FROM runs" in listing
