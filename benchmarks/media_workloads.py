"""Runs with artifacts that are measured, logged by MLflow's own client into SQLite and a folder."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from benchmarks.workloads import DATA

EXPERIMENT = "media"
TAG = "val/sample"
PICTURE_RUNS, PICTURE_STEPS = 50, 10
LISTED_RUNS, LISTED_FILES = 1000, 20

_VERSION = 1
_SIDE = 256


def pictures() -> str:
    """The URI of a store of 50 runs with 10 steps of one picture each, ``mlflow.log_image``."""
    return _store("pictures", _write_pictures)


def files() -> str:
    """The URI of a store of 1000 runs with 20 artifacts in 4 folders each, and one metric of 10 points."""
    return _store("files", _write_files)


def served_files() -> tuple[str, tuple[str, ...]]:
    """The same runs for a server that keeps the artifacts itself: the URI of the store, and flags of ``mlflow server``."""
    whole = Path(files().removeprefix("sqlite:///"))
    served = whole.with_name("served.db")
    if not served.exists():
        shutil.copy(whole, served)
        with contextlib.closing(sqlite3.connect(served)) as database:
            database.execute("UPDATE runs SET artifact_uri = 'mlflow-artifacts:/' || run_uuid || '/artifacts'")
            database.commit()
    return f"sqlite:///{served}", ("--artifacts-destination", str(whole.parent / "artifacts"))


def _store(name: str, write: Callable[[MlflowClient, str, Path], None]) -> str:
    folder = DATA / f"{name}-v{_VERSION}"
    is_whole = folder / "whole"
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    if not is_whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        begin = time.perf_counter()
        client = MlflowClient(tracking_uri=uri)
        write(client, client.create_experiment(EXPERIMENT, (folder / "artifacts").as_uri()), folder / "artifacts")
        is_whole.touch()
        print(f"wrote {name} in {time.perf_counter() - begin:.0f} s")
    return uri


def _write_pictures(client: MlflowClient, experiment_id: str, artifacts: Path) -> None:
    chance = np.random.default_rng(0)
    for number in range(PICTURE_RUNS):
        run = client.create_run(experiment_id, run_name=f"run {number:02d}").info.run_id
        for step in range(PICTURE_STEPS):
            client.log_image(run, chance.integers(0, 255, (_SIDE, _SIDE, 3), dtype=np.uint8), key=TAG, step=step)
        client.set_terminated(run, end_time=1_700_000_000_000)


def _write_files(client: MlflowClient, experiment_id: str, artifacts: Path) -> None:
    suffixes = ("png", "txt", "json", "csv", "pkl")
    for number in range(LISTED_RUNS):
        run = client.create_run(experiment_id, run_name=f"run {number:03d}").info.run_id
        client.log_batch(run, [Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(10)])
        for file in range(LISTED_FILES):
            path = artifacts / run / "artifacts" / f"folder{file % 4}" / f"file{file}.{suffixes[file % 5]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"a,b\n1,2\n3,4\n")
        client.set_terminated(run, end_time=1_700_000_000_000)
