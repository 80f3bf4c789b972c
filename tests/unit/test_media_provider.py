"""What runs hold besides metrics, as TensorBoard's own code reads it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from tensorboard import errors
from tensorboard.data import provider as tb

from tb_aml_plugin.errors import AccessDenied, SourceUnavailable
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.media.lister import Lister
from tb_aml_plugin.media.provider import MediaDataProvider
from tb_aml_plugin.media.reader import MediaReader
from tb_aml_plugin.visibility import Visibility
from tests.contracts.kind_samples import SAMPLES
from tests.support import rich_run
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_artifacts import ArtifactSource
from tests.support.waiting import wait_until

PICTURE = "images/a~b+step+{}+timestamp+{}+u.png"
CONTENTS = {sample.kind: sample.content for sample in SAMPLES}
NAME = "e/r"


class Shown:
    """A run "e/r" and a run "e/other" with artifacts, behind a provider."""

    def __init__(self) -> None:
        self.built = BoardBuilder()
        self.source = self.built.source = ArtifactSource()
        self.built.experiment("e").run("r", end=EPOCH_S + 5).run("other", end=EPOCH_S + 5)
        self.index = MediaIndex()
        self.reader = MediaReader(self.source, not_shown=self.index.note, gone=self.index.drop)
        self.visibility = Visibility()
        self.provider: MediaDataProvider

    def put(self, files: Mapping[str, bytes], run: str = "r") -> None:
        for path, content in files.items():
            self.source.put_file(id_of(run), path, content)

    def show(self) -> MediaDataProvider:
        board = self.built.board()
        lister = Lister(self.source, self.index, threads=1)
        lister.follow(board.snapshot)
        lister.start()
        assert wait_until(lambda: lister.progress()[0] == lister.progress()[1], 10)
        lister.stop()
        return MediaDataProvider(board, self.visibility, self.index, self.reader)


@pytest.fixture
def shown() -> Iterator[Shown]:
    shown = Shown()
    with contextlib.closing(shown.source):
        yield shown


def _only(tag: str, run: str = NAME) -> tb.RunTagFilter:
    return tb.RunTagFilter(runs=[run], tags=[tag])


def test_only_dashboards_that_have_something_are_active(shown: Shown) -> None:
    assert shown.show().list_plugins(experiment_id="") == []
    shown.put({"x.png": b"", "weights.npy": CONTENTS["npy"]})
    assert shown.show().list_plugins(experiment_id="") == ["histograms", "images"]
    assert shown.show().list_runs(experiment_id="") == []


def test_pictures_are_listed_with_their_steps_and_read_one_by_one(shown: Shown) -> None:
    pictures = {step: rich_run.encoded(rich_run.picture(step), "PNG") for step in (0, 5, 10)}
    shown.put({PICTURE.format(step, 1000 * step): data for step, data in pictures.items()})
    provider = shown.show()
    listed = provider.list_blob_sequences(experiment_id="", plugin_name="images")
    assert listed.keys() == {NAME}
    assert (listed[NAME]["a/b"].max_step, listed[NAME]["a/b"].max_length) == (10, 3)
    data = provider.read_blob_sequences(experiment_id="", plugin_name="images", run_tag_filter=_only("a/b"))[NAME][
        "a/b"
    ]
    assert [(datum.step, datum.wall_time, len(datum.values)) for datum in data] == [(0, 0, 3), (5, 5, 3), (10, 10, 3)]
    assert shown.source.requests.read == []
    assert provider.read_blob(blob_key=data[1].values[2].blob_key) == pictures[5]
    assert [path for path, _ in shown.source.requests.read] == [PICTURE.format(5, 5000)]


def test_of_many_steps_some_are_shown_the_last_among_them(shown: Shown) -> None:
    shown.put({PICTURE.format(step, step): b"" for step in range(100)})
    provider = shown.show()
    for downsample, steps in ((10, 10), (1, 1), (0, 100), (None, 100)):
        found = provider.read_blob_sequences(experiment_id="", plugin_name="images", downsample=downsample)
        data = found[NAME]["a/b"]
        assert (len(data), data[-1].step) == (steps, 99)


def test_in_place_of_a_picture_that_cannot_be_shown_stands_why(shown: Shown) -> None:
    shown.put({"x.png": b"no picture", "gone.png": b"x", "down.png": b"x"})
    provider = shown.show()
    shown.source.broken["down.png"] = SourceUnavailable("Down.")
    found = provider.read_blob_sequences(experiment_id="", plugin_name="images")[NAME]
    shown.source.remove_file(id_of("r"), "gone.png")
    for tag in ("x.png", "gone.png", "down.png"):
        assert provider.read_blob(blob_key=found[tag][0].values[2].blob_key).startswith(b"\x89PNG")
    run = shown.source.run(id_of("r"))
    assert [problem.what for problem in shown.index.of(run).not_shown] == ["x.png"]
    assert "gone.png" not in provider.list_blob_sequences(experiment_id="", plugin_name="images")[NAME]


@pytest.mark.parametrize("key", ["", "x", "W10", "../../etc/passwd"])
def test_what_is_no_key_is_an_error_of_the_one_who_asks(shown: Shown, key: str) -> None:
    with pytest.raises(errors.InvalidArgumentError):
        shown.show().read_blob(blob_key=key)


def test_pictures_of_runs_that_are_hidden_are_not_read(shown: Shown) -> None:
    shown.put({"x.png": b"x"})
    provider = shown.show()
    data = provider.read_blob_sequences(experiment_id="", plugin_name="images")[NAME]["x.png"]
    shown.visibility.hide([id_of("r")])
    assert provider.list_blob_sequences(experiment_id="", plugin_name="images") == {}
    with pytest.raises(errors.NotFoundError):
        provider.read_blob(blob_key=data[0].values[2].blob_key)


def test_texts_and_tables(shown: Shown) -> None:
    shown.put({"x.md": b"# hi", "x.txt": b"*plain*", "x.csv": b"a,b\n1,x\n2,y\n"})
    provider = shown.show()
    found = provider.read_tensors(experiment_id="", plugin_name="text")[NAME]
    assert {tag: data[0].numpy.tolist() for tag, data in found.items()} == {
        "x.md": "# hi",
        "x.txt": "```\n*plain*\n```",
        "x.csv": [["**a**", "**b**"], ["1", "x"], ["2", "y"]],
    }
    curve = provider.read_scalars(experiment_id="", plugin_name="scalars", run_tag_filter=_only("x.csv/a"))
    assert [(datum.step, datum.value) for datum in curve[NAME]["x.csv/a"]] == [(0, 1.0), (1, 2.0)]
    assert provider.read_last_scalars(experiment_id="", plugin_name="scalars") == {}


def test_histograms_and_pr_curves_are_as_their_dashboards_take_them(shown: Shown) -> None:
    shown.put({"w.npy": CONTENTS["npy"], "acc.json": CONTENTS["accuracy_table"]})
    provider = shown.show()
    histogram = provider.read_tensors(experiment_id="", plugin_name="histograms")[NAME]["w.npy"][0].numpy
    assert (histogram.dtype, histogram.shape, histogram[:, 2].sum()) == (np.float64, (30, 3), 61)
    curve = provider.read_tensors(experiment_id="", plugin_name="pr_curves")[NAME]["acc.json/0"][0].numpy
    assert curve.shape == (6, 5)
    assert curve[:4, 1].tolist() == [75, 31, 87, 7]
    assert curve[4, 1] == pytest.approx(75 / 106)
    assert curve[5, 1] == pytest.approx(75 / 82)


def test_in_place_of_tensors_that_cannot_be_read_stands_something_their_dashboards_bear(shown: Shown) -> None:
    shown.put({"x.txt": b"x", "w.npy": CONTENTS["npy"], "acc.json": CONTENTS["accuracy_table"]})
    provider = shown.show()
    shown.source.refusal = AccessDenied("No key. Set <KEY>.")
    text = provider.read_tensors(experiment_id="", plugin_name="text")[NAME]["x.txt"][0].numpy
    assert text.item() == r"*Not shown: No key\. Set &lt;KEY&gt;\.*"
    assert provider.read_tensors(experiment_id="", plugin_name="histograms")[NAME]["w.npy"][0].numpy.shape == (0, 3)
    assert provider.read_tensors(experiment_id="", plugin_name="pr_curves")[NAME]["acc.json/0"][0].numpy.shape == (6, 2)


def test_filters_leave_no_run_without_a_tag(shown: Shown) -> None:
    shown.put({"x.png": b"x"})
    shown.put({"y.png": b"y"}, "other")
    provider = shown.show()
    everything = provider.list_blob_sequences(experiment_id="", plugin_name="images")
    assert {run: set(by_tag) for run, by_tag in everything.items()} == {NAME: {"x.png"}, "e/other": {"y.png"}}
    filtered = provider.list_blob_sequences(
        experiment_id="", plugin_name="images", run_tag_filter=tb.RunTagFilter(tags=["y.png"])
    )
    assert filtered.keys() == {"e/other"}
    for read in (provider.read_blob_sequences, provider.read_tensors, provider.read_scalars):
        nothing = tb.RunTagFilter(runs=[], tags=[])
        assert read(experiment_id="", plugin_name="images", run_tag_filter=nothing) == {}


@pytest.mark.parametrize("plugin", ["audio", "mesh", "hparams", "", "image"])
def test_other_plugins_have_nothing(shown: Shown, plugin: str) -> None:
    shown.put({"x.png": b"x", "x.txt": b"x"})
    provider = shown.show()
    assert provider.list_blob_sequences(experiment_id="", plugin_name=plugin) == {}
    assert provider.list_tensors(experiment_id="", plugin_name=plugin) == {}
    assert provider.read_tensors(experiment_id="", plugin_name=plugin) == {}
    assert provider.list_scalars(experiment_id="", plugin_name=plugin) == {}


def test_experiments_are_known_by_name_and_others_have_nothing(shown: Shown) -> None:
    shown.put({"x.png": b"x"})
    provider = shown.show()
    assert provider.knows("e")
    assert not provider.knows("f")
    assert provider.list_blob_sequences(experiment_id="e", plugin_name="images").keys() == {NAME}
    assert provider.list_blob_sequences(experiment_id="f", plugin_name="images") == {}
    assert provider.experiment_metadata(experiment_id="").experiment_name == ""
