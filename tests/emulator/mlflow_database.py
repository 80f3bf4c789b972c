"""Writes what run history knows into the database of the MLflow server that answers for the workspace.

MLflow's own ids of experiments are numbers: an experiment's `number` here, which the endpoint translates.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.emulator.state import Experiment, History, Metric, Row, Run

STATUS = {
    "Running": "RUNNING",
    "Finalizing": "RUNNING",
    "CancelRequested": "RUNNING",
    "Completed": "FINISHED",
    "Failed": "FAILED",
    "Canceled": "KILLED",
}
"""Run history's statuses as MLflow has them; all others are SCHEDULED."""

Point = tuple[str, str, float, int, int, bool]  # run id, key, value, timestamp in ms, step, whether it is NaN


@dataclass
class MlflowDatabase:
    """`flush` brings the database up to date with `history`."""

    path: Path
    history: History
    artifact_root: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _written: dict[tuple[str, str], int] = field(default_factory=dict)
    _experiments: set[tuple[str, str, datetime | None]] = field(default_factory=set)

    def flush(self) -> bool:
        """Writes all that changed since the last time; whether there was anything."""
        with self._lock, self.history.lock:
            changed, self.history.changed = self.history.changed, set()
            experiments = {(e.id, e.name, e.archived) for e in self.history.experiments.values()}
            if not changed and experiments == self._experiments:
                return False
            self._experiments = experiments
            with sqlite3.connect(self.path, timeout=30) as database:
                for experiment in self.history.experiments.values():
                    self._write_experiment(database, experiment)
                for run_id in changed:
                    self._write_run(database, self.history.runs[run_id])
            database.close()
            return True

    def clear(self) -> None:
        """Forgets all."""
        with self._lock, sqlite3.connect(self.path, timeout=30) as database:
            self._written.clear()
            self._experiments.clear()
            for table in ("tags", "params", "latest_metrics", "metrics", "runs", "experiment_tags", "experiments"):
                database.execute(f"DELETE FROM {table}")
        database.close()

    def _write_experiment(self, database: sqlite3.Connection, experiment: Experiment) -> None:
        stage = "deleted" if experiment.archived else "active"
        values = (
            experiment.number,
            experiment.name,
            f"{self.artifact_root}/{experiment.id}",
            stage,
            _ms(experiment.created),
        )
        database.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,"
            " last_update_time) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (experiment_id) DO UPDATE SET"
            " lifecycle_stage = excluded.lifecycle_stage, name = excluded.name",
            (*values, _ms(experiment.created)),
        )

    def _write_run(self, database: sqlite3.Connection, run: Run) -> None:
        name = run.label
        uri = f"{self.artifact_root}/{run.experiment.name}/runs/{run.id}/artifacts"
        values = (run.id, name, run.user, STATUS.get(run.status, "SCHEDULED"), _ms(run.started or run.created))
        database.execute(
            "INSERT INTO runs (run_uuid, name, user_id, status, start_time, end_time, experiment_id, artifact_uri,"
            " lifecycle_stage, source_type, source_name, entry_point_name, source_version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'active', 'LOCAL', '', '', '')"
            " ON CONFLICT (run_uuid) DO UPDATE SET name = excluded.name, status = excluded.status,"
            " start_time = excluded.start_time, end_time = excluded.end_time",
            (*values, _ms(run.ended), run.experiment.number, uri),
        )
        database.execute("DELETE FROM tags WHERE run_uuid = ?", (run.id,))
        _insert(database, "tags", ((key, value, run.id) for key, value in tags(run).items()))
        _insert(database, "params", ((key, value, run.id) for key, value in run.params.items()))
        for metric in run.metrics.values():
            self._write_metric(database, run, metric)

    def _write_metric(self, database: sqlite3.Connection, run: Run, metric: Metric) -> None:
        done = self._written.get((run.id, metric.name), 0)
        new = list(points(run.id, metric, metric.rows[done:]))
        self._written[run.id, metric.name] = len(metric.rows)
        if not new:
            return
        columns = "(run_uuid, key, value, timestamp, step, is_nan)"
        database.executemany(f"INSERT OR IGNORE INTO metrics {columns} VALUES (?, ?, ?, ?, ?, ?)", new)
        latest = max(new, key=lambda point: (point[4], point[3], point[2]))
        database.execute(
            f"INSERT INTO latest_metrics {columns} VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp,"
            " step = excluded.step, is_nan = excluded.is_nan"
            " WHERE (excluded.step, excluded.timestamp) >= (latest_metrics.step, latest_metrics.timestamp)",
            latest,
        )


def tags(run: Run) -> dict[str, str]:
    """The tags that MLflow's endpoint shows for `run`."""
    found = {
        "mlflow.runName": run.label,
        "mlflow.user": run.user,
        "mlflow.rootRunId": run.root_id,
        **run.tags,
    }
    return found | ({"mlflow.parentRunId": run.parent_id} if run.parent_id else {})


def points(run_id: str, metric: Metric, rows: Iterable[Row]) -> Iterator[Point]:
    """What of a metric MLflow can show: scalars that are numbers. Lists, rows and tables it cannot."""
    if metric.kind != "azureml.v1.scalar":
        return
    for row in rows:
        value = _number(row.data.get(metric.name))
        if value is not None:
            nan = math.isnan(value)
            bounded = 0.0 if nan else max(min(value, 1.7976931348623157e308), -1.7976931348623157e308)
            yield run_id, metric.name, bounded, _ms(row.created) or 0, row.step or 0, nan


def _number(value: object) -> float | None:
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    return float(value) if isinstance(value, (int, float)) else None


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[str, str, str]]) -> None:
    database.executemany(f"INSERT OR REPLACE INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)", rows)


def _ms(time: datetime | None) -> int | None:
    return int(time.timestamp() * 1000) if time else None
