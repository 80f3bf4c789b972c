"""The lister looks at the artifacts of all runs, bounded, in a good order, and keeps the index true."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator

import pytest

from tb_aml_plugin.errors import AccessDenied, SourceUnavailable
from tb_aml_plugin.media import Dashboard, InFile, RunMedia, artifact_listing
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.media.lister import GRACE_S, Lister, _Followed
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources.base import TypedMetric
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_artifacts import ArtifactSource
from tests.support.fake_clock import FakeClock
from tests.support.fake_source import FakeSource
from tests.support.waiting import wait_until

PICTURE = "images/a+step+{}+timestamp+1700000000000+u.png"


class Listed:
    """Runs whose artifacts are listed in the background."""

    def __init__(self, source: ArtifactSource, clock: FakeClock, interval_s: float = 10.0) -> None:
        self.built = BoardBuilder()
        self.built.source = source
        self.built.experiment("e")
        self.source, self.clock, self.index = source, clock, MediaIndex()
        self.looks: list[RunId] = []
        self.lister = Lister(
            source,
            self.index,
            interval_s=interval_s,
            listed=lambda run, media: self.looks.append(run.id),
            now_s=clock,
        )

    def follow(self) -> None:
        """What a poll that has seen a change does."""
        self.lister.follow(self.built.snapshot())

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.follow()  # wakes it, as the next poll would

    def media(self, name: str) -> RunMedia:
        return self.index.of(self.source.run(id_of(name)))

    def tags(self, name: str) -> list[str]:
        return [series.tag for series in self.media(name).series]

    def wait(self, looks: int) -> None:
        assert wait_until(lambda: len(self.looks) >= looks, 10), self.looks


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(EPOCH_S + 1000)


@pytest.fixture
def listed(clock: FakeClock) -> Iterator[Listed]:
    listed = Listed(ArtifactSource(), clock)
    with contextlib.closing(listed.source):
        yield listed
        listed.lister.stop()


def test_what_a_run_logged_becomes_series(listed: Listed) -> None:
    listed.built.run("a")
    for step in (10, 2, 5):
        listed.source.put_file(id_of("a"), PICTURE.format(step), b"x" * step)
    listed.source.put_file(id_of("a"), "notes/log.txt", b"text")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    text, images = sorted(listed.media("a").series, key=lambda series: series.tag, reverse=True)
    assert (text.dashboard, text.tag) == (Dashboard.TEXT, "notes/log.txt")
    assert (images.dashboard, images.tag) == (Dashboard.IMAGES, "a")
    assert [(point.step, point.wall_time_s) for point in images.points] == [(2, EPOCH_S), (5, EPOCH_S), (10, EPOCH_S)]
    assert images.points[0].content == InFile(PICTURE.format(2), "image", "", 2)
    assert [artifact.path for artifact in listed.media("a").files] == sorted(
        [*(PICTURE.format(step) for step in (10, 2, 5)), "notes/log.txt"]
    )
    assert listed.media("a").complete


def test_who_is_next_of_many_is_found_without_asking_all_each_time(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = itertools.count()
    due_s = _Followed.due_s
    monkeypatch.setattr(_Followed, "due_s", lambda self, interval_s: next(asked) and due_s(self, interval_s))
    for number in range(300):
        listed.built.run(f"{number}", end=EPOCH_S)
    listed.lister.start()
    listed.follow()
    listed.wait(300)
    assert next(asked) < 300 * 50


def test_names_that_say_all_are_not_read(listed: Listed) -> None:
    listed.built.run("a")
    for path in ("x.png", "x.txt", "events.out.tfevents.1", "x.npy", "x.pkl"):
        listed.source.put_file(id_of("a"), path, b"1")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert listed.source.requests.read == []


def test_new_files_of_a_run_that_goes_on_appear_and_deleted_ones_go(listed: Listed) -> None:
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "x.png")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    listed.source.put_file(id_of("a"), "y.png")
    listed.source.remove_file(id_of("a"), "x.png")
    listed.pass_time(5)
    assert listed.tags("a") == ["x.png"]
    listed.pass_time(6)
    listed.wait(2)
    assert listed.tags("a") == ["y.png"]


def test_a_file_is_opened_once_until_it_changes(listed: Listed) -> None:
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "x.csv", b"a\n1\n2\n")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    read = len(listed.source.requests.read)
    assert read > 0
    listed.pass_time(11)
    listed.wait(2)
    assert len(listed.source.requests.read) == read
    listed.source.put_file(id_of("a"), "x.csv", b"b\n1\n2\n3\n")
    listed.pass_time(11)
    listed.wait(3)
    assert listed.tags("a") == ["x.csv/b", "x.csv"]


def test_ended_runs_are_looked_at_once_and_once_more_after_their_grace(listed: Listed, clock: FakeClock) -> None:
    listed.built.run("old", end=EPOCH_S + 10).run("new", end=clock() - 1)
    listed.lister.start()
    listed.follow()
    listed.wait(2)
    listed.pass_time(GRACE_S)
    listed.wait(3)
    for _ in range(3):
        listed.pass_time(1000)
    listed.lister.stop()
    assert sorted(listed.looks) == sorted([id_of("old"), id_of("new"), id_of("new")])


def test_a_run_that_ends_is_looked_at_when_it_does(listed: Listed, clock: FakeClock) -> None:
    listed.built.run("a")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    listed.source.put_file(id_of("a"), "last.png")
    listed.source.end(id_of("a"), clock())
    listed.pass_time(11)
    listed.wait(2)
    assert listed.tags("a") == ["last.png"]


def test_runs_that_go_on_come_first_then_those_started_last() -> None:
    source = ArtifactSource()
    listed = Listed(source, FakeClock(EPOCH_S + 1000))
    listed.lister._threads = listed.lister._threads[:1]
    listed.built.run("old", start=1, end=9).run("new", start=5, end=9).run("active", start=2)
    listed.follow()
    listed.lister.start()
    listed.wait(3)
    listed.lister.stop()
    assert listed.looks == [id_of("active"), id_of("new"), id_of("old")]


def test_at_most_eight_requests_are_under_way(listed: Listed) -> None:
    for number in range(40):
        listed.built.run(f"r{number}")
        for file in range(3):
            listed.source.put_file(id_of(f"r{number}"), f"f{file}/x.json", b"{}")
    with listed.source.artifacts_hung():
        listed.lister.start()
        listed.follow()
        assert wait_until(lambda: listed.source.requests.under_way == 8, 10)
        assert listed.media("r0").complete is False  # asked while everything hangs: answered at once
    listed.wait(40)
    assert listed.source.requests.most_at_once == 8
    assert len(listed.source.requests.listed) == 40 * 4


def test_a_store_that_refuses_us_is_a_reason_and_is_tried_again(listed: Listed) -> None:
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "x.png")
    listed.source.refusal = AccessDenied("No key. Set KEY.")
    listed.lister.start()
    listed.follow()
    assert wait_until(lambda: bool(listed.media("a").not_shown), 10)
    (problem,) = listed.media("a").not_shown
    assert problem.what == "artifacts"
    assert problem.reason == "They cannot be read: No key. Set KEY."
    listed.source.refusal = None
    listed.pass_time(61)
    listed.wait(1)
    assert listed.tags("a") == ["x.png"]
    assert listed.media("a").not_shown == ()


def test_a_store_that_is_down_leaves_what_is_known(listed: Listed) -> None:
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "x.png")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    listed.source.refusal = SourceUnavailable("Down.")
    listed.pass_time(11)
    assert wait_until(lambda: bool(listed.media("a").not_shown), 10)
    assert listed.tags("a") == ["x.png"]


def test_a_file_that_cannot_be_opened_now_is_tried_again_and_a_broken_one_is_not(listed: Listed) -> None:
    listed.built.run("a", end=EPOCH_S + 1)
    listed.source.put_file(id_of("a"), "x.csv", b"a\n1\n2\n")
    listed.source.put_file(id_of("a"), "y.csv", b"\0\0\0\0")
    listed.source.broken["x.csv"] = SourceUnavailable("Down.")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert {problem.what for problem in listed.media("a").not_shown} == {"x.csv", "y.csv"}
    listed.source.broken.clear()
    listed.pass_time(61)
    listed.wait(2)
    assert [problem.what for problem in listed.media("a").not_shown] == ["y.csv"]
    assert "x.csv" in listed.tags("a")


def test_a_defect_in_one_run_is_a_reason_and_others_go_on(listed: Listed) -> None:
    listed.built.run("a").run("b")
    listed.source.put_file(id_of("a"), "x.csv", b"a\n1\n2\n")
    listed.source.put_file(id_of("b"), "x.png")
    listed.source.broken["x.csv"] = RuntimeError("a defect")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert wait_until(lambda: bool(listed.media("a").not_shown), 10)
    assert "unexpectedly" in listed.media("a").not_shown[0].reason
    assert listed.tags("b") == ["x.png"]


def test_files_that_no_dashboard_is_for_are_one_line_per_kind(listed: Listed) -> None:
    listed.built.run("a")
    for path in ("a.pkl", "b/c.PKL", "d.bin", "LICENSE", "x.svg"):
        listed.source.put_file(id_of("a"), path, b"1")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert [problem.what for problem in listed.media("a").not_shown] == [
        "x.svg",
        "*.bin (1 file)",
        "*.pkl (2 files)",
        "LICENSE (1 file)",
    ]


def test_a_run_of_too_many_files_is_cut_with_a_reason(listed: Listed) -> None:
    listed.built.run("a").run("b")
    for number in range(artifact_listing.MOST_FILES + 5):
        listed.source.put_file(id_of("a"), f"{number}.png")
    for number in range(artifact_listing.MOST_FOLDERS + 5):
        listed.source.put_file(id_of("b"), f"{number}/x.png")
    listed.lister.start()
    listed.follow()
    listed.wait(2)
    assert len(listed.media("a").files) == artifact_listing.MOST_FILES
    assert len(listed.source.requests.listed) <= artifact_listing.MOST_FOLDERS + 1
    for name in ("a", "b"):
        assert not listed.media(name).complete
        assert "very many" in listed.media(name).not_shown[-1].reason


def test_the_folders_of_a_model_are_not_entered(listed: Listed) -> None:
    listed.built.run("a")
    for path in ("model/MLmodel", "model/data/weights.npy", "model/requirements.txt"):
        listed.source.put_file(id_of("a"), path, b"flavors: {}")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert listed.tags("a") == ["model"]
    assert (id_of("a"), "model/data") not in listed.source.requests.listed


def test_a_crowd_of_pictures_is_one_series(listed: Listed) -> None:
    listed.built.run("a")
    for number in range(30):
        listed.source.put_file(id_of("a"), f"data/{number}.png")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    (series,) = listed.media("a").series
    assert series.tag == "data"
    assert [point.content.path for point in series.points[9:11]] == ["data/9.png", "data/10.png"]  # type: ignore[union-attr]


def test_runs_that_are_no_longer_on_the_board_are_forgotten(listed: Listed) -> None:
    listed.built.run("a").run("b")
    listed.source.put_file(id_of("a"), "x.png")
    listed.lister.start()
    listed.follow()
    listed.wait(2)
    run = listed.source.run(id_of("a"))
    listed.source.delete(id_of("a"))
    listed.follow()
    assert listed.index.of(run).files == ()


def test_someone_who_finds_a_file_gone_has_its_run_looked_at_again(listed: Listed) -> None:
    listed.built.run("a", end=EPOCH_S + 1)
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    listed.lister.look_again(id_of("a"))
    listed.pass_time(11)
    listed.wait(2)


def test_it_ends_while_everything_hangs(listed: Listed) -> None:
    listed.built.run("a")
    with listed.source.artifacts_hung():
        listed.lister.start()
        listed.follow()
        assert wait_until(lambda: listed.source.requests.under_way > 0, 10)
        listed.lister.stop(timeout_s=0.1)
    assert wait_until(lambda: not any(thread.is_alive() for thread in listed.lister._threads), 10)
    assert listed.looks == []


def test_it_looks_once_where_the_place_is_listed_once(clock: FakeClock) -> None:
    listed = Listed(ArtifactSource(), clock, interval_s=0)
    listed.built.run("a")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    listed.pass_time(1000)
    listed.lister.stop()
    assert listed.looks == [id_of("a")]


def test_a_place_without_artifacts_costs_no_thread() -> None:
    lister = Lister(FakeSource(), MediaIndex())
    lister.start()
    assert lister._threads == []
    lister.stop()


def test_typed_metrics_become_series_under_their_names(listed: Listed) -> None:
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "confusion", b'{"schema_type": "confusion_matrix"}')
    listed.source.put_file(id_of("a"), "loss_1700000000.png", b"1")
    listed.source.metrics[id_of("a")] = [
        TypedMetric("my matrix", "confusion_matrix", path="confusion"),
        TypedMetric("my plot", "image", step=3, wall_time_s=5.0, path="loss_1700000000.png"),
        TypedMetric("my table", "table", columns={"x": [1, 2, 3], "y": ["a", "b", "c"]}),
        TypedMetric("my list", "list", columns={"my list": list(range(20))}),
        TypedMetric("short list", "list", columns={"short list": [1, 2]}),
        TypedMetric("lost", "residuals", path="not there"),
        TypedMetric("odd", "video", path="x"),
    ]
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    media = listed.media("a")
    assert {(series.dashboard.value, series.tag) for series in media.series} == {
        ("images", "my matrix"),
        ("images", "my plot"),
        ("text", "my table"),
        ("scalars", "my table/x"),
        ("histograms", "my list"),
    }
    plot = next(series for series in media.series if series.tag == "my plot")
    assert [(point.step, point.wall_time_s) for point in plot.points] == [(3, 5.0)]
    assert {problem.what for problem in media.not_shown} == {"lost", "odd"}


def test_typed_metrics_that_cannot_be_read_keep_nothing_else_away(listed: Listed) -> None:
    listed.built.run("a", end=EPOCH_S + 1)
    listed.source.put_file(id_of("a"), "x.png")
    listed.source.metrics_refusal = SourceUnavailable("Down.")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    assert listed.tags("a") == ["x.png"]
    assert [problem.reason for problem in listed.media("a").not_shown] == ["Down."]
    listed.source.metrics_refusal = None
    listed.pass_time(61)
    listed.wait(2)
    assert listed.media("a").not_shown == ()


def test_a_runs_own_words_need_no_listing() -> None:
    run = Run(
        RunId("r"),
        ExperimentId("e"),
        "r",
        RunStatus.RUNNING,
        5.0,
        None,
        params={"lr": "1"},
        tags={"mlflow.note.content": "# hi", "mlflow.log-model.history": "[]"},
    )
    media = MediaIndex().of(run)
    assert [(series.tag, series.points[0].wall_time_s) for series in media.series] == [
        ("run/description", 5.0),
        ("run/params and tags", 5.0),
    ]
    assert not media.complete


def test_what_files_there_are_is_told_before_any_is_opened(clock: FakeClock) -> None:
    listed = Listed(ArtifactSource(), clock)
    read_by_then: list[tuple[RunId, list[str], int]] = []

    def found(run: Run, media: RunMedia) -> None:
        read_by_then.append((run.id, [file.path for file in media.files], len(listed.source.requests.read)))

    listed.lister = Lister(listed.source, listed.index, found=found, now_s=clock)
    listed.built.run("a")
    listed.source.put_file(id_of("a"), "table.csv", b"x\n1\n")
    listed.lister.start()
    with contextlib.closing(listed.source):
        listed.follow()
        assert wait_until(lambda: listed.tags("a"))
        listed.lister.stop()
    assert read_by_then == [(id_of("a"), ["table.csv"], 0)]
    assert listed.source.requests.read


def test_of_too_many_files_native_logs_are_kept(listed: Listed) -> None:
    listed.built.run("a")
    for number in range(artifact_listing.MOST_FILES + 5):
        listed.source.put_file(id_of("a"), f"{number}.png")
    listed.source.put_file(id_of("a"), "tb/events.out.tfevents.1", b"x")
    listed.lister.start()
    listed.follow()
    listed.wait(1)
    files = [file.path for file in listed.media("a").files]
    assert "tb/events.out.tfevents.1" in files
    assert len(files) == artifact_listing.MOST_FILES
    assert files == sorted(files)
