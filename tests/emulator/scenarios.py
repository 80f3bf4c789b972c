"""Run histories of some size or shape, put into the emulator directly: the SDK needs minutes for a thousand runs.

What people run is written with the SDKs themselves, by the programs in `tests.emulator.scripts`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from tests.emulator.emulator import Emulator
from tests.emulator.state import ENDED, Metric, Row, Run

T0 = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
SECOND = timedelta(seconds=1)


def add_run(
    azure: Emulator,
    experiment: str,
    run_id: str,
    *,
    parent: Run | None = None,
    name: str | None = None,
    status: str = "Completed",
    started: datetime = T0,
    source: str = "azureml.scriptrun",
) -> Run:
    """A run that ended a minute after `started`, or has not ended, if `status` says so."""
    with azure.history.lock:
        found = azure.history.create_experiment(experiment)
        run = azure.history.create_run(found, run_id, parent.id if parent else None)
        run.display_name, run.status, run.run_type, run.user = name, status, source, azure.user
        run.created = run.started = started
        run.ended = started + 60 * SECOND if status in ENDED else None
        run.properties["azureml.runsource"] = source
    return run


def add_scalar(
    azure: Emulator, run: Run, name: str, values: Iterable[float], *, steps: Sequence[int] | None = None
) -> None:
    """A scalar metric, a value each second after the run's start; with `steps`, or without any as ``run.log`` does."""
    start = run.started or T0
    rows = [
        Row(start + number * SECOND, {name: value}, None if steps is None else steps[number])
        for number, value in enumerate(values)
    ]
    azure.history.log(run.id, name, "azureml.v1.scalar", {name: "Double"}, rows)


def sweep(
    azure: Emulator, experiment: str = "sweep", *, children: int = 300, metrics: int = 10, points: int = 100
) -> Run:
    """A root run with `children`, each with `metrics` curves of `points` steps: ``metric 0``, ``metric 1``, …"""
    root = add_run(azure, experiment, f"{experiment}_root", name="root")
    steps = range(points)
    for number in range(children):
        child = add_run(
            azure,
            experiment,
            f"{experiment}_{number}",
            parent=root,
            name=f"trial {number}",
            started=T0 + number * SECOND,
        )
        child.params["lr"] = str(10 ** -(1 + number % 5))
        for metric in range(metrics):
            curve = (math.exp(-step / points) * (1 + metric) + number / 1000 for step in steps)
            add_scalar(azure, child, f"metric {metric}", curve, steps=steps)
    return root


def hyperdrive(azure: Emulator, experiment: str = "hyperdrive", *, children: int = 4) -> Run:
    """A HyperDrive sweep. The trials' hyperparameters are in tags of the parent, ``_aml_system_PARENT_NUMBER`` and, from
    older SDKs, ``PARENT_NUMBER`` (read in ``HyperDriveRun.get_hyperparameters`` of azureml-train-core 1.62), and among
    the arguments of each trial. Trials have the parent's id with their number."""
    root = add_run(azure, experiment, "HD_8a7ffaf0-1c9f-4f6c-9f0e-3a7c1a9b7f11", source="hyperdrive")
    goal = {"name": "validation_acc", "goal": "maximize"}
    space = {
        "name": "RANDOM",
        "parameter_space": {"--lr": ["uniform", [0.001, 0.1]], "--batch-size": ["choice", [[16, 32]]]},
    }
    root.primary_metric = goal["name"]
    root.tags |= {
        "_aml_system_max_concurrent_jobs": str(children),
        "_aml_system_max_total_jobs": str(children),
        "_aml_system_primary_metric_config": json.dumps(goal),
        "_aml_system_generator_config": json.dumps(space),
        "_aml_system_all_jobs_generated": "true",
    }
    for number in range(children):
        _trial(azure, root, number)
    return root


def _trial(azure: Emulator, root: Run, number: int) -> None:
    chosen = {"--lr": round(0.01 * (number + 1), 3), "--batch-size": 16 * (1 + number % 2)}
    trial = add_run(
        azure,
        root.experiment.name,
        f"{root.id}_{number}",
        parent=root,
        status="Failed" if number == 3 else "Completed",
        started=T0 + (number + 1) * SECOND,
    )
    prefix = "_aml_system_" if number % 2 == 0 else ""
    root.tags[f"{prefix}{trial.id}"] = json.dumps(chosen)
    trial.tags["hyperparameters"] = json.dumps(chosen)
    trial.script = "train.py"
    arguments = ["--data", "/mnt/data", *(str(part) for pair in chosen.items() for part in pair)]
    trial.definition = {"script": "train.py", "arguments": arguments, "framework": "Python", "target": "cluster"}
    add_scalar(azure, trial, "validation_acc", [0.5 + 0.1 * number + 0.01 * step for step in range(5)], steps=range(5))


def pipeline(azure: Emulator, experiment: str = "pipeline") -> Run:
    """A pipeline: below it its steps, one of which is a sweep with trials, that have a run of their own below."""
    root = add_run(azure, experiment, "pipeline-root", name="nightly", source="azureml.PipelineRun")
    prepare = add_run(azure, experiment, "pipeline-prepare", parent=root, name="prepare", source="azureml.StepRun")
    train = add_run(azure, experiment, "pipeline-train", parent=root, name="train", source="azureml.StepRun")
    for step in (prepare, train):
        step.properties["azureml.pipelinerunid"] = root.id
    add_scalar(azure, prepare, "rows", [1000.0])
    for number in range(2):
        trial = add_run(azure, experiment, f"pipeline-trial-{number}", parent=train, name=f"trial {number}")
        add_scalar(azure, trial, "loss", [1.0, 0.5, 0.25], steps=range(3))
        fold = add_run(azure, experiment, f"pipeline-fold-{number}", parent=trial, name=f"fold {number}")
        add_scalar(azure, fold, "loss", [2.0, 1.0], steps=range(2))
    return root


def odd_metrics(azure: Emulator, experiment: str = "odd") -> Run:
    """What must hide no run: odd names, odd values, more rows than a batch, types that nobody knows."""
    run = add_run(azure, experiment, "odd-run", name="odd")
    add_scalar(azure, run, "accuracy ", [0.5, 0.75], steps=range(2))
    add_scalar(azure, run, "", [1.0])
    add_scalar(azure, run, "no steps", [3.0, 1.0, 2.0])
    add_scalar(azure, run, "many rows", [float(row) for row in range(250)], steps=range(250))
    add_scalar(azure, run, "repeated step", [1.0, 2.0], steps=[7, 7])
    add_scalar(azure, run, "loss/validation größe 名前", [0.125], steps=[0])
    history = azure.history
    not_numbers: list[object] = ["NaN", "Infinity", "-Infinity", None, "text", 1.5]
    rows = [Row(T0 + number * SECOND, {"wild": value}, number) for number, value in enumerate(not_numbers)]
    history.log(run.id, "wild", "azureml.v1.scalar", {"wild": "Double"}, rows)
    history.log(run.id, "unknown", "azureml.v9.hologram", {"unknown": "String"}, [Row(T0, {"unknown": "?"})])
    history.log(run.id, "no rows", "azureml.v1.scalar", {}, [])
    history.log(run.id, "no columns", "azureml.v1.scalar", {}, [Row(T0, {}, 0)])
    with history.lock:
        run.metrics["list"] = Metric(
            "list", "azureml.v1.list", {"list": "Double"}, [Row(T0, {"list": n}) for n in (3.0, 1.0)]
        )
    return run
