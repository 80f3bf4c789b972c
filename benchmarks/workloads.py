"""The run histories that are measured: M and L, as MLflow leaves them in SQLite.

MLflow's own client would log 20 million points for hours, so it makes the schema and the experiment, and the rows are
inserted as its store would have left them: curve by curve interleaved as a training loop logs them, NaN and ±inf
apart, `latest_metrics` at the last step. What MLflow's client reads back from a few histories is compared.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parent / "data"
EXPERIMENT = "sweep"

_VERSION = 1
"""Part of the files' names: raise it when what is written changes."""
_T0_MS = 1_700_000_000_000
_START_EVERY_MS = 60_000
_STEP_MS = 1000
_MOST_STEPS_CHECKED = 100_000
"""MLflow's own client needs minutes to read a longer history back."""


@dataclass(frozen=True)
class Workload:
    """So many runs, each with the same metrics, each with the same steps."""

    name: str
    runs: int
    metrics: int = 20
    steps: int = 1000

    @property
    def points(self) -> int:
        return self.runs * self.metrics * self.steps

    @property
    def path(self) -> Path:
        """Where its database is, or would be: one for each MLflow, which opens no other schema than its own."""
        return DATA / f"{self._shape}-mlflow{version('mlflow')}.db"

    @property
    def log_folder(self) -> Path:
        """Where the same history is as event files, or would be."""
        return DATA / f"{self._shape}.events"

    @property
    def _shape(self) -> str:
        return f"{self.runs}x{self.metrics}x{self.steps}-v{_VERSION}"

    @property
    def tags(self) -> list[str]:
        """The names of its metrics, those of the first card first."""
        return [f"{('eval', 'train')[number % 2]}/metric_{number:02d}" for number in range(self.metrics)]

    def run_ids(self) -> list[str]:
        """Ids as random as MLflow's, the same every time."""
        chance = random.Random(self.name)
        return [f"{chance.getrandbits(128):032x}" for _ in range(self.runs)]

    def values(self, run: int, metric: int) -> npt.NDArray[np.float64]:
        """A noisy curve that goes down; all 53 bits are used."""
        chance = np.random.default_rng((run, metric))
        falling = np.exp(-np.arange(self.steps) / (self.steps * chance.uniform(0.1, 0.5)))
        return falling + 0.05 * chance.standard_normal(self.steps)

    def timestamps_ms(self, run: int) -> npt.NDArray[np.int64]:
        """Wall times of its steps."""
        return _T0_MS + run * _START_EVERY_MS + np.arange(self.steps, dtype=np.int64) * _STEP_MS


M = Workload("M", runs=100)
L = Workload("L", runs=1000)
WIDE = Workload("1000 short runs", runs=1000, steps=10)


def database(workload: Workload) -> str:
    """The URI of the SQLite store that holds `workload`; written now if it was not yet."""
    path = workload.path
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        begin = time.perf_counter()
        write(workload, part)
        part.rename(path)
        print(f"wrote {workload.name}, {workload.points:,} points, in {time.perf_counter() - begin:.0f} s")
    return f"sqlite:///{path}"


def write(workload: Workload, path: Path) -> None:
    """Writes `workload` into a new SQLite store at `path`.

    Raises:
      AssertionError: MLflow reads back something else.
    """
    experiment_id = _schema(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        # A file that is not whole is thrown away, so nothing needs to survive a crash.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-2000000"):
            connection.execute(f"PRAGMA {pragma}")
        for number, run_id in enumerate(workload.run_ids()):
            _insert(connection, workload, experiment_id, number, run_id)
        connection.commit()
        connection.execute("PRAGMA journal_mode=DELETE")
    if workload.steps <= _MOST_STEPS_CHECKED:
        _check(workload, path)


def _schema(path: Path) -> int:
    """Lets MLflow make its tables and the experiment, whose id is returned."""
    client = mlflow_client(f"sqlite:///{path}")
    return int(client.create_experiment(EXPERIMENT, artifact_location=(DATA / "artifacts").as_uri()))


def mlflow_client(uri: str):  # noqa: ANN201 - importing MLflow costs seconds
    """MLflow's own client of the store at `uri`, quiet."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import logging

    from mlflow.tracking import MlflowClient

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri)


def _insert(connection: sqlite3.Connection, workload: Workload, experiment_id: int, number: int, run_id: str) -> None:
    times_ms = workload.timestamps_ms(number).tolist()
    name, start_ms, end_ms = f"run-{number:04d}", times_ms[0], times_ms[-1] + _STEP_MS
    connection.execute(
        "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, "
        "end_time, source_version, lifecycle_stage, artifact_uri, experiment_id) "
        "VALUES (?, ?, 'LOCAL', 'train.py', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, ?)",
        (run_id, name, start_ms, end_ms, f"{(DATA / 'artifacts').as_uri()}/{run_id}/artifacts", experiment_id),
    )
    connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", _params(number, run_id))
    connection.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", _tags(name, run_id))
    curves = [workload.values(number, metric).tolist() for metric in range(workload.metrics)]
    insert = "INTO {} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, ?, 0, ?)"
    rows = _rows(workload.tags, curves, times_ms, run_id)
    connection.executemany("INSERT " + insert.format("metrics"), rows)
    last = ((tag, c[-1], times_ms[-1], len(c) - 1, run_id) for tag, c in zip(workload.tags, curves, strict=True))
    connection.executemany("INSERT " + insert.format("latest_metrics"), last)


def _rows(
    tags: Sequence[str], curves: Sequence[Sequence[float]], times_ms: Sequence[int], run_id: str
) -> Iterator[tuple[str, float, int, int, str]]:
    """Step by step, as a training loop logs: the order of the rows in the file, and so of what a read touches."""
    for step, time_ms in enumerate(times_ms):
        for tag, curve in zip(tags, curves, strict=True):
            yield tag, curve[step], time_ms, step, run_id


def _params(number: int, run_id: str) -> list[tuple[str, str, str]]:
    values = {"lr": 10 ** -(1 + number % 5), "batch_size": 2 ** (4 + number % 6), "seed": number, "optimizer": "adam"}
    return [(key, str(value), run_id) for key, value in values.items()]


def _tags(name: str, run_id: str) -> list[tuple[str, str, str]]:
    values = {"runName": name, "user": "bench", "source.name": "train.py", "source.type": "LOCAL"}
    return [(f"mlflow.{key}", value, run_id) for key, value in values.items()]


def _check(workload: Workload, path: Path) -> None:
    client = mlflow_client(f"sqlite:///{path}")
    run_ids = workload.run_ids()
    for run, metric in ((0, 0), (workload.runs // 2, workload.metrics - 1), (workload.runs - 1, 1)):
        points = client.get_metric_history(run_ids[run], workload.tags[metric])
        found = sorted((point.step, point.timestamp, point.value) for point in points)
        times_ms, values = workload.timestamps_ms(run).tolist(), workload.values(run, metric).tolist()
        assert found == list(zip(range(workload.steps), times_ms, values, strict=True))
        latest = client.get_run(run_ids[run]).data.metrics
        assert latest == {tag: float(workload.values(run, number)[-1]) for number, tag in enumerate(workload.tags)}
