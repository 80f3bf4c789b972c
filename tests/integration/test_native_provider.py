"""Event files of runs, read by TensorBoard's real data server, under the runs' names."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tensorboard import default, errors, program
from tensorboard.data import provider as tb
from tensorboard.data import server_ingester

from tb_aml_plugin import ingester
from tb_aml_plugin.model import RunId
from tb_aml_plugin.native.cache_folder import CacheFolder
from tb_aml_plugin.native.mirror import Mirror
from tb_aml_plugin.native.provider import NativeLogsProvider
from tb_aml_plugin.visibility import Visibility
from tests.support.board_builder import BoardBuilder, id_of
from tests.support.event_files import write_image, write_scalar
from tests.support.fake_store import FakeArtifacts
from tests.support.waiting import wait_until

PLACE = {"ctx": None, "experiment_id": ""}


class Native:
    """Two runs, ``ridge/train`` and ``lasso/train``, each with event files of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        built = BoardBuilder().experiment("ridge").run("train").experiment("lasso").run("test")
        self.board = built.board()
        self.visibility = Visibility()
        self.cache = CacheFolder(folder / "cache", "memory", 2**26)
        self.mirror = Mirror(self.cache)
        own = program.TensorBoard(plugins=default.get_plugins())
        own.configure(argv=("", "--logdir", "unused", *(flags or ("--reload_interval", "1"))))
        self.provider = NativeLogsProvider(
            self.mirror,
            lambda: self.visibility.of(self.board.snapshot),
            functools.partial(ingester.read_event_files, own.flags),
        )
        self._folder = folder / "written"

    def log(self, run: str, sub_folder: str, tag: str, values: list[float]) -> None:
        write_scalar(self._folder / run / sub_folder, tag, values)
        self.update(run)

    def update(self, run: str) -> None:
        below = self._folder / run
        files = {path.relative_to(below).as_posix(): path.read_bytes() for path in below.rglob("*") if path.is_file()}
        store = FakeArtifacts(files)
        self.mirror.update(id_of(run), "unused", store, store.all())

    def close(self) -> None:
        """Ends the data server, as the end of this process would."""
        assert isinstance(self.provider._reader, server_ingester.SubprocessServerDataIngester)
        alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
        (server,) = [child for child in alive if f"--logdir={self.cache.events}" in child.cmdline()]
        self.provider._reader._stdin_handle.close()
        server.wait(10)
        self.cache.close()

    def scalars(self, experiment_id: str = "") -> dict[str, dict[str, tb.ScalarTimeSeries]]:
        return self.provider.list_scalars(None, experiment_id=experiment_id, plugin_name="scalars")


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    native = Native(tmp_path_factory.mktemp("native"))
    assert native.provider.list_plugins(**PLACE) == []
    assert native.provider._reader is None  # nothing to read: no process
    native.log("train", "tb/train", "loss", [3.0, 2.0])
    native.log("train", "tb/validation", "loss", [4.0])
    native.log("test", "logs", "accuracy", [0.5])
    assert wait_until(lambda: len(native.scalars()) == 3)
    yield native
    native.close()


def test_each_folder_is_a_sub_run_of_the_runs_own_name(native: Native) -> None:
    assert set(native.scalars()) == {"ridge/train/train", "ridge/train/validation", "lasso/test"}
    assert {run.run_name for run in native.provider.list_runs(**PLACE)} == set(native.scalars())
    assert "scalars" in native.provider.list_plugins(**PLACE)


def test_filters_name_the_runs_as_they_are_shown(native: Native) -> None:
    wanted = tb.RunTagFilter(runs=["ridge/train/train", "nobody"], tags=["loss"])
    found = native.provider.read_scalars(**PLACE, plugin_name="scalars", downsample=100, run_tag_filter=wanted)
    assert {run: [datum.value for datum in tags["loss"]] for run, tags in found.items()} == {
        "ridge/train/train": [3.0, 2.0]
    }
    none = tb.RunTagFilter(runs=[], tags=None)
    assert native.provider.list_scalars(**PLACE, plugin_name="scalars", run_tag_filter=none) == {}


def test_an_experiment_is_reached_by_its_name(native: Native) -> None:
    assert set(native.scalars("lasso")) == {"lasso/test"}
    assert native.scalars("nowhere") == {}


def test_a_hidden_run_is_hidden_here_too(native: Native) -> None:
    native.visibility.hide([id_of("test")])
    assert set(native.scalars()) == {"ridge/train/train", "ridge/train/validation"}
    native.visibility.everything()
    assert "lasso/test" in native.scalars()


def test_pictures_are_read_by_their_keys(native: Native) -> None:
    write_image(native._folder / "train" / "tb/train", "picture")
    native.update("train")
    found: dict[str, dict[str, list[tb.BlobSequenceDatum]]] = {}

    def read() -> bool:
        found.update(native.provider.read_blob_sequences(**PLACE, plugin_name="images", downsample=10))
        return bool(found)

    assert wait_until(read)
    ((datum,),) = found["ridge/train/train"].values()
    assert native.provider.read_blob(None, blob_key=datum.values[2].blob_key).startswith(b"\x89PNG")


def test_points_that_are_logged_later_appear(native: Native) -> None:
    native.log("test", "logs", "accuracy", [0.5, 0.75, 0.875])
    assert wait_until(lambda: native.scalars()["lasso/test"]["accuracy"].max_step == 2)


def test_what_is_copied_later_appears_although_the_place_is_asked_once(tmp_path: Path) -> None:
    native = Native(tmp_path, "--reload_interval", "0")
    native.log("test", "logs", "accuracy", [0.5])
    assert wait_until(lambda: len(native.scalars()) == 1)
    native.log("train", "logs", "loss", [0.5])
    assert wait_until(lambda: len(native.scalars()) == 2)
    native.close()


def test_a_run_that_is_gone_takes_its_logs_along(native: Native) -> None:
    native.mirror.forget({id_of("test")})
    assert "lasso/test" not in native.scalars()
    native.update("test")
    assert wait_until(lambda: "lasso/test" in native.scalars())


def test_a_blob_without_a_reader_is_not_found(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path, "memory", 2**20)
    provider = NativeLogsProvider(Mirror(cache), BoardBuilder().snapshot, lambda logdir: None)  # type: ignore[arg-type]
    with pytest.raises(errors.NotFoundError):
        provider.read_blob(None, blob_key="x")
    cache.close()


def test_the_mirror_knows_the_run_by_its_id(native: Native) -> None:
    assert {part.run_id for part in native.mirror.shown.values()} <= {RunId(id_of("train")), RunId(id_of("test"))}
