"""What TensorFlow's and PyTorch's writers leave among a run's artifacts: every dashboard of TensorBoard, opened once."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from playwright.sync_api import Page, expect
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboardX import SummaryWriter

from tests.e2e.conftest import SHOTS
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.training import training as going_on
from tests.support.waiting import wait_until

EXPERIMENT, RUN = "native", "native/mnist"
WORDS = 20
PATIENCE_MS = 60_000
SHOWN = {
    "scalars": "tf-scalar-card",
    "images": "tf-image-loader img",
    "audio": "tf-audio-loader audio",
    "text": "tf-text-loader",
    "histograms": "tf-histogram-loader",
    "distributions": "tf-distribution-loader",
    "pr_curves": "tf-pr-curve-card",
    "mesh": "tf-mesh-loader canvas",
    "graphs": "tf-graph-dashboard g.node",
    "custom_scalars": "tf-custom-scalar-multi-line-chart-card",
    "hparams": "vaadin-grid >> text=0.125",
    "timeseries": "scalar-card svg path",
}
"""Dashboard → an element that is there only when something is drawn in it."""


class Training:
    """A run that goes on, with the folder its writer writes to, uploaded as training scripts do."""

    def __init__(self, folder: Path) -> None:
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.logs = folder / "tb"
        self.client = MlflowClient(tracking_uri=self.uri)
        experiment = self.client.create_experiment(EXPERIMENT, (folder / "artifacts").as_uri())
        self.run_id = self.client.create_run(experiment, run_name="mnist").info.run_id
        self._uploaded_bytes = 0
        self.writer = SummaryWriter(str(self.logs), flush_secs=1)

    def upload(self) -> bool:
        """Uploads what has reached the files, which tensorboardX writes on a thread of its own."""
        self.writer.flush()
        size = sum(path.stat().st_size for path in self.logs.rglob("*") if path.is_file())
        if size != self._uploaded_bytes:
            self.client.log_artifacts(self.run_id, str(self.logs), "tb")
            self._uploaded_bytes = size
        return True

    def log_everything(self) -> None:
        chance = np.random.default_rng(0)
        writer = self.writer
        for step in range(5):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_histogram("weights/dense", chance.normal(0, 1 + step, 1000), step)
            writer.add_image("digits", chance.integers(0, 255, (3, 28, 28), dtype=np.uint8), step)
            writer.add_pr_curve("digits/pr", chance.integers(0, 2, 100), chance.random(100), step)
        writer.add_text("about", "# *MNIST*", 0)
        writer.add_mesh("cube", chance.random((1, 30, 3)), global_step=0)
        writer.add_custom_scalars({"all": {"loss": ["Multiline", ["loss"]]}})
        writer.add_hparams({"learning_rate": 0.125}, {"hparam/accuracy": 0.5}, name="trial")
        pictures = chance.random((WORDS, 3, 8, 8)).astype("f4")
        words = [f"word {number}" for number in range(WORDS)]
        writer.add_embedding(chance.random((WORDS, 5)), words, pictures, 0, "words")
        self._log_as_keras_does()

    def _log_as_keras_does(self) -> None:
        """A graph and a sound, by TensorBoard's own writer."""
        graph = GraphDef()
        for name, inputs in (("x", []), ("dense/weights", []), ("dense/MatMul", ["x", "dense/weights"])):
            graph.node.add(name=name, op="Placeholder", input=inputs)
        sound = Summary.Audio(
            sample_rate=8000, num_channels=1, length_frames=800, content_type="audio/wav", encoded_audio_string=_beep()
        )
        writer = EventFileWriter(str(self.logs))
        writer.add_event(Event(wall_time=1_700_000_000.0, graph_def=graph.SerializeToString()))
        writer.add_event(
            Event(wall_time=1_700_000_000.0, step=1, summary=Summary(value=[Summary.Value(tag="beep", audio=sound)]))
        )
        writer.close()


def _beep() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes((np.sin(np.arange(800) / 3) * 20_000).astype("<i2").tobytes())
    return buffer.getvalue()


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Training]:
    training = Training(tmp_path_factory.mktemp("native"))
    training.log_everything()
    training.upload()
    yield training
    training.writer.close()


@pytest.fixture(scope="module")
def board(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    cwd = tmp_path_factory.mktemp("cwd")
    flags = ("--aml_experiment", EXPERIMENT, "--aml_tracking_uri", training.uri, "--reload_interval", "1")
    with tensorboard(*flags, cwd=cwd, environ={"XDG_CACHE_HOME": str(cwd / "cache")}) as running:
        assert wait_until(lambda: training.upload() and set(SHOWN) <= _active(running), 60), (
            set(SHOWN) - _active(running),
            running.output,
        )
        yield running


def _active(board: TensorBoard) -> set[str]:
    return {name for name, found in board.get("data/plugins_listing").items() if found["enabled"]}


def test_every_dashboard_draws_what_the_writers_wrote(board: TensorBoard, page: Page) -> None:
    missing = []
    for dashboard, element in SHOWN.items():
        page.goto("about:blank")
        page.goto(f"{board.url}#{dashboard}")
        try:
            expect(page.locator(element).first).to_be_attached(timeout=PATIENCE_MS)
        except AssertionError:
            missing.append(dashboard)
        page.screenshot(path=SHOTS / f"native_{dashboard}.png")
    assert missing == []


def test_the_projector_finds_embeddings_as_the_writer_laid_them_out(board: TensorBoard, page: Page) -> None:
    assert wait_until(lambda: "projector" in _active(board), 60), board.output
    page.goto(f"{board.url}#projector")
    frame = page.frame_locator("iframe").frame_locator("iframe")
    expect(frame.locator(".numDataPoints")).to_have_text(str(WORDS), timeout=PATIENCE_MS)
    expect(frame.locator(".dim")).to_have_text("5")


def test_a_training_goes_on_while_the_page_watches(board: TensorBoard, training: Training, page: Page) -> None:
    page.goto(f"{board.url}?tagFilter=^loss$#timeseries")
    card = page.locator("scalar-card").filter(has_text="loss")
    expect(card).to_be_visible(timeout=PATIENCE_MS)
    with going_on(training.logs) as log:
        log(99, 100)
        # Uploading writes files anew: for a moment there may be nothing.
        assert wait_until(
            lambda: training.upload() and 99 in [point["step"] for point in board.card("loss").get(RUN, [])], 60
        )
    page.locator("app-header-reload button").click()
    expect(card).to_contain_text("99", timeout=PATIENCE_MS)
