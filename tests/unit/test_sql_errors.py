"""What drivers, SQLAlchemy and the file system raise, in our own words."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from mlflow.entities import Param

from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceError, SourceUnavailable
from tb_aml_plugin.model import ExperimentId, RunId
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.sql import SqlSource
from tb_aml_plugin.sources.sql_errors import translated
from tb_aml_plugin.target import SqlTarget
from tests.support.empty_store import empty_store

PLACE = "postgresql://ada:***@host/db"


def _driver_says(text: str) -> sa.exc.DBAPIError:
    return sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError(text))


@pytest.mark.parametrize(
    ("raised", "error", "said"),
    [
        (_driver_says("database is locked"), SourceUnavailable, "Another process holds it"),
        (_driver_says("unable to open database file"), AccessDenied, "may read the file and its folder"),
        (_driver_says("file is not a database"), NotATrackingStore, "not an SQLite file"),
        (_driver_says("database disk image is malformed"), NotATrackingStore, "The file is damaged"),
        (_driver_says("no such table: runs"), NotATrackingStore, "no MLflow tracking store"),
        (_driver_says('FATAL: password authentication failed for user "ada"'), AccessDenied, "Check the user"),
        (_driver_says("permission denied for table runs"), AccessDenied, "rights of that user"),
        (_driver_says("Access denied for user 'ada'@'host'"), AccessDenied, "Check the user"),
        (_driver_says("Login failed for user 'ada'."), AccessDenied, "Check the user"),
        (_driver_says('relation "runs" does not exist'), NotATrackingStore, "no MLflow tracking store"),
        (_driver_says("Unknown column 'runs.name' in 'field list'"), NotATrackingStore, "no MLflow tracking store"),
        (_driver_says("Invalid object name 'runs'."), NotATrackingStore, "no MLflow tracking store"),
        (_driver_says("server closed the connection unexpectedly\n\tThis probably means"), SourceUnavailable, "closed"),
        (_driver_says("canceling statement due to statement timeout"), SourceUnavailable, "statement timeout"),
        (_driver_says(""), SourceUnavailable, "no reason given"),
        (_driver_says("postgresql://ada:hunter2@host refused"), SourceUnavailable, "ada:***@host"),
        (sa.exc.TimeoutError("QueuePool limit"), SourceUnavailable, "did not answer in time"),
        (sa.exc.ArgumentError("Could not parse"), NotATrackingStore, "cannot be opened: Could not parse"),
        (sa.exc.NoSuchModuleError("no plugin postgresql.nodriver"), NotATrackingStore, "cannot be opened"),
        (sa.exc.InvalidRequestError("Can't reconnect until"), SourceUnavailable, "Can't reconnect until"),
        (FileNotFoundError("x"), NotATrackingStore, "There is no file"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), AccessDenied, "Is a directory"),
        (ModuleNotFoundError("psycopg", name="psycopg"), NotATrackingStore, "tb-aml-plugin[postgresql]"),
    ],
)
def test_each_has_its_error_and_its_cure(raised: Exception, error: type[SourceError], said: str) -> None:
    with pytest.raises(error) as caught, translated(PLACE):
        raise raised
    assert said in str(caught.value)
    assert PLACE in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "cure"),
    [
        ("postgresql+psycopg://host/db", "tb-aml-plugin[postgresql]"),
        ("mysql://host/db", "pip install pymysql"),
        ("mariadb+pymysql://host/db", "pip install pymysql"),
        ("mssql://host/db", "pip install pyodbc"),
        ("sqlite+other://x", "name another one"),
    ],
)
def test_a_missing_driver_is_named_with_what_to_install(location: str, cure: str) -> None:
    with pytest.raises(NotATrackingStore, match="'driver' is not installed") as caught, translated(location):
        raise ModuleNotFoundError("no", name="driver")
    assert cure in str(caught.value)


def test_what_a_driver_raises_while_rows_are_fetched_is_translated_too(tmp_path: Path) -> None:
    """As SQLite does where it comes to a damaged page."""
    path = tmp_path / "mlflow.db"
    empty_store(path)
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    with pytest.raises(NotATrackingStore, match="The file is damaged"), translated(str(path), source.engine):
        raise sqlite3.DatabaseError("database disk image is malformed")
    source.close()


def test_a_damaged_file_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    client = empty_store(path)
    run_id = client.create_run("0").info.run_id
    for number in range(20):
        client.log_batch(run_id, params=[Param(f"{number}.{n}", "x" * 500) for n in range(50)])
    with contextlib.closing(sqlite3.connect(path)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    for start in range(0, len(content), size):
        if content[start + size - 100 : start + size].count(b"x") > 50:
            content[start : start + size] = b"\xff" * size
    path.write_bytes(content)
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    with pytest.raises(NotATrackingStore, match=r"malformed\. The file is damaged"):
        source.runs(Selection(experiment_ids=(ExperimentId("0"),)), {})
    source.close()


def test_other_errors_are_let_through() -> None:
    with pytest.raises(ZeroDivisionError), translated(PLACE):
        raise ZeroDivisionError


def test_a_schema_that_lacks_something_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as writer:
        writer.execute("CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT)")
        writer.execute("CREATE TABLE alembic_version (version_num TEXT)")
        writer.execute("INSERT INTO alembic_version VALUES ('5c1b3a2d')")
    writer.close()
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    assert source.experiments() == []
    with pytest.raises(NotATrackingStore, match=r"\(revision 5c1b3a2d\) lacks what is needed"):
        list(source.histories("loss", [RunId("r")]))
    source.close()


def test_a_file_is_opened_for_reading_only(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    sqlite3.connect(path).close()
    path.write_bytes(b"")
    source = SqlSource(SqlTarget(f"sqlite:///{path}"))
    with source.engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("CREATE TABLE t (x)")
    source.close()
    assert path.read_bytes() == b""
