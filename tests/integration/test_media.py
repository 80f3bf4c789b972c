"""One of everything, logged by MLflow's client, shown by the real command through TensorBoard's own plugins."""

from __future__ import annotations

import io
import json
import re
import urllib.error
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from tests.support import rich_run
from tests.support.mlflow_server import mlflow_server
from tests.support.rich_run import RUN, STEPS, log_file, write_rich_run
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

IMAGES = {
    "confusion.json": 0,
    "old/key": 7,
    "plots/figure.png": 0,
    "plots/huge.png": 0,
    "plots/roc.bmp": 0,
    "plots/roc.gif": 0,
    "plots/roc.jpeg": 0,
    "plots/roc.webp": 0,
    "predictions.json": 0,
    "residuals": 0,
    "val/sample": STEPS[-1],
}
TEXTS = {
    "config.json",
    "config.yaml",
    "notes/log.txt",
    "notes/readme.md",
    "run/description",
    "run/params and tags",
    "tables/data.parquet",
    "tables/eval.json",
    "tables/metrics.csv",
}
HISTOGRAMS = {
    "predictions.json",
    "residuals",
    "weights/all.npz/conv1",
    "weights/all.npz/conv2",
    "weights/dense.npy",
    "weights/list.json",
}
SCALARS = {
    "loss",
    "system/cpu_utilization_percentage",
    "tables/data.parquet/x",
    "tables/eval.json/f1",
    "tables/metrics.csv/precision",
}


@pytest.fixture(scope="module", params=["folder", "server"])
def board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    """TensorBoard on a database with a folder of artifacts, and on a server that keeps them to itself."""
    folder = tmp_path_factory.mktemp(request.param)
    store = f"sqlite:///{folder / 'mlflow.db'}"
    if request.param == "folder":
        write_rich_run(store, (folder / "artifacts").as_uri())
        with _shown(store, folder) as running:
            yield running
    else:
        with mlflow_server(store) as server:
            write_rich_run(server.url)
            with _shown(server.url, folder) as running:
                yield running


def _shown(uri: str, folder: Path):
    return tensorboard("--aml_experiment", rich_run.EXPERIMENT, "--aml_tracking_uri", uri, cwd=folder)


def _tags(board: TensorBoard, plugin: str) -> dict[str, object]:
    found = board.get(f"data/plugin/{plugin}/tags").get(RUN, {})
    return dict.fromkeys(found) if isinstance(found, list) else found


def _wait_for_everything(board: TensorBoard) -> None:
    # "old/key" has a name that MLflow's servers cannot handle, which is why MLflow no longer gives it.
    needed = IMAGES.keys() - {"old/key"}
    assert wait_until(lambda: needed <= _tags(board, "images").keys() <= IMAGES.keys(), 30), _tags(board, "images")


def _text(board: TensorBoard, tag: str) -> str:
    query = urllib.parse.urlencode({"run": RUN, "tag": tag})
    return str(board.get(f"data/plugin/text/text?{query}")[-1]["text"])


def test_each_dashboard_lists_what_was_logged(board: TensorBoard) -> None:
    _wait_for_everything(board)
    assert _tags(board, "text").keys() == TEXTS
    assert _tags(board, "histograms").keys() == HISTOGRAMS
    assert _tags(board, "distributions").keys() == HISTOGRAMS
    assert _tags(board, "pr_curves").keys() == {"accuracy.json/0", "accuracy.json/1"}
    assert _tags(board, "scalars").keys() == SCALARS
    active = {name for name, found in board.get("data/plugins_listing").items() if found["enabled"]}
    assert {"timeseries", "scalars", "images", "text", "histograms", "distributions", "pr_curves", "hparams"} <= active


def test_every_picture_is_one_that_browsers_show(board: TensorBoard) -> None:
    _wait_for_everything(board)
    for tag, step in ((tag, step) for tag, step in IMAGES.items() if tag in _tags(board, "images")):
        query = urllib.parse.urlencode({"run": RUN, "tag": tag, "sample": 0})
        found = board.get(f"data/plugin/images/images?{query}")
        assert found[-1]["step"] == step
        data = board.fetch(f"data/plugin/images/individualImage?{found[-1]['query']}")
        with Image.open(io.BytesIO(data)) as image:
            assert image.format in ("PNG", "JPEG", "GIF", "BMP"), tag
            assert max(image.size) <= 2048
    assert [image["step"] for image in _steps(board, "val/sample")] == list(STEPS)


def test_time_series_shows_the_picture_of_each_step(board: TensorBoard) -> None:
    _wait_for_everything(board)
    form = urllib.parse.urlencode(
        {"requests": json.dumps([{"plugin": "images", "tag": "val/sample", "run": RUN, "sample": 0}])}
    )
    path = "experiment/defaultExperimentId/data/plugin/timeseries/"
    (answer,) = json.loads(board.fetch(path + "timeSeries", form.encode()))
    steps = answer["runToSeries"][RUN]
    assert [step["step"] for step in steps] == list(STEPS)
    data = board.fetch(f"{path}imageData?imageId={steps[1]['imageId']}")
    assert data == rich_run.encoded(rich_run.picture(STEPS[1]), "PNG")


def test_texts_are_shown_and_nothing_in_them_runs(board: TensorBoard) -> None:
    _wait_for_everything(board)
    for tag in TEXTS:
        assert not re.search(
            r"<(script|img|iframe|svg)|<[^>]*\son\w+=|href=.?javascript", _text(board, tag), re.IGNORECASE
        )
    assert "<strong>bold</strong>" in _text(board, "notes/readme.md")
    assert "plain *text*" in _text(board, "notes/log.txt")
    assert "<em>small</em>" in _text(board, "run/description")
    assert "*not bold*" in _text(board, "run/params and tags")
    assert "&lt;b&gt;b&lt;/b&gt;" in _text(board, "tables/eval.json")


def test_columns_of_numbers_are_curves(board: TensorBoard) -> None:
    _wait_for_everything(board)
    points = board.card("tables/eval.json/f1")[RUN]
    assert [(point["step"], point["value"]) for point in points] == [(1, 0.1), (2, 0.5), (3, 0.75)]


def test_histograms_distributions_and_pr_curves_are_drawn_from_what_was_logged(board: TensorBoard) -> None:
    _wait_for_everything(board)
    query = urllib.parse.urlencode({"run": RUN, "tag": "residuals"})
    ((_, _, buckets),) = board.get(f"data/plugin/histograms/histograms?{query}")
    assert buckets == [[-100, -50, 5], [-50, 0, 30], [0, 50, 25.5], [50, 100, 3]]
    assert board.get(f"data/plugin/distributions/distributions?{query}")
    curve = urllib.parse.urlencode({"run": RUN, "tag": "accuracy.json/0"})
    (entry,) = board.get(f"data/plugin/pr_curves/pr_curves?{curve}")[RUN]
    assert entry["true_positives"] == [82, 75, 66, 46]  # up to where anything is predicted
    assert entry["thresholds"] == [0, 0.25, 0.5, 0.75]


def test_a_forged_address_of_a_picture_reads_nothing(board: TensorBoard) -> None:
    from tb_aml_plugin.media import InFile
    from tb_aml_plugin.media.blob_key import BlobKey
    from tb_aml_plugin.model import RunId

    for run_id, path in (("0" * 32, "x.png"), ("..", "../../etc/passwd")):
        key = BlobKey(RunId(run_id), InFile(path, "image")).encode()
        with pytest.raises(urllib.error.HTTPError) as raised:
            board.fetch(f"data/plugin/timeseries/imageData?imageId=1.{key}")
        assert raised.value.code in (400, 404)


def test_files_of_a_run_that_goes_on_come_and_go(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment(rich_run.EXPERIMENT, (tmp_path / "artifacts").as_uri())
    run = client.create_run(experiment, run_name="rich")
    client.log_image(run.info.run_id, rich_run.picture(0), key="live", step=0)
    with tensorboard(
        "--aml_experiment", rich_run.EXPERIMENT, "--aml_tracking_uri", uri, "--reload_interval", "1", cwd=tmp_path
    ) as board:
        assert wait_until(lambda: [i["step"] for i in _steps(board, "live")] == [0], 30)
        client.log_image(run.info.run_id, rich_run.picture(1), key="live", step=1)
        log_file(client, run.info.run_id, "new.txt", b"new")
        assert wait_until(lambda: [i["step"] for i in _steps(board, "live")] == [0, 1], 30)
        assert wait_until(lambda: "new.txt" in _tags(board, "text"), 30)
        (tmp_path / "artifacts" / run.info.run_id / "artifacts" / "new.txt").unlink()
        assert wait_until(lambda: "new.txt" not in _tags(board, "text"), 30)


def _steps(board: TensorBoard, tag: str) -> list[dict[str, object]]:
    if tag not in _tags(board, "images"):
        return []
    query = urllib.parse.urlencode({"run": RUN, "tag": tag, "sample": 0})
    return list(board.get(f"data/plugin/images/images?{query}"))
