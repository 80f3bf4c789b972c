"""`tb_aml_plugin.open`: tables, compared with what was logged."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from mlflow.tracking import MlflowClient

import tb_aml_plugin
from tb_aml_plugin import cli, lazy_tables, reading
from tb_aml_plugin.errors import FilterError, SettingsError, SourceUnavailable, UnknownExperiment
from tb_aml_plugin.lazy_tables import RowTable
from tb_aml_plugin.reading import History
from tests.support.history import MAIN, T0_MS, write_history
from tests.support.ports import free_port


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The tracking URI of `tests.support.history`, and run ids by name."""
    folder = tmp_path_factory.mktemp("odd")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    return uri, write_history(uri, folder / "artifacts")


@pytest.fixture
def history(written: tuple[str, dict[str, str]]) -> Iterator[History]:
    with tb_aml_plugin.open(written[0], experiment="main") as history:
        yield history


def test_the_examples_in_the_documentation_run(sweep_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sweep_folder)
    with pd.option_context("display.width", 200):
        result = doctest.testmod(reading, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted >= 8
    assert result.failed == 0


def test_every_point_is_a_row(history: History, written: tuple[str, dict[str, str]]) -> None:
    frame = history.scalars(step="logged").to_pandas()
    assert list(frame.columns) == ["experiment", "run", "run_id", "metric", "step", "wall_time", "value"]
    assert (frame["step"].dtype, frame["wall_time"].dtype, frame["value"].dtype) == (np.int64, np.float64, np.float64)
    for run in MAIN:
        for metric in run.metrics:
            mine = frame[(frame["run_id"] == written[1][run.name]) & (frame["metric"] == metric)]
            latest = run.latest(metric)
            last = mine.iloc[-1]
            assert (last["step"], last["wall_time"]) == (latest[0], latest[1] / 1000)
            np.testing.assert_equal(last["value"], latest[2] + 0.0)  # SQLite makes 0.0 of -0.0
            assert mine["step"].is_monotonic_increasing and mine["step"].is_unique


def test_arrow_and_pandas_agree(history: History) -> None:
    for table in (history.scalars(), history.runs(), history.params(), history.tags()):
        arrow, frame = table.to_arrow(), table.to_pandas()
        assert arrow.column_names == list(frame.columns)
        pd.testing.assert_frame_equal(
            arrow.to_pandas(), frame, check_dtype=False, check_categorical=False, check_index_type=False
        )
    assert pa.types.is_dictionary(history.scalars().to_arrow().schema.field("metric").type)


def test_metrics_and_runs_can_be_chosen(history: History, written: tuple[str, dict[str, str]]) -> None:
    assert set(history.scalars("loss").to_pandas()["run"]) == {"main/sweep/child", "main/odd values", "main/long"}
    assert set(history.scalars(["b*", "loss"], "main/sweep*").to_pandas()["metric"]) == {"best", "loss"}
    by_id = history.scalars(runs=written[1]["long"]).to_pandas()
    assert set(by_id["run"]) == {"main/long"}
    assert len(by_id) == 3000
    assert len(history.scalars("no such*").to_pandas()) == 0
    assert len(history.scalars("no such*").to_arrow()) == 0


def test_what_was_chosen_stays_chosen_each_time_it_is_read(history: History) -> None:
    table = history.scalars(metric for metric in ("loss",))
    assert len(table.to_pandas()) == len(table.to_pandas()) > 0


def test_runs_say_what_the_store_says(history: History, written: tuple[str, dict[str, str]]) -> None:
    frame = history.runs().to_pandas().set_index("display_name")
    assert list(frame.index) == [run.name for run in sorted(MAIN, key=lambda run: run.start_ms)]
    assert frame.loc["child", "parent_id"] == written[1]["sweep"]
    assert frame.loc["child", "status"] == "FAILED"
    assert frame.loc["child", "start_time"] == pd.Timestamp(T0_MS + 2, unit="ms", tz="UTC")
    assert pd.isna(frame.loc["long", "end_time"])
    params = history.params().to_pandas()
    assert set(params[params["param"] == "lr"]["value"]) == {"0.1", "0.2"}
    tags = history.tags().to_pandas()
    assert tags[tags["tag"] == "note"]["value"].tolist() == ["two\nlines"]


def test_nothing_is_read_before_it_is_wanted(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    histories = history._found.source.histories
    monkeypatch.setattr(
        history._found.source, "histories", lambda metric, ids: read.append(metric) or histories(metric, ids)
    )
    table = history.scalars("loss")
    assert read == []
    assert history.metrics()[0] == "a/b c.d-e"
    table.to_pandas()
    assert read == ["loss"]


def test_a_refresh_sees_what_has_come(tmp_path: Path, sweep_folder: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes((sweep_folder / "mlflow.db").read_bytes())
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    with tb_aml_plugin.open(uri, experiment="ridge-sweep") as history:
        assert repr(history) == f"<History of 4 runs at {uri}>"
        client.create_run(client.get_experiment_by_name("ridge-sweep").experiment_id, run_name="late")
        assert len(history) == 4
        history.refresh()
        assert len(history) == 5


def test_runs_by_id_come_with_those_below_them(written: tuple[str, dict[str, str]]) -> None:
    with tb_aml_plugin.open(written[0], run=written[1]["sweep"]) as history:
        assert history.runs().to_pandas()["display_name"].tolist() == ["sweep", "child"]


def test_what_cannot_work_is_said(
    written: tuple[str, dict[str, str]], history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownExperiment, match="Closest: 'main'"):
        tb_aml_plugin.open(written[0], experiment="mian")
    with pytest.raises(FilterError):
        tb_aml_plugin.open(written[0], filter="lr = = 1")
    with pytest.raises(ValueError, match="sometimes"):
        history.scalars(step="sometimes")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SettingsError, match=r'pip install "tb-aml-plugin\[export\]"'):
        history.scalars().to_arrow()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SettingsError, match="pip install pandas"):
        history.runs().to_pandas()


def test_nobody_is_promised_another_try_where_there_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(SourceUnavailable, match=r"connection refused\. Is the server running\?$"):
        tb_aml_plugin.open(place)
    assert cli.main(["export", "--logdir", str(tmp_path), "--tracking-uri", place]) == 1
    assert capsys.readouterr().err.endswith("Is the server running?\n")


def test_an_open_history_of_nothing_is_empty(written: tuple[str, dict[str, str]]) -> None:
    with tb_aml_plugin.open(written[0], experiment="main", filter="params.lr = 'none'") as history:
        assert len(history) == 0
        assert len(history.runs().to_pandas()) == 0
        assert len(history.scalars().to_pandas()) == 0


def test_an_empty_table_joins_with_a_full_one(written: tuple[str, dict[str, str]], history: History) -> None:
    with tb_aml_plugin.open(written[0], experiment="main", filter="params.lr = 'none'") as nothing:
        for name in ("runs", "params", "tags"):
            empty, full = getattr(nothing, name)().to_pandas(), getattr(history, name)().to_pandas()
            assert empty.dtypes.astype(str).to_dict() == full.dtypes.astype(str).to_dict(), name
            assert len(full.merge(empty, on="run_id")) == 0


def test_a_time_that_no_calendar_has_is_none() -> None:
    starts = [1.7e15, 10e9, -2e9, None]
    columns = dict.fromkeys(lazy_tables._COLUMNS["runs"], "x")
    table = RowTable("runs", lambda: [columns | {"start_time": start, "end_time": 0.001} for start in starts])
    frame, arrow = table.to_pandas(), table.to_arrow()
    assert [start and start.year for start in arrow["start_time"].to_pylist()] == [None, 2286, 1906, None]
    assert [None if pd.isna(start) else start.year for start in frame["start_time"]] == [None, 2286, 1906, None]
    assert str(frame["start_time"].dtype) == str(frame["end_time"].dtype) == "datetime64[ms, UTC]"
    assert frame["end_time"].tolist() == [pd.Timestamp("1970-01-01T00:00:00.001Z")] * 4


def test_the_tables_of_rows_have_their_columns() -> None:
    assert set(lazy_tables._COLUMNS) == {"runs", "params", "tags"}


def test_a_misspelt_metric_or_run_is_told_with_the_closest(history: History) -> None:
    with pytest.raises(SettingsError, match=r"There is no metric 'los'. Closest: 'loss'"):
        history.scalars("los")
    with pytest.raises(SettingsError, match=r"There is no run 'main/sweep/chidl'. Closest: 'main/sweep/child'"):
        history.scalars("loss", runs="main/sweep/chidl")
    assert history.scalars("los*x").to_pandas().empty


def test_a_table_says_what_it_holds(history: History) -> None:
    assert repr(history.runs()).startswith(f"<{len(MAIN)} runs: experiment, run, run_id, ")
    assert repr(history.scalars(["loss"])).startswith("<points of loss: experiment, run, run_id, metric, step, ")
