"""The tab's addresses, by a real ``tensorboard`` under a path prefix."""

from __future__ import annotations

import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests.support import sweep
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

API = "data/plugin/azureml/api"
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def board(sweep_folder: Path) -> Iterator[TensorBoard]:
    flags = ("--aml_experiment", "ridge-sweep", "--path_prefix", "/behind/proxy", "--bind_all", "--aml_allow_writes")
    with tensorboard(*flags, cwd=sweep_folder) as running:
        assert wait_until(lambda: running.get(f"{API}/health")["runs"] == 4, PATIENCE_S)
        yield running
        assert "In 3.0" not in running.output  # TensorBoard's complaint about a header that is missing
        assert "Traceback" not in running.output


@pytest.fixture
def as_at_start(board: TensorBoard) -> Iterator[TensorBoard]:
    yield board
    board.post_json(f"{API}/chosen", {"reset": True})
    board.post_json(f"{API}/shown", {"all": True})


def answer(board: TensorBoard, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    request = urllib.request.Request(f"{board.url}{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response, response.read()
    except urllib.error.HTTPError as error:
        return error, error.read()  # type: ignore[return-value]


def run_id(board: TensorBoard, label: str) -> str:
    rows = board.get(f"{API}/runs")["runs"]
    return str(next(row["id"] for row in rows if row["label"] == label))


def names(board: TensorBoard) -> set[str]:
    return set(board.runs())


def test_the_page_is_listed_and_its_module_is_served(board: TensorBoard) -> None:
    listing = board.get("data/plugins_listing")["azureml"]
    assert listing["enabled"]
    assert listing["tab_name"] == "Azure ML"
    assert listing["loading_mechanism"] == {
        "type": "IFRAME",
        "module_path": "/behind/proxy/data/plugin/azureml/index.js",
    }
    response, body = answer(board, "data/plugin/azureml/index.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert b"render" in body


def test_a_poll_when_nothing_changed_is_one_small_304(board: TensorBoard) -> None:
    for path in ("health", "runs"):
        first, _ = answer(board, f"{API}/{path}")
        again, body = answer(board, f"{API}/{path}", If_None_Match=str(first.headers["ETag"]))
        assert (again.status, body) == (304, b"")
        assert len(str(again.headers)) < 600


def test_answers_are_compressed_and_say_what_they_are(board: TensorBoard) -> None:
    response, body = answer(board, f"{API}/runs", Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/json"
    assert len(json.loads(gzip.decompress(body))["runs"]) == 4


def test_curves_have_the_logged_doubles(board: TensorBoard) -> None:
    child = run_id(board, "alpha 0.1")
    curve = board.get(f"{API}/curves", metric="loss", run=child)["curves"][0]
    assert curve["values"] == [sweep.loss(0, step) for step in range(sweep.STEPS)]


def test_the_dashboards_follow_what_is_ticked(as_at_start: TensorBoard) -> None:
    board, child = as_at_start, run_id(as_at_start, "alpha 0.2")
    assert board.post_json(f"{API}/shown", {"hide": [child]})["shown"] == 3
    assert "ridge-sweep/sweep/alpha 0.2" not in names(board)
    assert len(board.sessions()) == 3
    board.post_json(f"{API}/shown", {"top": {"count": 2, "metric": "mse", "better": "lower"}})
    assert names(board) == {"ridge-sweep/sweep/alpha 0.1", "ridge-sweep/sweep/alpha 0.2"}
    assert set(board.card("loss")) == names(board)


def test_experiments_and_runs_come_and_go_without_a_restart(as_at_start: TensorBoard) -> None:
    board = as_at_start
    experiments = {row["name"]: row for row in board.get(f"{API}/experiments")["experiments"]}
    assert {name for name, row in experiments.items() if row["chosen"]} == {"ridge-sweep"}
    chosen = board.post_json(f"{API}/chosen", {"add_experiments": [experiments["baseline"]["id"]]})
    assert not chosen["pending"]
    assert len(names(board)) == 8
    chosen = board.post_json(f"{API}/chosen", {"remove_experiments": [experiments["ridge-sweep"]["id"]]})
    assert {name.split("/")[0] for name in names(board)} == {"baseline"}
    assert chosen["changed"]
    assert not board.post_json(f"{API}/chosen", {"reset": True})["changed"]
    assert {name.split("/")[0] for name in names(board)} == {"ridge-sweep"}


def test_exports_are_streamed_whole(board: TensorBoard) -> None:
    response, body = answer(board, f"{API}/export/runs?format=csv")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="runs.csv"')
    assert len(body.decode().splitlines()) == 5
    child = run_id(board, "alpha 0.3")
    points: list[dict[str, Any]] = board.get(f"{API}/export/curves", format="json", run=child, metric="loss")
    assert [point["value"] for point in points] == [sweep.loss(2, step) for step in range(sweep.STEPS)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("run?id=nothing", 404),
        ("curves?metric=loss&points=many", 400),
        ("search?q=metrics.x%20%3C", 400),
        ("shown", 405),
        ("search?q=" + "a" * 5000, 400),
        ("compare?" + "&".join(f"run={n}" for n in range(11)), 400),
        ("export/runs?format=xls", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_shape(board: TensorBoard, path: str, code: int) -> None:
    response, body = answer(board, f"{API}/{path}")
    assert response.status == code
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(body)["error"].keys() == {"message", "position"}


def test_a_path_that_leads_out_is_no_file_of_the_page(board: TensorBoard) -> None:
    for path in ("assets/../../plugin.py", "assets/%2e%2e/%2e%2e/plugin.py", "assets/..%2f..%2fplugin.py", "assets/"):
        response, body = answer(board, f"data/plugin/azureml/{path}")
        assert response.status == 404, body[:200]


def test_a_query_too_long_for_http_leaves_the_server_alive(board: TensorBoard) -> None:
    response, _ = answer(board, f"{API}/search?q={'a' * 100_000}")
    assert response.status in (400, 414)
    assert board.get(f"{API}/health")["runs"] == 4


def test_with_bind_all_writing_needs_a_flag_of_its_own(board: TensorBoard) -> None:
    access = board.get(f"{API}/writes")
    assert not access["allowed"]
    assert "--aml_allow_remote_writes" in access["reason"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        board.post_json(f"{API}/write", {"archive": {"run": run_id(board, "alpha 0.1")}})
