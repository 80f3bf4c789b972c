"""A small real history: the sweep that the tests of the whole command look at, written by MLflow's own client."""

from __future__ import annotations

from dataclasses import dataclass

from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.tracking import MlflowClient

EXPERIMENT = "ridge-sweep"
ALPHAS = (0.1, 0.2, 0.3)
STEPS = 5
START_MS = 1_700_000_000_000
ODD = 16777217.123456789
"""No float32 holds it: a value that went through one would show."""


@dataclass(frozen=True)
class Sweep:
    """What was written, and the client that wrote it."""

    client: MlflowClient
    experiment_id: str
    parent: Run
    children: tuple[Run, ...]


def write_sweep(uri: str, experiment: str = EXPERIMENT) -> Sweep:
    """A parent run "sweep" and one child for each of `ALPHAS`.

    Each child has the param ``alpha``, a curve ``loss`` of `STEPS` points and one point of ``mse``; the parent has
    the curves ``alpha`` and ``mse``, a point for each child.
    """
    client = MlflowClient(tracking_uri=uri)
    experiment_id = client.create_experiment(experiment)
    parent = client.create_run(experiment_id, start_time=START_MS, run_name="sweep")
    children = tuple(_write_child(client, parent, number) for number in range(len(ALPHAS)))
    client.log_batch(parent.info.run_id, metrics=[m for i, a in enumerate(ALPHAS) for m in _summary(i, a)])
    client.set_terminated(parent.info.run_id, end_time=START_MS + 100_000)
    return Sweep(client, experiment_id, parent, children)


def loss(number: int, step: int) -> float:
    """The value of the curve ``loss`` of the child with this number."""
    return ODD / (step + 1) + number


def mse(number: int) -> float:
    """The value of ``mse`` of the child with this number."""
    return 3000.125 + number


def _write_child(client: MlflowClient, parent: Run, number: int) -> Run:
    start_ms = START_MS + 1000 * (number + 1)
    tags = {"mlflow.parentRunId": parent.info.run_id}
    name = f"alpha {ALPHAS[number]}"
    run = client.create_run(parent.info.experiment_id, start_time=start_ms, tags=tags, run_name=name)
    curve = [Metric("loss", loss(number, step), start_ms + 10 * step, step) for step in range(STEPS)]
    client.log_batch(
        run.info.run_id,
        metrics=[*curve, Metric("mse", mse(number), start_ms + 100, 0)],
        params=[Param("alpha", str(ALPHAS[number])), Param("solver", "auto")],
        tags=[RunTag("kind", "child")],
    )
    client.set_terminated(run.info.run_id, end_time=start_ms + 500)
    return run


def _summary(number: int, alpha: float) -> tuple[Metric, Metric]:
    wall_time_ms = START_MS + 1000 * number
    return Metric("alpha", alpha, wall_time_ms, number), Metric("mse", mse(number), wall_time_ms, number)
