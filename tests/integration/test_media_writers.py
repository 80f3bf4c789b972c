"""What MLflow's own calls log, evaluation and models among them, in the dashboards that a user looks for it in."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from PIL import Image

from tests.support import real_writers
from tests.support.mlflow_server import mlflow_server
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

CLASSIFIER, REGRESSOR, FIGURES = (
    f"{real_writers.EXPERIMENT}/{name}" for name in ("classifier", "regressor", "figures")
)
PLOTS = ("calibration_curve_plot", "confusion_matrix", "precision_recall_curve_plot", "roc_curve_plot")


@pytest.fixture(scope="module", params=["sqlite", "files", "server"])
def board(request: pytest.FixtureRequest, written: dict[str, str], tmp_path_factory: pytest.TempPathFactory):
    """TensorBoard on what was written: on a database, on the folder of a file store, and on a server of the former."""
    folder = tmp_path_factory.mktemp("board")
    if request.param == "server":
        with mlflow_server(written["sqlite"]) as server, _shown(server.url, folder) as running:
            yield running
    else:
        with _shown(written[request.param], folder) as running:
            yield running


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same script's runs in a database and in a file store: the URI of each."""
    folder = tmp_path_factory.mktemp("writers")
    uris = {"sqlite": f"sqlite:///{folder / 'mlflow.db'}", "files": (folder / "mlruns").as_uri()}
    script = [sys.executable, "-m", real_writers.__name__, *uris.values()]
    root = Path(real_writers.__file__).parents[2]
    environ = {
        "PYTHONPATH": str(root),
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MPLBACKEND": "Agg",
    }
    ended = subprocess.run(
        script, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return uris


def _shown(uri: str, folder: Path):
    flags = ("--aml_experiment", real_writers.EXPERIMENT, "--aml_tracking_uri", uri, "--aml_step", "logged")
    return tensorboard(*flags, cwd=folder)


def _tags(board: TensorBoard, plugin: str, run: str) -> set[str]:
    return set(board.get(f"data/plugin/{plugin}/tags").get(run, ()))


def _text(board: TensorBoard, run: str, tag: str) -> str:
    query = urllib.parse.urlencode({"run": run, "tag": tag})
    return str(board.get(f"data/plugin/text/text?{query}")[-1]["text"])


def _rows(table: str) -> set[tuple[str, ...]]:
    """The texts of the cells of an HTML table, row by row."""
    rows = (row.split("</td>") for row in table.split("</tr>"))
    return {tuple(re.sub("<[^>]*>", "", cell).strip() for cell in row[:-1]) for row in rows}


def _is_listed(board: TensorBoard, run: str, plugin: str, *tags: str) -> bool:
    return wait_until(lambda: set(tags) <= _tags(board, plugin, run), 30)


def test_the_plots_of_an_evaluation_are_pictures(board: TensorBoard) -> None:
    assert _is_listed(board, CLASSIFIER, "images", *(f"{plot}.png" for plot in PLOTS))
    for plot in PLOTS:
        (step,) = _steps(board, CLASSIFIER, f"{plot}.png")
        with Image.open(io.BytesIO(board.fetch(f"data/plugin/images/individualImage?{step['query']}"))) as picture:
            assert picture.width > 300


def test_the_tables_of_an_evaluation_are_texts_and_curves(board: TensorBoard) -> None:
    assert _is_listed(board, CLASSIFIER, "text", "per_class_metrics.csv", "eval_results_table.json")
    shown = _text(board, CLASSIFIER, "per_class_metrics.csv")
    assert "positive_class" in shown.replace("\\", "")
    assert shown.count("<tr>") == 4
    assert _is_listed(board, REGRESSOR, "text", "eval_results_table.json")
    assert "The first 100 of 200 rows" in _text(board, REGRESSOR, "eval_results_table.json")
    assert {"per_class_metrics.csv/f1_score", "eval_results_table.json/distance/score"} <= _tags(
        board, "scalars", CLASSIFIER
    )


def test_the_metrics_of_an_evaluation_are_scalars(board: TensorBoard) -> None:
    assert _is_listed(board, CLASSIFIER, "scalars", "accuracy_score", "f1_score", "log_loss", "distance/mean")
    assert _is_listed(board, REGRESSOR, "scalars", "r2_score", "mean_squared_error", "max_error")


def test_a_model_is_summed_up_as_a_text(board: TensorBoard) -> None:
    assert _is_listed(board, CLASSIFIER, "text", "models/clf")
    shown = _text(board, CLASSIFIER, "models/clf").replace("\\", "")
    assert "READY" in shown
    assert "sklearn" in shown
    assert "x0: double, x1: double" in shown
    assert {("param: solver", "lbfgs"), ("metric: val_loss", "0.125")} <= _rows(shown)
    assert _is_listed(board, REGRESSOR, "text", "models/reg")


def test_a_metric_of_a_model_is_one_of_its_run(board: TensorBoard) -> None:
    query = urllib.parse.urlencode({"run": CLASSIFIER, "tag": "val_loss"})
    assert [point[1:] for point in board.get(f"data/plugin/scalars/scalars?{query}")] == [[1, 0.25], [2, 0.125]]


def test_a_description_params_and_tags_are_texts(board: TensorBoard) -> None:
    assert "<em>classifier</em>" in _text(board, CLASSIFIER, "run/description")
    facts = _rows(_text(board, CLASSIFIER, "run/params and tags"))
    assert {("param", "C", "0.5"), ("tag", "team", "vision")} <= facts


def test_figures_and_pictures_are_pictures(board: TensorBoard) -> None:
    assert _is_listed(board, FIGURES, "images", "plots/curve.png", "samples", "one.png")
    assert _tags(board, "images", FIGURES) == {"plots/curve.png", "samples", "one.png"}
    assert [step["step"] for step in _steps(board, FIGURES, "samples")] == [0, 1, 2]


def test_a_table_logged_twice_is_one_with_the_rows_of_both(board: TensorBoard) -> None:
    assert _is_listed(board, FIGURES, "text", "eval.json", "notes.md", "config.yaml")
    assert _text(board, FIGURES, "eval.json").count("<tr>") == 3
    query = urllib.parse.urlencode({"run": FIGURES, "tag": "eval.json/f1"})
    assert [point[1:] for point in board.get(f"data/plugin/scalars/scalars?{query}")] == [[0, 0.5], [1, 0.75]]


def test_what_the_machine_did_is_a_group_of_its_own(board: TensorBoard) -> None:
    assert _is_listed(board, FIGURES, "scalars", "system/cpu_utilization_percentage", "system/disk_usage_megabytes")


def _steps(board: TensorBoard, run: str, tag: str) -> list[dict[str, str]]:
    query = urllib.parse.urlencode({"run": run, "tag": tag, "sample": 0})
    return list(board.get(f"data/plugin/images/images?{query}"))
