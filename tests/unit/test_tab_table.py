"""The run table as the page gets it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tb_aml_plugin.model import ExperimentId, RunStatus
from tb_aml_plugin.wanted import Wanted
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.tab import Tab, tab


def sweep() -> BoardBuilder:
    built = BoardBuilder().experiment("ridge").run("sweep", params={"cv": "5"}).metric("best/mse", [3.0, 2.0])
    for number, alpha in enumerate(("0.1", "0.2")):
        built.run(f"trial {number}", end=EPOCH_S + 60, parent="sweep", params={"alpha": alpha, "cv": "5"})
        built.metric("mse", [4.0, 3.0 - number], steps=[0, 1]).metric("system/cpu", [0.5])
    return built


def row(running: Tab, label: str, **query: list[str]) -> dict[str, Any]:
    table = running.get("/api/runs", **query)
    (found,) = [row for row in table["runs"] if row["label"] == label]
    return {**found, "cells": dict(zip(table["cells"], found["cells"], strict=True))}


def test_runs_come_in_the_order_in_which_they_started_with_what_tells_most() -> None:
    with tab(sweep()) as running:
        table = running.get("/api/runs")
        assert [row["name"] for row in table["runs"]] == ["ridge/sweep", "ridge/sweep/trial 0", "ridge/sweep/trial 1"]
        assert table["cells"] == ["params.alpha", "metrics.mse", "metrics.best/mse"]
        assert row(running, "trial 1")["cells"] == {
            "params.alpha": "0.2",
            "metrics.mse": 2.0,
            "metrics.best/mse": None,
        }


def test_a_row_says_what_a_run_is() -> None:
    with tab(sweep()) as running:
        assert {key: value for key, value in row(running, "trial 0").items() if key != "cells"} == {
            "id": id_of("trial 0"),
            "name": "ridge/sweep/trial 0",
            "label": "trial 0",
            "experiment": "ridge",
            "parent": id_of("sweep"),
            "stub": False,
            "status": "finished",
            "start_s": EPOCH_S + 2,
            "end_s": EPOCH_S + 60,
            "user": "",
            "shown": True,
        }


def test_columns_say_who_has_them_and_what_they_are() -> None:
    with tab(sweep()) as running:
        columns = {column["key"]: column for column in running.get("/api/runs")["columns"]}
        assert columns["params.alpha"] == {
            "key": "params.alpha",
            "kind": "param",
            "name": "alpha",
            "runs": 2,
            "varies": True,
            "numeric": True,
            "better": "unknown",
            "curves": 0,
            "primary": False,
        }
        assert (columns["params.cv"]["runs"], columns["params.cv"]["varies"]) == (3, False)
        assert (columns["metrics.mse"]["better"], columns["metrics.mse"]["curves"]) == ("lower", 2)
        assert columns["metrics.system/cpu"]["curves"] == 0


@pytest.mark.parametrize(
    ("said", "better", "primary"),
    [
        ('{"name": "loss", "goal": "maximize"}', "higher", True),
        ('{"name": "loss", "goal": "MINIMIZE"}', "lower", True),
        ('{"name": "loss", "goal": 1}', "lower", False),
        ('{"name": ["loss"]}', "lower", False),
        ("[" * 100_000, "lower", False),
    ],
)
def test_a_sweep_says_which_metric_it_is_after(said: str, better: str, primary: bool) -> None:
    built = BoardBuilder().experiment("e").run("sweep").run("a", parent="sweep").metric("loss", [2.0])
    built.run("b", parent="sweep").metric("loss", [1.0])
    built.source.change(id_of("sweep"), tags={"_aml_system_primary_metric_config": said})
    with tab(built) as running:
        (column,) = running.get("/api/runs")["columns"]
        assert (column["key"], column["better"], column["primary"]) == ("metrics.loss", better, primary)
        (compared,) = running.get("/api/compare", run=[id_of("a"), id_of("b")])["metrics"]
        assert compared["verdicts"] == ["neither", "worse" if better == "higher" else "better"]
        assert running.get("/api/run", id=id_of("a"))["metrics"][0]["better"] == better


def test_private_tags_are_no_columns_and_those_of_people_are() -> None:
    built = BoardBuilder().experiment("ridge").run("a")
    built.source.change(id_of("a"), tags={"mlflow.user": "ada", "azureml.x": "1", "team": "vision"})
    with tab(built) as running:
        assert [column["key"] for column in running.get("/api/runs")["columns"]] == ["tags.team"]
        assert row(running, "a")["user"] == "ada"


def test_the_cells_asked_for_come_each_once_and_unknown_ones_not() -> None:
    with tab(sweep()) as running:
        table = running.get("/api/runs", cell=["params.cv", "params.cv", "params.nothing", "metrics.mse"])
        assert table["cells"] == ["params.cv", "metrics.mse"]
        assert running.get("/api/runs", cell=[""])["cells"] == []


def test_numbers_that_json_has_not_come_as_text() -> None:
    built = BoardBuilder().experiment("ridge")
    for name, value in (("nan", math.nan), ("up", math.inf), ("down", -math.inf)):
        built.run(name).metric("loss", [value])
    with tab(built) as running:
        assert [row["cells"] for row in running.get("/api/runs")["runs"]] == [["NaN"], ["Infinity"], ["-Infinity"]]


def test_a_long_text_is_cut() -> None:
    with tab(BoardBuilder().experiment("e").run("a", params={"p": "x" * 100_000})) as running:
        (cell,) = row(running, "a", cell=["params.p"])["cells"].values()
        assert len(cell) == 301


def test_every_status_has_a_word() -> None:
    built = BoardBuilder().experiment("e")
    for status in RunStatus:
        built.run(status.value, status=status)
    with tab(built) as running:
        assert [row["status"] for row in running.get("/api/runs")["runs"]] == [
            "scheduled",
            "running",
            "finished",
            "failed",
            "killed",
            "unknown",
        ]


def test_parents_that_are_not_on_the_board_stand_behind_as_stubs() -> None:
    built = BoardBuilder().experiment("other").run("root", params={"a": "1"})
    built.experiment("ridge").run("leaf", parent="root", params={"a": "1"})
    with tab(built, wanted=Wanted(("ridge",))) as running:
        leaf, root = running.get("/api/runs", cell=["params.a"])["runs"]
        assert (leaf["parent"], leaf["stub"]) == (id_of("root"), False)
        assert (root["id"], root["stub"], root["shown"], root["cells"], root["name"]) == (
            id_of("root"),
            True,
            False,
            [],
            "",
        )
        assert root["experiment"] == "other"
        assert running.get("/api/search", q="leaf")["runs"] == [0]


def test_a_run_that_is_its_own_parent_has_none() -> None:
    built = BoardBuilder().experiment("e").run("a", parent="a")
    with tab(built) as running:
        assert row(running, "a")["parent"] is None


def test_an_unchanged_table_is_a_304_without_a_body_and_without_work() -> None:
    with tab(sweep()) as running:
        first = running.ask("/api/runs")
        again = running.ask("/api/runs", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        running.desk.visibility.hide([id_of("trial 0")])
        changed = running.ask("/api/runs", headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200
        assert not row(running, "trial 0")["shown"]


def test_other_cells_are_another_answer() -> None:
    with tab(sweep()) as running:
        first = running.ask("/api/runs")
        other = running.ask("/api/runs", {"cell": ["params.cv"]}, headers={"If-None-Match": first.headers["ETag"]})
        assert other.status_code == 200


def test_the_table_says_that_the_limit_keeps_runs_away() -> None:
    with tab(sweep(), wanted=Wanted(("*",), max_runs=2)) as running:
        table = running.get("/api/runs")
        assert [row["stub"] for row in table["runs"]] == [False, False, True]
        assert (table["limit"], table["more"]) == (2, True)


def test_a_new_run_is_there_after_a_poll_in_columns_too() -> None:
    built = sweep()
    with tab(built) as running:
        before = running.get("/api/runs")
        built.run("late", params={"solver": "svd"})
        running.poll()
        after = running.get("/api/runs")
        assert after["version"] != before["version"]
        assert "params.solver" in [column["key"] for column in after["columns"]]


def test_a_run_of_an_experiment_that_vanished_is_still_shown() -> None:
    built = BoardBuilder().experiment("e").run("a")
    built.source.change(id_of("a"), experiment_id=ExperimentId("gone"))
    with tab(built, wanted=Wanted((), run_ids=(id_of("a"),))) as running:
        assert row(running, "a")["experiment"] == "gone"
