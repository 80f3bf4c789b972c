"""What TensorBoard's own dashboards are told, by a real ``tensorboard``."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import sweep
from tests.support.tensorboard import TensorBoard, tensorboard

CHILDREN = [f"ridge-sweep/sweep/alpha {alpha}" for alpha in sweep.ALPHAS]


@pytest.fixture(scope="module")
def board(sweep_folder: Path) -> Iterator[TensorBoard]:
    with tensorboard("--aml_experiment", "ridge-sweep,baseline", cwd=sweep_folder) as running:
        yield running


def test_runs_are_listed_by_experiment_parent_and_display_name(board: TensorBoard) -> None:
    assert set(CHILDREN) < set(board.runs())
    assert "ridge-sweep/sweep" in board.runs()
    assert len(board.runs()) == 2 * (1 + len(sweep.ALPHAS))


def test_time_series_lists_every_metric_of_every_run(board: TensorBoard) -> None:
    tags = board.scalar_tags()
    assert [set(tags[name]) for name in CHILDREN] == [{"loss", "mse"}] * len(CHILDREN)
    assert set(tags["ridge-sweep/sweep"]) == {"alpha", "mse"}


def test_a_card_holds_the_logged_steps_times_and_doubles(board: TensorBoard) -> None:
    card = board.card("loss")
    for number, name in enumerate(CHILDREN):
        start_s = sweep.START_MS / 1000 + number + 1
        assert card[name] == [
            {"step": step, "wallTime": pytest.approx(start_s + step / 100, abs=1e-6), "value": sweep.loss(number, step)}
            for step in range(sweep.STEPS)
        ]


def test_the_scalars_dashboard_gets_the_same_values(board: TensorBoard) -> None:
    points = board.get("data/plugin/scalars/scalars", run=CHILDREN[1], tag="loss")
    assert [value for _, _, value in points] == [sweep.loss(1, step) for step in range(sweep.STEPS)]


def test_hparams_has_a_row_for_each_run_with_its_params_and_metrics(board: TensorBoard) -> None:
    rows = {group["sessions"][0]["name"]: group for group in board.sessions()}
    assert len(rows) == len(board.runs())
    for number, name in enumerate(CHILDREN):
        assert rows[name]["hparams"] == {"alpha": sweep.ALPHAS[number], "solver": "auto"}
        values = {metric["name"]["tag"]: metric.get("value") for metric in rows[name]["metricValues"]}
        assert values["mse"] == sweep.mse(number)
        assert values["run duration (s)"] == 0.5
        assert rows[name]["sessions"][0]["status"] == "STATUS_SUCCESS"


def test_an_experiment_is_reached_by_its_name_alone(board: TensorBoard) -> None:
    listed = json.loads(board.fetch("experiment/baseline/data/runs"))
    assert {name.split("/")[0] for name in listed} == {"baseline"}
    assert set(board.card("loss", experiment="baseline")) == {f"baseline/sweep/alpha {a}" for a in sweep.ALPHAS}


def test_an_unknown_experiment_in_the_address_shows_no_runs(board: TensorBoard) -> None:
    assert json.loads(board.fetch("experiment/nowhere/data/runs")) == []


def test_the_place_is_named(board: TensorBoard) -> None:
    environment = board.get("data/environment")
    assert environment["data_location"].startswith("sqlite:///")
    assert environment["data_location"].endswith("mlflow.db")


def test_the_csv_download_of_a_curve_is_what_was_logged(board: TensorBoard) -> None:
    text = board.fetch(
        f"data/plugin/scalars/scalars?run={CHILDREN[0].replace(' ', '%20')}&tag=loss&format=csv"
    ).decode()
    first = text.splitlines()[1].split(",")
    assert struct.pack("d", float(first[2])) == struct.pack("d", sweep.loss(0, 0))
