"""Searching on the page: on the Board, and at the place beyond it."""

from __future__ import annotations

import threading

import pytest

from tb_aml_plugin.model import RunStatus
from tb_aml_plugin.wanted import Wanted
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_source import unavailable
from tests.support.tab import refusal, tab
from tests.support.waiting import wait_until


def many() -> BoardBuilder:
    built = BoardBuilder().experiment("ridge")
    for number in range(10):
        built.run(f"trial {number}", end=EPOCH_S + 60, params={"n": str(number)}).metric("mse", [float(number)])
    return built.experiment("lasso").run("other", status=RunStatus.FAILED)


def test_a_search_names_rows_of_the_table_of_its_version() -> None:
    with tab(many()) as running:
        found, table = running.get("/api/search", q="metrics.mse >= 8"), running.get("/api/runs")
        assert found["version"] == table["version"]
        assert [table["runs"][index]["label"] for index in found["runs"]] == ["trial 8", "trial 9"]


@pytest.mark.parametrize(("text", "position"), [("metrics.mse <", 13), ("a OR", 4), ("name ~ /(/", 8), (")", 0)])
def test_a_mistake_is_pointed_at(text: str, position: int) -> None:
    with tab(many()) as running:
        response = running.ask("/api/search", {"q": text})
        assert refusal(response)[0] == 400
        assert response.json is not None
        assert response.json["error"]["position"] == position


def test_the_place_is_asked_for_what_the_limit_kept_away() -> None:
    with tab(many(), wanted=Wanted(("ridge",), max_runs=3)) as running:
        found = running.get("/api/search/place", q="metrics.mse < 9 trial")
        assert found["filter"] == "metrics.`mse` < 9.0"
        assert [row["label"] for row in found["runs"]] == [f"trial {n}" for n in (6, 5, 4, 3, 2, 1, 0)]
        assert not found["more"]
        row = found["runs"][0]
        assert (row["stub"], row["shown"], row["experiment"], row["name"]) == (True, False, "ridge", "")
        running.post("/api/chosen", {"add_runs": [row["id"]]})
        assert "trial 6" in [row["label"] for row in running.get("/api/runs")["runs"]]


def test_a_run_taken_off_the_board_is_found_at_the_place() -> None:
    with tab(many(), wanted=Wanted(("ridge",), max_runs=100)) as running:
        running.post("/api/chosen", {"remove_runs": [id_of("trial 4")]})
        assert [row["id"] for row in running.get("/api/search/place", q="")["runs"]] == [id_of("trial 4")]


def test_the_filter_of_the_start_holds_at_the_place_too() -> None:
    with tab(many(), wanted=Wanted(("ridge",), filter="metrics.mse > 5", max_runs=1)) as running:
        found = running.get("/api/search/place", q="")
        assert [row["label"] for row in found["runs"]] == ["trial 8", "trial 7", "trial 6"]


def test_experiments_that_are_not_chosen_are_not_searched() -> None:
    with tab(many(), wanted=Wanted(("ridge",))) as running:
        assert running.get("/api/search/place", q="other")["runs"] == []


def test_a_search_of_the_place_can_be_ended() -> None:
    built = many()
    with tab(built) as running, built.source.halting(after=5):
        refused: list[tuple[int, str]] = []
        asker = threading.Thread(target=lambda: refused.append(running.refused("/api/search/place", q="trial")))
        asker.start()
        assert wait_until(lambda: any(task["done"] == 5 for task in running.get("/api/tasks")["tasks"]), 10)
        (task,) = running.get("/api/tasks")["tasks"]
        running.post("/api/tasks/cancel", {"id": task["id"]})
        asker.join(10)
        assert refused == [(409, "Searching the place: ended.")]
        assert running.get("/api/tasks")["tasks"] == []


def test_a_place_that_does_not_answer_is_told_with_the_cure() -> None:
    built = many()
    with tab(built) as running:
        built.source.fail(unavailable())
        code, message = running.refused("/api/search/place", q="x")
        assert (code, message) == (503, "memory does not answer. Trying again.")
        assert running.get("/api/search", q="other")["runs"] == [10]
