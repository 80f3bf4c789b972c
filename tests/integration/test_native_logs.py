"""A run's own TensorBoard logs among its artifacts, shown by a real ``tensorboard`` beside what MLflow holds of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from tests.support.event_files import write_image, write_scalar, write_session
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

START_MS = 1_700_000_000_000
RUN = "own/train"


class Store:
    """A run that logged metrics and event files, and one that is not shown."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
        self.run = self._run("own", "train")
        self.other = self._run("other", "hidden")
        self.client.log_metric(self.run, "loss", 0.125, timestamp=START_MS, step=7)
        write_scalar(self.logs() / "train", "loss", [1.0, 0.5])
        write_scalar(self.logs() / "train", "epoch_loss", [3.0, 2.0])
        write_image(self.logs() / "train", "picture")
        write_scalar(self.logs() / "validation", "epoch_loss", [4.0])
        profile = self.logs() / "plugins" / "profile" / "1"
        profile.mkdir(parents=True)
        (profile / "host.xplane.pb").write_bytes(b"profile")
        (self.logs() / "host_1.1700000000000.pt.trace.json").write_bytes(b"{}")
        write_scalar(self.logs(self.other), "never", [1.0])
        write_scalar(self.logs() / "broken", "sound", [1.0, 2.0, 3.0])
        (broken,) = (self.logs() / "broken").iterdir()
        content = bytearray(broken.read_bytes())
        content[-20] ^= 1  # in the last point
        broken.write_bytes(content)

    def logs(self, run: str = "") -> Path:
        """The folder of a run's event files, where its artifacts are."""
        uri = self.client.get_run(run or self.run).info.artifact_uri
        return Path(uri.removeprefix("file://")) / "tb"

    def _run(self, experiment: str, name: str) -> str:
        artifacts = (self.folder / "artifacts" / experiment).as_uri()
        experiment_id = self.client.create_experiment(experiment, artifact_location=artifacts)
        return str(self.client.create_run(experiment_id, run_name=name).info.run_id)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def board(store: Store, cache: Path) -> Iterator[TensorBoard]:
    flags = ("--aml_experiment", "own", "--reload_interval", "1")
    with tensorboard(*flags, cwd=store.folder, environ={"XDG_CACHE_HOME": str(cache)}) as running:
        assert wait_until(lambda: f"{RUN}/validation" in running.scalar_tags(), 60)
        yield running


def test_its_event_files_are_sub_runs_of_its_name(board: TensorBoard) -> None:
    tags = board.scalar_tags()
    assert tags[RUN] == ["loss"]
    assert tags[f"{RUN}/train"] == ["epoch_loss", "loss"]
    assert tags[f"{RUN}/validation"] == ["epoch_loss"]
    assert {run for run in board.runs() if not run.startswith(RUN)} == set()


def test_curves_and_pictures_come_from_the_files(board: TensorBoard) -> None:
    assert [point["value"] for point in board.card("epoch_loss")[f"{RUN}/train"]] == [3.0, 2.0]
    assert [point["value"] for point in board.card("loss")[RUN]] == [0.125]
    images = board.get("data/plugin/timeseries/tags")["images"]
    assert images["tagRunSampledInfo"]["picture"].keys() == {f"{RUN}/train"}


def test_plugins_that_read_files_find_them_below_the_runs_name(board: TensorBoard, cache: Path) -> None:
    logdir = Path(board.get("data/environment")["debug"]["flags"]["logdir"])
    assert logdir.is_relative_to(cache)
    assert (logdir / RUN / "plugins/profile/1/host.xplane.pb").read_bytes() == b"profile"
    assert (logdir / RUN / "host_1.1700000000000.pt.trace.json").read_bytes() == b"{}"


def test_nothing_of_a_run_that_was_not_chosen_is_copied(board: TensorBoard, store: Store, cache: Path) -> None:
    assert not [path for path in cache.rglob("*") if store.other in str(path)]


def test_a_damaged_file_is_shown_up_to_the_damage_and_the_tab_says_so(board: TensorBoard, store: Store) -> None:
    assert [point["value"] for point in board.card("sound")[f"{RUN}/broken"]] == [1.0, 2.0]

    def reasons() -> list[str]:
        held = board.get("data/plugin/azureml/api/media", run=store.run)
        return [problem["reason"] for problem in held["problems"] if "/broken/" in problem["path"]]

    assert wait_until(lambda: "is damaged. What comes before is shown." in "".join(reasons()), 60), reasons()


def test_what_is_appended_appears(board: TensorBoard, store: Store) -> None:
    write_scalar(store.logs() / "validation", "late", [1.0, 2.0])
    assert wait_until(lambda: "late" in board.scalar_tags()[f"{RUN}/validation"], 60)


def test_the_same_tag_is_shown_once_and_the_logged_metric_wins(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for found in list(store.logs().iterdir()):
        found.rename(tmp_path / found.name)
    write_scalar(store.logs(), "loss", [1.0, 0.5])
    write_scalar(store.logs(), "only in the file", [1.0])
    write_session(store.logs(), {"from_file": 0.5})
    store.client.log_param(store.run, "logged", 1)
    flags = ("--aml_experiment", "own", "--reload_interval", "1")
    with tensorboard(*flags, cwd=tmp_path, environ={"XDG_CACHE_HOME": str(tmp_path / "cache")}) as board:
        assert wait_until(lambda: "only in the file" in board.scalar_tags()[RUN], 60)
        assert board.runs() == [RUN]
        assert [point["value"] for point in board.card("loss")[RUN]] == [0.125]
        assert board.sessions()[0]["hparams"] == {"logged": 1.0}


@pytest.mark.parametrize(
    ("flags", "said"), [(("--aml_native_logs", "off"), ""), ((), "cannot be used for native logs")]
)
def test_without_a_cache_everything_else_is_shown(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    store = Store(tmp_path)
    (tmp_path / "file").write_text("")
    environ = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    with tensorboard("--aml_experiment", "own", *flags, cwd=store.folder, environ=environ) as board:
        assert board.runs() == [RUN]
        assert said in board.output
        assert "Traceback" not in board.output
