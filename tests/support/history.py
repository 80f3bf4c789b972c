"""A written history that has everything odd in it, and what a source must make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

from tb_aml_plugin.model import RunStatus

T0_MS = 1_700_000_000_123
Point = tuple[int, int, float]  # step, wall time in ms, value


@dataclass(frozen=True)
class WrittenRun:
    """A run as it was logged."""

    name: str
    experiment: str = "main"
    start_ms: int = T0_MS
    end_ms: int | None = None
    status: RunStatus = RunStatus.RUNNING
    parent: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    deleted: bool = False

    def latest(self, metric: str) -> Point:
        """The newest point: largest step, then wall time."""
        return max(self.metrics[metric], key=lambda point: point[:2])


INF, NAN = float("inf"), float("nan")

RUNS = (
    WrittenRun(
        "sweep",
        start_ms=T0_MS + 1,
        end_ms=T0_MS + 90_001,
        status=RunStatus.FINISHED,
        metrics={"best": ((0, T0_MS, 0.5), (1, T0_MS + 1, 0.25))},
    ),
    WrittenRun(
        "child",
        start_ms=T0_MS + 2,
        end_ms=T0_MS + 50_002,
        status=RunStatus.FAILED,
        parent="sweep",
        params={"lr": "0.1", "empty": "", "long": "x" * 500, "schöne/größe": "名前 '\"`\\ 🚀"},
        tags={"team": "vision", "note": "two\nlines"},
        metrics={"loss": ((0, T0_MS, 16777217.123456789), (5, T0_MS + 7, -0.0), (3, T0_MS + 3, 1e-300))},
    ),
    WrittenRun(
        "odd values",
        start_ms=T0_MS + 3,
        end_ms=T0_MS + 3,
        status=RunStatus.KILLED,
        params={"lr": "0.2"},
        metrics={
            "loss": (
                (0, T0_MS, NAN),
                (1, T0_MS + 1, INF),
                (2, T0_MS + 2, -INF),
                (3, T0_MS + 3, 1e308),
                (4, T0_MS + 4, 5e-324),
            ),
            "ends in nan": ((0, T0_MS, 1.0), (1, T0_MS + 1, NAN)),
            "repeated step": ((7, T0_MS, 1.0), (7, T0_MS + 5, 2.0), (7, T0_MS + 3, 3.0)),
            "huge steps": ((-5, T0_MS, 1.0), (2**40, T0_MS + 1, 2.0)),
            "a/b c.d-e": ((0, T0_MS, 1.0),),
            "k" * 250: ((0, T0_MS, 2.0),),
        },
    ),
    WrittenRun(
        "long",
        start_ms=T0_MS + 4,
        metrics={"loss": tuple((step, T0_MS + step, step / 7) for step in range(3000))},
    ),
    WrittenRun("nothing logged", start_ms=T0_MS + 5, status=RunStatus.SCHEDULED),
    WrittenRun("elsewhere", experiment="other / 名前", start_ms=T0_MS + 6, metrics={"loss": ((0, T0_MS, 1.0),)}),
    WrittenRun("deleted", start_ms=T0_MS + 7, deleted=True, metrics={"loss": ((0, T0_MS, 1.0),)}),
    WrittenRun("in a deleted experiment", experiment="gone", start_ms=T0_MS + 8),
)
BY_NAME = {run.name: run for run in RUNS}
MAIN = tuple(run for run in RUNS if run.experiment == "main" and not run.deleted)
"""Runs of the experiment "main" that are to be seen."""


def write_history(uri: str, artifacts: Path) -> dict[str, str]:
    """Writes `RUNS` into the tracking store at `uri`; run ids by name."""
    client = MlflowClient(tracking_uri=uri)
    experiments = {
        name: client.create_experiment(name, artifact_location=artifacts.as_uri())
        for name in dict.fromkeys(run.experiment for run in RUNS)
    }
    ids: dict[str, str] = {}
    for run in RUNS:
        ids[run.name] = write_run(client, experiments[run.experiment], run, ids)
    client.delete_experiment(experiments["gone"])
    return ids


def write_run(client: MlflowClient, experiment_id: str, run: WrittenRun, ids: Mapping[str, str]) -> str:
    """Logs `run`, whose parent is in `ids`; its id."""
    tags = dict(run.tags) | ({"mlflow.parentRunId": ids[run.parent]} if run.parent else {})
    id_ = str(client.create_run(experiment_id, start_time=run.start_ms, run_name=run.name).info.run_id)
    client.log_batch(
        id_,
        params=[Param(key, value) for key, value in run.params.items()],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )
    points = [Metric(key, value, time, step) for key, found in run.metrics.items() for step, time, value in found]
    for start in range(0, len(points), 1000):
        client.log_batch(id_, metrics=points[start : start + 1000])
    if run.status.is_terminal:
        client.set_terminated(id_, status=run.status.value, end_time=run.end_ms)
    elif run.status is not RunStatus.RUNNING:
        client.update_run(id_, status=run.status.value)
    if run.deleted:
        client.delete_run(id_)
    return id_
