"""MLflow's JSON as servers of several versions, and of other makers, write it."""

from __future__ import annotations

import math

from tb_aml_plugin.model import RunStatus
from tb_aml_plugin.sources.mlflow_json import experiment_of, is_active, points_of, run_of


def test_a_run_as_mlflow_3_writes_it() -> None:
    run = run_of(
        {
            "info": {
                "run_id": "r",
                "experiment_id": "7",
                "run_name": "train",
                "status": "FINISHED",
                "start_time": 1500,
                "end_time": 2500,
                "artifact_uri": "s3://bucket/7/r",
            },
            "data": {
                "params": [{"key": "lr", "value": "0.1"}],
                "tags": [{"key": "mlflow.parentRunId", "value": "p"}],
                "metrics": [{"key": "loss", "value": 0.5, "timestamp": 2000, "step": 3}],
            },
        }
    )
    assert (run.id, run.experiment_id, run.display_name, run.status) == ("r", "7", "train", RunStatus.FINISHED)
    assert (run.start_time_s, run.end_time_s, run.parent_id) == (1.5, 2.5, "p")
    assert run.params == {"lr": "0.1"}
    assert (run.metrics["loss"].step, run.metrics["loss"].wall_time_s, run.metrics["loss"].value) == (3, 2.0, 0.5)
    assert run.artifact_uri == "s3://bucket/7/r"


def test_what_is_missing_is_taken_as_nothing() -> None:
    run = run_of({})
    assert (run.display_name, run.status, run.start_time_s, run.parent_id) == ("", RunStatus.UNKNOWN, None, None)
    assert not run.params
    assert not run.metrics
    assert run_of({"info": {"run_uuid": "old", "start_time": 0, "end_time": "2500"}}).id == "old"


def test_a_time_of_zero_is_no_time_and_a_text_is_a_number() -> None:
    # Protocol Buffers write int64 as text, and leave out what is 0.
    run = run_of({"info": {"start_time": "0", "end_time": "2500"}})
    assert (run.start_time_s, run.end_time_s) == (None, 2.5)


def test_the_name_of_an_old_server_is_in_a_tag() -> None:
    assert run_of({"data": {"tags": [{"key": "mlflow.runName", "value": "tagged"}]}}).display_name == "tagged"


def test_values_that_json_has_no_number_for() -> None:
    biggest = 1.7976931348623157e308
    metrics = [{"value": value} for value in ("NaN", "Infinity", -biggest, biggest, float("inf"), "0.5")]
    values = points_of(metrics).values.tolist()
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, math.inf, math.inf, 0.5]


def test_a_point_without_a_step_is_at_step_0() -> None:
    points = points_of([{"value": 1.0, "timestamp": "1700000000123"}])
    assert (points.steps.tolist(), points.wall_times_s.tolist()) == ([0], [1700000000.123])


def test_deleted_things_are_told_apart() -> None:
    assert is_active({"info": {"lifecycle_stage": "active"}})
    assert not is_active({"info": {"lifecycle_stage": "deleted"}})
    assert not is_active({"lifecycle_stage": "deleted"})
    assert is_active({})


def test_an_experiment_id_is_a_text_whatever_it_was() -> None:
    assert experiment_of({"experiment_id": 7}).id == "7"
