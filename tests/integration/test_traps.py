"""What makes TensorBoard's dashboards go blank, hang or lie, and does not: with a real ``tensorboard``, beside a log
directory that TensorBoard's own writer wrote."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient
from tensorboard.plugins.hparams import api_pb2

from tests.support.event_files import write_scalar, write_session
from tests.support.tensorboard import TensorBoard, tensorboard

START_MS = 1_700_000_000_000
EXPERIMENT = "größe '\"/ 🚀"
NAMES = ["quo\"ted'", "名前 🚀", "x" * 250, "a//b", "..", "C:/drive", " ", "new\nline", "%2F?#&+"]
SPIKE_AT, LENGTH = 1234, 5000


def _run(client: MlflowClient, name: str, points: dict[str, list[tuple[int, float]]], **params: str) -> str:
    """A run with `points` (step, value) in the order in which they are logged; its id."""
    experiment = client.get_experiment_by_name(EXPERIMENT)
    run = client.create_run(experiment.experiment_id, run_name=name, start_time=START_MS).info.run_id
    client.log_batch(run, params=[Param(key, value) for key, value in params.items()])
    logged = [
        Metric(key, value, START_MS + number, step)
        for key, found in points.items()
        for number, (step, value) in enumerate(found)
    ]
    for start in range(0, len(logged), 1000):
        client.log_batch(run, metrics=logged[start : start + 1000])
    return str(run)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traps")
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    client.create_experiment(EXPERIMENT)
    _run(client, "r1", {"loss": [(0, 1.0)]}, lr="0.1", same="x", flag="True")
    _run(client, "r10", {"loss": [(0, 2.0)]})
    _run(client, "unsorted", {"loss": [(5, 5.0), (1, 1.0), (3, 3.0), (3, 3.5), (-2, -2.0)]}, lr="auto", same="x")
    spiked = [(step, 100.0 if step == SPIKE_AT else math.sin(step / 50)) for step in range(LENGTH)]
    _run(client, "long", {"long": spiked}, lr="0.3", same="x")
    _run(client, "huge", {"loss": [(0, 1.0), (2**40, 2.0)], "depth": [(2**62, 1.0)]}, lr="nan", same="x")
    odd = [(0, math.nan), (1, math.inf), (2, -math.inf), (3, 1e308), (4, 5e-324), (5, math.nan)]
    _run(client, "odd", {"loss": odd, "always nan": [(0, math.nan)]}, lr="1e-3", same="x", flag="false")
    _run(client, "/leading", {"a/b c.d-e_f": [(0, 1.0), (1, 2.0)]}, lr="inf")
    _run(client, "bare", {})
    _run(client, "stepless", {"loss": [(0, 0.1), (0, 0.2), (0, 0.3)]})
    for name in NAMES:
        _run(client, name, {"loss": [(0, 1.0)]})
    write_scalar(folder / "logs" / "local", "loss", [1.0, 0.5])
    write_session(folder / "logs" / "local", {"units": 16.0, "lr": 0.5, "optimizer": "adam"})
    write_scalar(folder / "logs" / "local" / "eval", "accuracy", [0.5])
    write_session(folder / "logs" / "zz", {"units": 32.0, "optimizer": "sgd"})
    return folder


@pytest.fixture(scope="module")
def board(folder: Path) -> Iterator[TensorBoard]:
    with tensorboard("--aml_experiment", EXPERIMENT, "--logdir", "logs", cwd=folder) as running:
        running.wait_for_run("zz")
        running.wait_for_run("local/eval")
        yield running
    assert "Traceback" not in running.output


def ours(name: str) -> str:
    """The label of the run `name`: the experiment's own name has a slash and is two folders."""
    return f"größe '\"/🚀/{name}"


def rows(board: TensorBoard) -> dict[str, dict[str, Any]]:
    """Rows of the HParams table by run name."""
    return {session["name"]: group for group in board.sessions() for session in group["sessions"]}


def points(board: TensorBoard, tag: str, name: str) -> list[tuple[int, Any]]:
    return [(point["step"], point["value"]) for point in board.card(tag)[ours(name)]]


def columns(board: TensorBoard) -> dict[str, dict[str, Any]]:
    experiment = board.post_json("data/plugin/hparams/experiment", {"experimentName": ""})
    return {info["name"]: info for info in experiment["hparamInfos"]}


def test_steps_are_sorted_and_the_newest_of_a_repeated_one_stays(board: TensorBoard) -> None:
    assert points(board, "loss", "unsorted") == [(-2, -2.0), (1, 1.0), (3, 3.5), (5, 5.0)]


def test_a_metric_logged_without_steps_is_drawn_by_index(board: TensorBoard) -> None:
    assert points(board, "loss", "stepless") == [(0, 0.1), (1, 0.2), (2, 0.3)]


def test_of_a_long_curve_the_ends_and_the_extremes_stay_the_same_every_time(board: TensorBoard) -> None:
    found = points(board, "long", "long")
    assert len(found) <= 1000
    assert found[0][0] == 0
    assert found[-1][0] == LENGTH - 1
    assert (SPIKE_AT, 100.0) in found
    assert points(board, "long", "long") == found


def test_nan_and_infinities_reach_the_page_as_what_they_are(board: TensorBoard) -> None:
    values = [value for _, value in points(board, "loss", "odd")]
    assert values == ["NaN", "Infinity", "-Infinity", 1e308, 5e-324, "NaN"]
    assert points(board, "always nan", "odd") == [(0, "NaN")]


def test_steps_beyond_int32_fail_neither_hparams_nor_the_card(board: TensorBoard) -> None:
    metrics = {value["name"]["tag"]: value for value in rows(board)[ours("huge")]["metricValues"]}
    assert metrics["loss"]["value"] == 2.0
    assert metrics["loss"]["trainingStep"] == 2**31 - 1
    assert points(board, "loss", "huge")[-1] == (2**40, 2.0)
    assert points(board, "depth", "huge") == [(2**62, 1.0)]


def test_every_run_is_a_session_so_that_none_inherits_by_its_prefix(board: TensorBoard) -> None:
    found = rows(board)
    assert set(found) == {run for run in board.runs() if run.startswith("größe")} | {"local", "zz"}
    assert found[ours("r1")]["hparams"] == {"lr": "0.1", "same": "x", "flag": True}
    assert found[ours("r10")].get("hparams", {}) == {}
    assert ours("bare") in found


def test_a_param_of_mixed_types_is_text_in_every_row_and_can_be_sorted_by(board: TensorBoard) -> None:
    assert columns(board)["lr"]["type"] == "DATA_TYPE_STRING"
    assert {group["hparams"]["lr"] for group in rows(board).values() if "lr" in group.get("hparams", {})} == {
        "0.1", "auto", "0.3", "nan", "1e-3", "inf", "0.5"
    }  # fmt: skip
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    for order in ("ORDER_ASC", "ORDER_DESC"):
        for column in ({"hparam": "lr"}, {"hparam": "units"}, {"metric": {"tag": "loss"}}):
            sorting = {"colParams": [{**column, "order": order}], "allowedStatuses": statuses, "sliceSize": 100}
            found = board.post_json("data/plugin/hparams/session_groups", sorting)
            assert len(found["sessionGroups"]) == len(rows(board))


def test_sessions_in_the_log_directory_and_ours_show_all_their_columns(board: TensorBoard) -> None:
    assert {"lr", "same", "flag", "units", "optimizer"} <= set(columns(board))
    found = rows(board)
    assert found["local"]["hparams"] == {"units": 16.0, "lr": "0.5", "optimizer": "adam"}
    assert found["zz"]["hparams"] == {"units": 32.0, "optimizer": "sgd"}
    metrics = {(value["name"].get("group", ""), value["name"]["tag"]) for value in found["local"]["metricValues"]}
    assert {("", "loss"), ("eval", "accuracy")} <= metrics


def test_the_run_table_of_time_series_gets_the_same_columns(board: TensorBoard) -> None:
    path = "experiment/defaultExperimentId/data/plugin/hparams/"
    asked = {"experimentName": "", "hparamsLimit": 1000, "includeMetrics": False}
    infos = board.post_json(path + "experiment", _known(asked, api_pb2.GetExperimentRequest))["hparamInfos"]
    assert {"lr", "units", "optimizer"} <= {info["name"] for info in infos}
    body = {
        "startIndex": 0,
        "sliceSize": 1_000_000,
        "allowedStatuses": ["STATUS_RUNNING", "STATUS_UNKNOWN"],
        "colParams": [{"hparam": info["name"]} for info in infos],
        "includeMetrics": False,
    }
    groups = board.post_json(path + "session_groups", _known(body, api_pb2.ListSessionGroupsRequest))["sessionGroups"]
    assert {group["sessions"][0]["name"] for group in groups} == set(rows(board))


def _known(body: dict[str, Any], message: Any) -> dict[str, Any]:
    """What this TensorBoard's page can ask for: older ones have fewer fields."""
    known = {field.json_name for field in message.DESCRIPTOR.fields}
    return {name: value for name, value in body.items() if name in known}


def test_names_are_unique_safe_and_readable(board: TensorBoard) -> None:
    names = board.runs()
    assert len(names) == len(set(names)) == 9 + len(NAMES) + 3
    assert not [
        name for name in names if name.startswith("/") or name.endswith("/") or "//" in name or not name.strip()
    ]
    assert not [name for name in names if re.search(r"[\x00-\x1f]", name)]
    assert {ours("leading"), ours("名前 🚀"), ours("x" * 250), ours("quo\"ted'"), ours("%2F?#&+")} <= set(names)


def test_every_run_can_be_asked_for_by_its_name(board: TensorBoard) -> None:
    tags = board.scalar_tags()
    for name, found in tags.items():
        for tag in found:
            assert board.get("data/plugin/scalars/scalars", run=name, tag=tag), (name, tag)


def test_only_runs_with_a_tag_are_listed_and_a_card_has_only_those(board: TensorBoard) -> None:
    tags = board.scalar_tags()
    assert ours("bare") not in tags
    assert set(board.card("a/b c.d-e_f")) == {ours("leading")}
    wanted = {"tag": "loss", "runs": [ours("r1"), ours("bare"), "nowhere"]}
    form = "&".join(["tag=loss", *(f"runs={run}" for run in wanted["runs"])]).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    found = json.loads(board.fetch("data/plugin/scalars/scalars_multirun", form, headers))
    assert set(found) == {ours("r1")}


def test_a_card_holds_both_our_curves_and_those_of_the_log_directory(board: TensorBoard) -> None:
    card = board.card("loss")
    assert {"local", ours("r1"), ours("r10")} <= set(card)
    assert [point["value"] for point in card["local"]] == [1.0, 0.5]


def test_the_dashboards_that_have_data_are_the_active_ones(board: TensorBoard) -> None:
    listing = board.get("data/plugins_listing")
    active = {name for name, plugin in listing.items() if plugin["enabled"]}
    assert {"scalars", "timeseries", "hparams", "azureml"} <= active
    assert not active & {"images", "audio", "histograms"}
