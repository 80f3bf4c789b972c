"""An Azure ML workspace in the real ``tensorboard``: what azureml-core wrote, as the dashboards are told of it."""

from __future__ import annotations

import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator, scenarios
from tests.emulator.clients import environ, run_script, started
from tests.emulator.scripts.ridge_sweep import ALPHAS, EXPERIMENT
from tests.emulator.state import Row
from tests.support.event_files import write_scalar
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

EXPERIMENTS = f"{EXPERIMENT},every-kind,hyperdrive,pipeline,odd"
NOT_FINITE = ("NaN", "Infinity", "-Infinity")


@pytest.fixture(scope="module")
def article(azure: Emulator) -> dict[str, Any]:
    """The article's second scenario, written by azureml-core: ids and logged values."""
    return dict(run_script(azure, "ridge_sweep"))


@pytest.fixture(scope="module")
def everything(azure: Emulator) -> dict[str, Any]:
    """A run with all that azureml-core can log."""
    return dict(run_script(azure, "every_kind", "every-kind"))


@pytest.fixture(scope="module")
def board(
    azure: Emulator, article: dict[str, Any], everything: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoard]:
    scenarios.hyperdrive(azure)
    scenarios.pipeline(azure)
    scenarios.odd_metrics(azure)
    folder = tmp_path_factory.mktemp("azure")
    azure.write_config(folder)
    write_scalar(folder / "logs" / "local", "loss", [1.0])
    more = {**azure.environ(folder), **azure.service_principal()}
    flags = ("--logdir", "logs", "--aml_experiment", EXPERIMENTS, "--reload_interval", "1")
    with tensorboard(*flags, cwd=folder, environ=more) as running:
        running.wait_for_run("pipeline/nightly")
        assert wait_until(lambda: "weights" in running.scalar_tags().get("every-kind/everything", ()), 60)
        yield running


def test_the_articles_sweep_is_shown_as_it_was_logged(
    board: TensorBoard, azure: Emulator, article: dict[str, Any]
) -> None:
    names = [name for name in board.runs() if name.startswith(f"{EXPERIMENT}/")]
    root = min(names, key=len)
    assert sorted(names) == sorted([root, *(f"{root}/alpha_{alpha}" for alpha in ALPHAS)])
    logged = {tuple(values.values()) for values in article["children"].values()}
    alpha, mse = board.card("alpha"), board.card("mse")
    assert {(alpha[name][0]["value"], mse[name][0]["value"]) for name in mse} == logged
    times = {
        row.created.timestamp() for id_ in article["children"] for row in azure.history.runs[id_].metrics["mse"].rows
    }
    shown = sorted(points[0]["wallTime"] for points in mse.values())
    assert shown == pytest.approx(sorted(times), abs=0.001)


def test_local_runs_are_beside_them(board: TensorBoard) -> None:
    assert [point["value"] for point in board.card("loss")["local"]] == [1.0]


def test_scalars_lists_rows_and_tables_are_curves(board: TensorBoard) -> None:
    run = "every-kind/everything"
    tags = set(board.scalar_tags()[run])
    assert tags == {
        "loss",
        "no steps",
        "accuracy ",
        "weights",
        "rows/epoch",
        "rows/lr",
        "table/x",
        "table/y",
        "long list",
    }
    assert _points(board, "loss", run) == [(step, 1 / (step + 1)) for step in range(5)]
    assert _points(board, "no steps", run) == [(0, 3.0), (1, 1.0), (2, 2.0)]
    assert _points(board, "weights", run) == [(0, 0.5), (1, 0.25), (2, 0.125)]
    assert _points(board, "rows/epoch", run) == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert _points(board, "table/y", run) == [(0, 1.0), (1, 4.0), (2, 9.0)]
    assert len(_points(board, "long list", run)) == 250


def test_what_is_no_number_is_in_the_dashboard_that_draws_it(board: TensorBoard) -> None:
    run = "every-kind/everything"

    def tags(plugin: str) -> set[str]:
        return set(board.get(f"data/plugin/{plugin}/tags").get(run, ()))

    assert wait_until(lambda: {"picture", "plot", "matrix", "residuals", "predictions"} <= tags("images"), 60), tags(
        "images"
    )
    assert {"residuals", "predictions", "long list"} <= tags("histograms")
    assert tags("pr_curves") == {"accuracy table/cat", "accuracy table/dog"}
    assert {"table", "rows", "names", "outputs/notes.txt", "run/params and tags"} <= tags("text")
    for tag in ("picture", "plot", "matrix", "residuals", "predictions"):
        (step,) = board.get(
            "data/plugin/images/images?" + urllib.parse.urlencode({"run": run, "tag": tag, "sample": 0})
        )
        assert board.fetch(f"data/plugin/images/individualImage?{step['query']}").startswith(b"\x89PNG")
    query = urllib.parse.urlencode({"run": run, "tag": "accuracy table/cat"})
    (curve,) = board.get(f"data/plugin/pr_curves/pr_curves?{query}")[run]
    assert curve["true_positives"] == [4, 3]
    cells = {
        "table": "<strong>label</strong>",
        "names": "cat",
        "run/description": "<em>everything</em>",
        "run/params and tags": "vision",
    }
    for tag, cell in cells.items():
        text = board.get("data/plugin/text/text?" + urllib.parse.urlencode({"run": run, "tag": tag}))[0]["text"]
        assert cell in text


def test_trials_have_their_arguments_in_hparams_and_a_link_to_studio(board: TensorBoard, azure: Emulator) -> None:
    groups = {group["sessions"][0]["name"]: group for group in board.sessions()}
    rows = {name: group for name, group in groups.items() if name.startswith("hyperdrive/")}
    trials = {name: row["hparams"] for name, row in rows.items() if row["hparams"]}
    assert sorted((found["lr"], found["batch-size"]) for found in trials.values()) == [
        (0.01, 16.0),
        (0.02, 32.0),
        (0.03, 16.0),
        (0.04, 32.0),
    ]
    session = next(iter(rows.values()))["sessions"][0]
    assert session["monitorUrl"].startswith(f"{azure.url}/runs/HD_")
    assert f"workspaces/{azure.workspace_name}" in session["monitorUrl"]
    statuses = sorted(row["sessions"][0]["status"] for name, row in rows.items() if name in trials)
    assert statuses == ["STATUS_FAILURE", *["STATUS_SUCCESS"] * 3]


def test_runs_of_any_depth_are_below_their_parents(board: TensorBoard) -> None:
    assert {name for name in board.runs() if name.startswith("pipeline/")} == {
        "pipeline/nightly",
        "pipeline/nightly/prepare",
        "pipeline/nightly/train",
        *(f"pipeline/nightly/train/trial {number}" for number in range(2)),
        *(f"pipeline/nightly/train/trial {number}/fold {number}" for number in range(2)),
    }


def test_odd_metrics_hide_nothing(board: TensorBoard) -> None:
    assert wait_until(lambda: "list" in board.scalar_tags()["odd/odd"])
    tags = set(board.scalar_tags()["odd/odd"])
    assert {"accuracy ", "(no name)", "no steps", "many rows", "repeated step", "wild", "list"} < tags
    assert not tags & {"unknown", "no rows", "no columns", ""}
    assert _points(board, "(no name)", "odd/odd") == [(0, 1.0)]
    assert [value for _, value in _points(board, "wild", "odd/odd")] == [*NOT_FINITE, 1.5]
    assert len(_points(board, "many rows", "odd/odd")) == 250


def test_a_training_is_followed_while_it_runs(board: TensorBoard, azure: Emulator) -> None:
    with started(azure, "live_training", EXPERIMENT) as process:
        assert process.stdin and process.stdout
        run_id = process.stdout.readline().strip()
        assert azure.history.runs[run_id].status == "Running"
        name = f"{EXPERIMENT}/training"
        for step, value in enumerate((1.0, 0.5, 0.25)):
            process.stdin.write(f"{value}\n")
            process.stdin.flush()
            assert process.stdout.readline().strip() == "logged"
            assert wait_until(lambda step=step: len(_points(board, "loss", name)) == step + 1)
            assert _points(board, "loss", name)[-1] == (step, value)
        process.stdin.close()
        process.wait(60)
    assert wait_until(lambda: _status(board, name) == "STATUS_SUCCESS")


def test_a_table_that_is_logged_long_after_the_end_is_noticed_when_anything_else_of_the_run_moves(
    board: TensorBoard, azure: Emulator
) -> None:
    run = azure.history.runs["pipeline-prepare"]
    name = "pipeline/nightly/prepare"
    rows = [Row(scenarios.T0, {"n": float(number), "label": "a"}) for number in range(3)]
    azure.history.log(run.id, "late table", "azureml.v1.table", {"n": "Double", "label": "String"}, rows)
    with azure.history.lock:
        run.tags["checked"] = "yes"
    assert wait_until(lambda: "late table/n" in board.scalar_tags()[name], 90)
    assert wait_until(lambda: "late table" in board.get("data/plugin/text/tags").get(name, ()), 60)


def test_the_tabs_snippet_is_code_that_reads_the_run(
    board: TensorBoard, azure: Emulator, article: dict[str, Any], tmp_path: Path
) -> None:
    run_id, logged = next(iter(article["children"].items()))
    snippet = board.get("data/plugin/azureml/api/run", id=run_id)["python"]
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", snippet + "print(run.data.metrics['mse'])"],
        env={**environ(azure, tmp_path), **azure.service_principal()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.stdout.strip() == str(logged["mse"]), found.stderr[-2000:]


def test_nothing_was_said_but_the_address(board: TensorBoard, azure: Emulator) -> None:
    assert [line for line in board.output.splitlines() if "Azure ML:" in line] == []
    assert "Traceback" not in board.output
    assert azure.client_secret not in board.output + board.fetch("data/environment").decode()
    assert azure.proxy.refused == []


def _points(board: TensorBoard, tag: str, run: str) -> list[tuple[float, float]]:
    return [(point["step"], point["value"]) for point in board.card(tag).get(run, [])]


def _status(board: TensorBoard, name: str) -> str:
    sessions = [group["sessions"][0] for group in board.sessions()]
    return next((session["status"] for session in sessions if session["name"] == name), "")
