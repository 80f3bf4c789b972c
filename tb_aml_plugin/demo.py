"""A small real sweep, logged with scikit-learn and MLflow, and shown by the standard ``tensorboard`` command."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_aml_plugin.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from mlflow.tracking import MlflowClient

EXPERIMENT = "ridge-sweep"
ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
CURVE = "mse/validation"
"""Metric of a child: the error on the held-out rows after fitting on the first `step` training rows.

Its card stands in the group "mse", which Time Series shows unfolded.
"""

_PARTS = 10

_DESCRIPTION = """Ridge regression on scikit-learn's **diabetes** data.

Which `alpha` gives the lowest error on the rows that were held out? Each run below tries one: its curve tells the error
after more and more training rows, its picture and its table hold the predictions.
"""


def define(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of ``tb-aml demo``."""
    parser.add_argument("--dir", type=Path, default=Path("demo"), help="where the store is made (default: ./demo)")
    parser.add_argument("--port", type=int, help="TensorBoard's port (default: 6006, or the next that is free)")
    parser.add_argument("--no-serve", action="store_true", help="log the sweep and end")


def run(arguments: argparse.Namespace) -> int:
    """Logs the sweep where it is not there yet, and shows it until Ctrl-C; TensorBoard's exit code.

    Raises:
      SettingsError: scikit-learn or MLflow is not installed, or the folder cannot be written.
    """
    try:
        arguments.dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{arguments.dir} cannot be made: {error.strerror}. Give another --dir.") from None
    uri = log_sweep(arguments.dir)
    return 0 if arguments.no_serve else _serve(uri, arguments.port)


def log_sweep(folder: Path) -> str:
    """Logs the sweep into ``mlflow.db`` in `folder`, unless a whole one is there; the tracking URI.

    Ridge regression on scikit-learn's diabetes data, 80 % of the rows to train on: a parent run, and for each alpha a
    child with the param ``alpha``, the metric ``mse``, the curve `CURVE`, and its predictions for the held-out rows as a
    picture and as a table. The parent has ``alpha`` and ``mse`` as series, a step for each child, and a description.

    Raises:
      SettingsError: scikit-learn or MLflow is not installed.
    """
    try:
        import sklearn.linear_model  # noqa: F401 - asked for before anything is written
        from mlflow.tracking import MlflowClient
    except ImportError as error:
        raise SettingsError(
            f'The demo needs {error.name}, which is not installed: pip install "tb-aml-plugin[demo]"'
        ) from None
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    uri = f"sqlite:///{folder.absolute() / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiment_id = _experiment(client, folder)
    if not client.search_runs([experiment_id], "status = 'FINISHED' AND tags.role = 'sweep'", max_results=1):
        _say(f"Logging a sweep of {len(ALPHAS)} runs to {uri}")
        _log(client, experiment_id)
    return uri


def _experiment(client: MlflowClient, folder: Path) -> str:
    existing = client.get_experiment_by_name(EXPERIMENT)
    if existing is not None:
        return str(existing.experiment_id)
    artifacts = (folder.absolute() / "artifacts").as_uri()
    return str(client.create_experiment(EXPERIMENT, artifact_location=artifacts))


def _log(client: MlflowClient, experiment_id: str) -> None:
    data = _data()
    tags = {"role": "sweep", "mlflow.note.content": _DESCRIPTION}
    parent = client.create_run(experiment_id, run_name="sweep", tags=tags).info.run_id
    for step, alpha in enumerate(ALPHAS):
        mse = _log_child(client, experiment_id, parent, alpha, data)
        client.log_metric(parent, "alpha", alpha, step=step)
        client.log_metric(parent, "mse", mse, step=step)
    client.set_terminated(parent)


def _log_child(client: MlflowClient, experiment_id: str, parent: str, alpha: float, data: _Data) -> float:
    tags = {"mlflow.parentRunId": parent, "role": "trial"}
    child = client.create_run(experiment_id, run_name=f"alpha {alpha}", tags=tags).info.run_id
    client.log_param(child, "alpha", alpha)
    for fit in _learn(alpha, data):
        client.log_metric(child, CURVE, fit.mse, timestamp=time.time_ns() // 1_000_000, step=fit.rows)
    client.log_metric(child, "mse", fit.mse)
    client.log_figure(child, _figure(fit), "predictions.png")
    table = {"measured": fit.measured.tolist(), "predicted": fit.predicted.tolist()}
    client.log_table(child, table, "predictions.json")
    client.set_terminated(child)
    return fit.mse


class _Fit(NamedTuple):
    """A model, as it does on the held-out rows."""

    rows: int  # it was trained on
    measured: np.ndarray
    predicted: np.ndarray
    mse: float


_Data = tuple[Any, Any, Any, Any]
"""Training rows, held-out rows, and their targets, as scikit-learn splits them."""


def _data() -> _Data:
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split

    rows, targets = load_diabetes(return_X_y=True)
    train, held_out, train_targets, held_out_targets = train_test_split(rows, targets, test_size=0.2, random_state=0)
    return train, held_out, train_targets, held_out_targets


def _learn(alpha: float, data: _Data) -> Iterator[_Fit]:
    """Fits on growing numbers of training rows, all of them at last."""
    from sklearn.linear_model import Ridge
    from sklearn.metrics import mean_squared_error

    train, held_out, train_targets, measured = data
    for part in range(1, _PARTS + 1):
        rows = len(train) * part // _PARTS
        model = Ridge(alpha=alpha).fit(train[:rows], train_targets[:rows])
        predicted = model.predict(held_out)
        yield _Fit(rows, measured, predicted, float(mean_squared_error(measured, predicted)))


def _figure(fit: _Fit) -> Figure:
    """Predictions beside what was measured."""
    from matplotlib.figure import Figure  # pyplot would choose a window system

    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.scatter(fit.measured, fit.predicted, s=12)
    axes.axline((150, 150), slope=1, color="gray", linewidth=1)
    axes.set(xlabel="measured", ylabel="predicted", xlim=(0, 350), ylim=(0, 350), aspect="equal")
    return figure


def _serve(uri: str, port: int | None) -> int:
    flags = ["--aml_experiment", EXPERIMENT, "--aml_tracking_uri", uri]
    if port is not None:
        flags += ["--port", str(port)]
    _say("tensorboard " + " ".join(flags))
    process = subprocess.Popen([sys.executable, "-m", "tensorboard.main", *flags])  # noqa: S603 - our own words
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal sent it to TensorBoard too; where a program sent it, to us alone.
            process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
