"""A run's own page, comparisons, curves and choices, as the page gets them."""

from __future__ import annotations

import csv
import io
import json
import math
import threading
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.model import RunStatus, SignIn
from tb_aml_plugin.tab import curves, exports, health
from tb_aml_plugin.tab.export_formats import Format
from tb_aml_plugin.wanted import Wanted
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_source import unavailable
from tests.support.tab import refusal, tab
from tests.support.waiting import wait_until

HOSTILE = "<img src=x onerror=alert(1)>\u202e'\"&\x1b[31m"


def sweep() -> BoardBuilder:
    built = BoardBuilder().experiment("ridge").run("sweep")
    for number, (lr, solver) in enumerate((("0.0001", "svd"), ("0.1", "auto"), ("10", "svd"))):
        built.run(f"trial {number}", parent="sweep", end=EPOCH_S + 60, params={"lr": lr, "solver": solver, "cv": "5"})
        built.metric("val/loss", [3.0, 2.0 - number]).metric("acc", [0.5 + number / 10])
    return built


# A run's page.


def test_the_page_of_a_run_says_who_when_where_and_from_what() -> None:
    built = sweep()
    tags = {
        "mlflow.user": "ada",
        "mlflow.source.name": "train.py",
        "mlflow.source.git.commit": "3f2c1d",
        "mlflow.source.git.repoURL": "git@github.com:ada/ridge.git",
        "azureml.compute": "gpu-cluster",
        "mlflow.note.content": "# why",
        "team": "vision",
    }
    built.source.change(id_of("trial 1"), tags=tags, artifact_uri="wasbs://c@a.blob/x?sig=secret")
    with tab(built) as running:
        page = running.get("/api/run", id=id_of("trial 1"))
    facts = {fact["label"]: (fact["value"], fact["href"]) for fact in page["facts"]}
    assert facts["Experiment"] == ("ridge", None)
    assert facts["User"] == ("ada", None)
    assert facts["Source"] == ("train.py", None)
    assert facts["Compute"] == ("gpu-cluster", None)
    assert facts["Git commit"] == ("3f2c1d", "https://github.com/ada/ridge/commit/3f2c1d")
    assert page["tags"] == [{"key": "team", "value": "vision"}]
    assert page["note"] == "# why"
    assert (page["uri"], page["experiment"], page["shown"]) == (f"runs:/{id_of('trial 1')}", "ridge", True)
    assert "secret" not in json.dumps(page)
    assert page["ancestors"] == [{"key": id_of("sweep"), "value": "sweep"}]
    compile(page["python"], "snippet", "exec")


def test_a_parent_names_its_children_and_a_stub_has_a_page_too() -> None:
    built = BoardBuilder().experiment("other").run("root")
    built.experiment("ridge").run("leaf", parent="root", status=RunStatus.FAILED)
    with tab(built, wanted=Wanted(("ridge",))) as running:
        page = running.get("/api/run", id=id_of("root"))
        assert page["children"] == [{"id": id_of("leaf"), "label": "leaf", "status": "failed"}]
        assert (page["child_count"], page["shown"], page["name"], page["experiment"]) == (1, False, "", "other")


def test_a_run_that_is_above_itself_does_not_hang_the_page() -> None:
    built = BoardBuilder().experiment("e").run("a", parent="b").run("b", parent="a")
    with tab(built) as running:
        assert [above["value"] for above in running.get("/api/run", id=id_of("a"))["ancestors"]] == ["b"]


@pytest.mark.parametrize(
    ("repository", "commit", "href"),
    [
        ("https://github.com/ada/ridge.git", "3f2c", "https://github.com/ada/ridge/commit/3f2c"),
        ("ssh://git@dev.azure.com/ada/ridge", "3f2c", "https://dev.azure.com/ada/ridge/commit/3f2c"),
        ("https://user:secret@github.com/ada/ridge", "3f2c", None),
        ("javascript:alert(1)//", "3f2c", None),
        ("/home/ada/ridge", "3f2c", None),
        ("https://github.com/ada/ridge", "3f2c/../..", None),
    ],
)
def test_a_commit_is_linked_only_where_it_can_be_read(repository: str, commit: str, href: str | None) -> None:
    built = BoardBuilder().experiment("e").run("a")
    tags = {"mlflow.source.git.commit": commit, "mlflow.source.git.repoURL": repository}
    built.source.change(id_of("a"), tags=tags)
    with tab(built) as running:
        (fact,) = [f for f in running.get("/api/run", id=id_of("a"))["facts"] if f["label"] == "Git commit"]
        assert fact["href"] == href


@pytest.mark.parametrize(("address", "linked"), [("https://host/run", True), ("javascript:alert(1)", False)])
def test_the_places_own_page_is_linked_if_it_is_one(address: str, linked: bool) -> None:
    built = BoardBuilder().experiment("e").run("a")
    built.source.page_of = lambda run: ("Studio", address)  # type: ignore[attr-defined]
    with tab(built) as running:
        links = running.get("/api/run", id=id_of("a"))["links"]
        assert links == ([{"label": "Studio", "href": address}] if linked else [])


def test_hostile_names_and_huge_texts_come_as_they_are_and_bounded() -> None:
    built = BoardBuilder().experiment(HOSTILE).run(HOSTILE, params={HOSTILE: HOSTILE, "long": "x" * 1_000_000})
    built.metric(HOSTILE, [1.0])
    with tab(built) as running:
        page = running.get("/api/run", id=id_of(HOSTILE))
        assert page["label"] == HOSTILE
        assert {"key": HOSTILE, "value": HOSTILE} in page["params"]
        assert len(json.dumps(page)) < 50_000
        table = running.ask("/api/runs")
        assert len(table.data) < 10_000
        assert table.mimetype == "application/json"


def test_a_deleted_run_is_told_so() -> None:
    built = sweep()
    with tab(built) as running:
        built.source.delete(id_of("trial 1"))
        running.poll()
        code, message = running.refused("/api/run", id=id_of("trial 1"))
        assert code == 404
        assert "deleted" in message


# Side by side.


def test_a_comparison_measures_against_the_first() -> None:
    with tab(sweep()) as running:
        found = running.get("/api/compare", run=[id_of("trial 1"), id_of("trial 0"), "gone", id_of("trial 2")])
    assert (found["baseline"], found["missing"]) == (id_of("trial 1"), ["gone"])
    assert [run["label"] for run in found["runs"]] == ["trial 1", "trial 0", "trial 2"]
    params = {row["key"]: (row["differs"], row["values"]) for row in found["params"]}
    assert params == {
        "cv": (False, ["5", "5", "5"]),
        "lr": (True, ["0.1", "0.0001", "10"]),
        "solver": (True, ["auto", "svd", "svd"]),
    }
    metrics = {row["key"]: row for row in found["metrics"]}
    assert metrics["val/loss"]["values"] == [1.0, 2.0, 0.0]
    assert metrics["val/loss"]["deltas"] == [0.0, 1.0, -1.0]
    assert metrics["val/loss"]["verdicts"] == ["neither", "worse", "better"]
    assert metrics["acc"]["verdicts"] == ["neither", "worse", "better"]


def test_a_comparison_of_what_cannot_be_measured() -> None:
    built = BoardBuilder().experiment("e").run("a").metric("x", [math.nan]).run("b").metric("x", [1.0]).run("c")
    with tab(built) as running:
        found = running.get("/api/compare", run=[id_of(name) for name in "abc"])
        (row,) = found["metrics"]
        assert row["values"] == ["NaN", 1.0, None]
        assert row["deltas"] == [None, None, None]
        assert row["differs"]
        assert running.get("/api/compare") == {
            "runs": [],
            "baseline": "",
            "params": [],
            "metrics": [],
            "tags": [],
            "missing": [],
        }


# What is shown, and what is on the Board.


def test_the_best_by_a_metric_are_shown_and_no_others() -> None:
    built = sweep()
    built.run("nan").metric("val/loss", [math.nan])
    with tab(built) as running:
        for better, labels in (("lower", ["trial 1", "trial 2"]), ("higher", ["trial 0", "trial 1"])):
            body = {"top": {"count": 2, "metric": "val/loss", "better": better}}
            assert running.post("/api/shown", body)["shown"] == 2
            rows = running.get("/api/runs")["runs"]
            assert [row["label"] for row in rows if row["shown"]] == labels
        assert running.send("/api/shown", {"top": {"count": 2, "metric": "gone"}}).status_code == 404
        assert running.post("/api/shown", {"all": True})["shown"] == 5


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("shown", {"top": {"count": 0, "metric": "acc"}}),
        ("shown", {"top": {"count": True, "metric": "acc"}}),
        ("shown", {"top": {"count": 1, "metric": 5}}),
        ("shown", {"show": "all"}),
        ("shown", {"show": [1]}),
        ("shown", {"show": [], "hide": []}),
        ("shown", {"nothing": []}),
        ("chosen", {"limit": 0}),
        ("chosen", {"limit": "5"}),
        ("chosen", {"limit": 1e9}),
        ("chosen", {"add_runs": {}}),
        ("chosen", {"only": []}),
        ("paused", {"paused": 1}),
        ("paused", {}),
    ],
)
def test_a_choice_that_is_none_is_refused(path: str, body: object) -> None:
    with tab(sweep()) as running:
        before = running.get("/api/health")
        assert running.send(f"/api/{path}", body).status_code == 400
        assert running.get("/api/health") == before


def test_experiments_say_which_are_chosen_and_how_many_runs_they_have() -> None:
    built = sweep().experiment("lasso").run("x")
    with tab(built, wanted=Wanted(("ridge",))) as running:
        chosen = running.get("/api/experiments")
        assert [(e["name"], e["chosen"], e["runs"]) for e in chosen["experiments"]] == [
            ("lasso", False, 0),
            ("ridge", True, 4),
        ]
        assert not chosen["changed"]
        chosen = running.post("/api/chosen", {"only_experiments": ["id of lasso"]})
        assert [(e["name"], e["chosen"], e["runs"]) for e in chosen["experiments"]] == [
            ("lasso", True, 1),
            ("ridge", False, 0),
        ]
        assert (chosen["changed"], chosen["pending"]) == (True, False)
        assert not running.post("/api/chosen", {"reset": True})["changed"]


def test_going_back_by_hand_is_no_change() -> None:
    with tab(sweep(), wanted=Wanted(("ridge",))) as running:
        running.post("/api/chosen", {"remove_experiments": ["id of ridge"]})
        assert not running.post("/api/chosen", {"add_experiments": ["id of ridge"]})["changed"]


def test_a_run_that_does_not_exist_cannot_be_added() -> None:
    with tab(sweep()) as running:
        response = running.send("/api/chosen", {"add_runs": ["nothing"]})
        assert response.status_code == 404
        assert not running.get("/api/experiments")["changed"]


def test_a_choice_that_the_place_does_not_answer_is_pending() -> None:
    built = sweep()
    with tab(built, wanted=Wanted(("ridge",))) as running:
        built.source.fail(unavailable())
        assert running.post("/api/chosen", {"limit": 2})["pending"]
        built.source.fail(None)
        running.poll()
        assert not running.get("/api/experiments")["pending"]
        assert len([row for row in running.get("/api/runs")["runs"] if not row["stub"]]) == 2


def test_polling_is_paused_and_goes_on() -> None:
    built = sweep()
    with tab(built) as running:
        assert running.post("/api/paused", {"paused": True})["paused"]
        built.run("late")
        assert len(running.get("/api/runs")["runs"]) == 4
        running.poll()
        assert len(running.get("/api/runs")["runs"]) == 5
        assert not running.post("/api/paused", {"paused": False})["paused"]


def test_health_says_whom_we_are_and_how_long_to_wait() -> None:
    built = sweep()
    built.source.identity = "ada@example.com"  # type: ignore[attr-defined]
    built.source.throttled_until_s = 1.8e9  # type: ignore[attr-defined]
    with tab(built, budget_bytes=2**20) as running:
        health = running.get("/api/health")
        assert (health["identity"], health["throttled_until_s"]) == ("ada@example.com", 1.8e9)
        assert (health["location"], health["sync"], health["runs"], health["shown"]) == ("memory", "live", 4, 4)
        assert health["caches"] == [{"what": "curves", "mb": 0.0, "limit_mb": 1.0}]
        response = running.ask("/api/health")
        assert float(response.headers["X-Polled"]) > 1.7e9
        again = running.ask("/api/health", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
        running.poll()  # which changes nothing but the time of the poll
        assert running.ask("/api/health", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
        built.source.fail(unavailable())
        running.poll()
        (trouble,) = running.get("/api/health")["troubles"]
        assert (trouble["about"], trouble["message"]) == ("runs", "memory does not answer. Trying again.")
        assert trouble["since_s"] > 1.7e9


def test_signing_in_begins_on_request_and_shows_the_code() -> None:
    built = sweep()
    with tab(built) as running:
        assert running.get("/api/health")["sign_in"] is None
        assert running.send("/api/sign_in", {}).status_code == 404
        source: Any = built.source
        source.sign_in = SignIn("Nobody is signed in.")

        def begin() -> None:
            source.sign_in = SignIn("Enter the code.", "https://microsoft.com/devicelogin", "A1B2", EPOCH_S)

        source.begin_sign_in = begin
        assert running.get("/api/health")["sign_in"]["state"] == "needed"
        assert running.post("/api/sign_in", {})["sign_in"] == {
            "state": "waiting",
            "message": "Enter the code.",
            "code": "A1B2",
            "address": "https://microsoft.com/devicelogin",
            "expires_s": EPOCH_S,
        }
        source.sign_in = SignIn("Enter.", "javascript:alert(1)", "A1B2")
        assert running.get("/api/health")["sign_in"]["address"] == ""


def test_a_sign_in_that_cannot_begin_says_why() -> None:
    built = sweep()
    with tab(built) as running:
        source: Any = built.source
        source.sign_in = SignIn("Nobody is signed in.")

        def begin() -> None:
            raise AccessDenied("The sign-in does not answer.")

        source.begin_sign_in = begin
        response = running.send("/api/sign_in", {})
        assert refusal(response) == (403, "The sign-in does not answer.")


# Curves.


def test_curves_that_take_long_are_a_task_that_can_be_ended() -> None:
    built = sweep()
    with tab(built) as running:
        answers: list[Any] = []
        runs = [id_of(f"trial {n}") for n in range(3)]
        with built.source.hung():
            reader = threading.Thread(
                target=lambda: answers.append(running.get("/api/curves", metric="acc", run=runs)), name="reader"
            )
            reader.start()
            assert wait_until(lambda: bool(running.get("/api/tasks")["tasks"]), 10)
            (task,) = running.get("/api/tasks")["tasks"]
            assert (task["what"], task["done"], task["total"]) == ("Reading curves", 0, 3)
            assert running.post("/api/tasks/cancel", {"id": task["id"]})["tasks"] == []
            reader.join(10)
        assert answers[0]["curves"] == []
        assert answers[0]["missing"] == runs
        assert running.send("/api/tasks/cancel", {"id": "task-99"}).status_code == 404


def test_a_listing_that_takes_long_tells_how_far_it_is_and_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SLOW_S", 0.0)
    built = sweep()
    with tab(built, wanted=Wanted(("ridge",), max_runs=2)) as running:
        assert running.get("/api/tasks")["tasks"] == []
        with built.source.halting(after=1):
            running.desk.follower.want(lambda wanted: wanted.with_limit(4))
            assert wait_until(lambda: any(task["done"] == 1 for task in running.get("/api/tasks")["tasks"]), 10)
            (task,) = running.get("/api/tasks")["tasks"]
            assert (task["what"], task["total"]) == ("Reading the runs", None)
            running.post("/api/tasks/cancel", {"id": task["id"]})
        assert wait_until(lambda: not running.get("/api/tasks")["tasks"], 10)
        assert sum(not run["stub"] for run in running.get("/api/runs")["runs"]) == 2
        found = running.get("/api/experiments")
        assert (found["limit"], running.get("/api/health")["paused"]) == (2, False)
        assert running.send("/api/tasks/cancel", {"id": task["id"]}).status_code == 404


def test_a_zoom_gets_every_point_within() -> None:
    values = [math.sin(n / 50) for n in range(5000)]
    built = BoardBuilder().experiment("e").run("a").metric("m", values)
    with tab(built) as running:
        far = running.get("/api/curves", metric="m", run=id_of("a"), points="100")["curves"][0]
        assert len(far["steps"]) <= 100
        assert far["points"] == 5000
        near = running.get("/api/curves", metric="m", run=id_of("a"), points="100", lowest="1000", highest="1050")
        curve = near["curves"][0]
        assert curve["steps"] == list(range(1000, 1051))
        assert curve["values"] == values[1000:1051]
        wall = running.get(
            "/api/curves", metric="m", run=id_of("a"), axis="wall", lowest=str(EPOCH_S + 10), highest=str(EPOCH_S + 12)
        )
        assert wall["curves"][0]["steps"] == [10, 11, 12]
        assert wall["curves"][0]["first_wall_time_s"] == EPOCH_S


def test_a_sparkline_has_at_most_60_points_and_its_peaks() -> None:
    values = [0.0] * 100_000
    values[54_321], values[77] = 9.0, -9.0
    built = BoardBuilder().experiment("e").run("a").metric("m", values).run("b")
    with tab(built) as running:
        found = running.get("/api/sparklines", metric="m", run=[id_of("a"), id_of("b")])["values"]
        assert found.keys() == {id_of("a")}
        assert len(found[id_of("a")]) <= 60
        assert {max(found[id_of("a")]), min(found[id_of("a")])} == {9.0, -9.0}


@given(st.lists(st.floats(), max_size=300), st.integers(1, 100))
def test_reduced_curves_keep_ends_and_extremes(values: list[float], most: int) -> None:
    array = np.array(values, np.float64)
    kept = curves.reduced(array, most)
    assert len(kept) <= max(most, 4)
    assert (np.diff(kept) > 0).all()
    finite = array[np.isfinite(array)]
    if len(values):
        assert {kept[0], kept[-1]} == {0, len(values) - 1}
    if len(finite) and most >= 4:
        held = array[kept]
        assert np.nanmax(held[np.isfinite(held)], initial=-np.inf) == finite.max()
        assert np.nanmin(held[np.isfinite(held)], initial=np.inf) == finite.min()


# Downloads.


def test_the_table_as_csv_is_whole_and_no_formula() -> None:
    built = sweep()
    built.run("=HYPERLINK()", params={"cmd": "=1+1", "neg": "-0.5", "plus": "+x", "long": "x" * 1000})
    with tab(built) as running:
        response = running.ask("/api/export/runs", {"q": "HYPERLINK"})
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        (row,) = csv.DictReader(io.StringIO(response.text))
        assert (row["label"], row["params.cmd"], row["params.plus"]) == ("'=HYPERLINK()", "'=1+1", "'+x")
        assert row["params.neg"] == "-0.5"
        assert len(row["params.long"]) == 1000
        assert row["metrics.acc"] == ""
        everything = list(csv.DictReader(io.StringIO(running.ask("/api/export/runs").text)))
        assert [row["metrics.val/loss"] for row in everything] == ["", "2.0", "1.0", "0.0", ""]


def test_the_table_as_json_has_the_columns_asked_for() -> None:
    with tab(sweep()) as running:
        rows = running.get("/api/export/runs", format="json", cell="params.lr", q="trial")
        assert [row["params.lr"] for row in rows] == ["0.0001", "0.1", "10"]
        assert rows[0]["status"] == "finished"
        assert running.get("/api/export/runs", format="json", q="nothing at all") == []


def test_curves_as_files_hold_every_point() -> None:
    built = BoardBuilder().experiment("e").run("a").metric("m", [float(n) for n in range(2500)])
    built.run("b").metric("m", [math.nan, math.inf])
    with tab(built) as running:
        text = running.ask("/api/export/curves", {"run": [id_of("a"), id_of("b")]}).text
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [float(row["value"]) for row in rows if row["name"] == "e/a"] == list(range(2500))
        assert [row["value"] for row in rows if row["name"] == "e/b"] == ["NaN", "Infinity"]
        assert rows[1] == {
            "run": id_of("a"),
            "name": "e/a",
            "metric": "m",
            "step": "1",
            "wall_time_s": str(EPOCH_S + 1),
            "value": "1.0",
        }
        assert running.refused("/api/export/curves", run="gone")[0] == 404


def test_runs_and_curves_as_parquet_keep_their_doubles() -> None:
    built = sweep()
    built.run("odd", params={"took_s": "\ud800"}).metric("acc", [math.nan, math.inf, 0.1 + 0.2])
    with tab(built) as running:
        assert running.get("/api/export")["formats"] == ["csv", "json", "parquet"]
        response = running.ask("/api/export/runs", {"format": "parquet", "q": "odd"})
        assert response.headers["Content-Disposition"].startswith('attachment; filename="runs.parquet"')
        (row,) = pq.read_table(io.BytesIO(response.data)).to_pylist()
        assert (row["label"], row["metrics.acc"], row["params.took_s"]) == ("odd", 0.1 + 0.2, "?")
        assert row["metrics.val/loss"] is None
        points = pq.read_table(
            io.BytesIO(running.ask("/api/export/curves", {"format": "parquet", "q": "odd OR trial"}).data)
        )
        assert [str(field.type) for field in points.schema] == ["string"] * 3 + ["int64", "double", "double"]
        mine = [row["value"] for row in points.to_pylist() if row["run"] == id_of("odd")]
        assert (math.isnan(mine[0]), mine[1:]) == (True, [math.inf, 0.1 + 0.2])
        assert {row["metric"] for row in points.to_pylist()} == {"acc", "val/loss"}
        empty = running.ask("/api/export/runs", {"format": "parquet", "q": "nothing at all"})
        assert pq.read_table(io.BytesIO(empty.data)).num_rows == 0


def test_a_format_that_cannot_be_written_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Format, "is_here", False)
    with tab(sweep()) as running:
        code, message = running.refused("/api/export/runs", format="parquet")
        assert (code, "pip install pyarrow" in message) == (400, True)
        assert running.refused("/api/export/runs", format="xlsx")[0] == 400


def test_runs_can_be_exported_by_id() -> None:
    with tab(sweep()) as running:
        rows = running.get("/api/export/runs", format="json", run=[id_of("trial 2"), id_of("trial 0"), "gone"])
        assert [row["label"] for row in rows] == ["trial 0", "trial 2"]


def test_a_download_that_stays_incomplete_says_so_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CURVE_TIMEOUT_S", 0.2)
    built = sweep()
    with tab(built) as running:
        built.source.fail(unavailable())
        text = running.ask("/api/export/curves", {"run": id_of("trial 1"), "metric": "acc"}).text
        assert "INCOMPLETE" in text.splitlines()[-1]
        assert "does not answer" in text
        assert running.get("/api/tasks")["tasks"] == []
