"""A file that another has taken the place of: someone deleted ``mlflow.db`` and began anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tb_aml_plugin.errors import NotATrackingStore
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.schema import METADATA
from tb_aml_plugin.sources.sql import SqlSource
from tb_aml_plugin.target import SqlTarget
from tests.support.empty_store import empty_store


def write(path: Path, experiment: str) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    with sqlite3.connect(path) as writer:
        writer.execute("INSERT INTO experiments VALUES (1, ?, 'active')", (experiment,))
    writer.close()


@pytest.fixture
def source(tmp_path: Path) -> Iterator[SqlSource]:
    write(tmp_path / "mlflow.db", "before")
    source = SqlSource(SqlTarget(f"sqlite:///{tmp_path / 'mlflow.db'}"))
    yield source
    source.close()


def names(source: SqlSource) -> list[str]:
    return [experiment.name for experiment in source.experiments()]


def test_what_stands_there_now_is_read(source: SqlSource, tmp_path: Path) -> None:
    before = source.change_marker()
    assert names(source) == ["before"]
    (tmp_path / "mlflow.db").unlink()
    write(tmp_path / "mlflow.db", "after")
    assert source.change_marker() != before
    assert names(source) == ["after"]


def test_a_tilde_is_ones_home_or_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("~/mlflow.db", "~nobody.db"):
        write(tmp_path / name.removeprefix("~/"), name)
        source = SqlSource(SqlTarget(f"sqlite:///{name}"))
        assert names(source) == [name]
        source.close()


def test_what_is_written_goes_to_the_file_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = empty_store(tmp_path / "mlflow.db")
    run_id = RunId(client.create_run("0").info.run_id)
    monkeypatch.setenv("HOME", str(tmp_path))
    source = SqlSource(SqlTarget("sqlite:///~/mlflow.db"))
    source.writer().set_tag(run_id, "team", "vision")
    assert source.find_runs([run_id])[0].tags["team"] == "vision"
    source.close()


def test_while_nothing_stands_there_it_says_so(source: SqlSource, tmp_path: Path) -> None:
    assert names(source) == ["before"]
    source.change_marker()
    (tmp_path / "mlflow.db").unlink()
    for ask in (source.experiments, source.change_marker):
        with pytest.raises(NotATrackingStore, match="There is no file"):
            ask()
    write(tmp_path / "mlflow.db", "after")
    source.change_marker()
    assert names(source) == ["after"]
