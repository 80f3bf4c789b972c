"""What is wanted on the Board changes while it is followed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tb_aml_plugin.board import Board, Snapshot, Sync
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.model import Experiment, ExperimentId, RunId
from tb_aml_plugin.wanted import MOST_RUNS, Wanted
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_source import unavailable
from tests.support.waiting import wait_until

RIDGE, LASSO = ExperimentId("id of ridge"), ExperimentId("id of lasso")
EXISTING = [Experiment(RIDGE, "ridge"), Experiment(LASSO, "lasso")]


def two_experiments(*, marked: bool = False) -> BoardBuilder:
    built = BoardBuilder(marked=marked).experiment("ridge").run("a", end=EPOCH_S + 9).run("b")
    return built.experiment("lasso").run("c", end=EPOCH_S + 9)


class Followed:
    """A follower whose polls the test makes."""

    def __init__(self, built: BoardBuilder, wanted: Wanted) -> None:
        self.source = built.source
        self.board = Board()
        self.said: list[str] = []
        self.follower = Follower(built.source, self.board, wanted, interval_s=5, report=self.said.append)
        self.follower.poll()

    @property
    def runs(self) -> list[str]:
        """Names on the Board after a poll."""
        self.follower.poll()
        return list(self.board.snapshot.runs)


@contextlib.contextmanager
def following(built: BoardBuilder, wanted: Wanted, interval_s: float) -> Iterator[Followed]:
    """The same on the follower's own thread."""
    followed = Followed(built, wanted)
    followed.follower = Follower(
        built.source, followed.board, wanted, interval_s=interval_s, report=followed.said.append
    )
    followed.follower.start()
    try:
        yield followed
    finally:
        followed.follower.stop()


def test_experiments_come_and_go() -> None:
    followed = Followed(two_experiments(), Wanted(("ridge",)))
    assert followed.runs == ["ridge/a", "ridge/b"]
    followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
    assert followed.runs == ["ridge/a", "ridge/b", "lasso/c"]
    followed.follower.want(lambda wanted: wanted.without_experiments([RIDGE]))
    assert followed.runs == ["lasso/c"]
    followed.follower.want(lambda wanted: followed.follower.wanted_at_start)
    assert followed.runs == ["ridge/a", "ridge/b"]


def test_runs_that_ended_long_ago_in_an_experiment_added_later_are_listed() -> None:
    # A source may leave out of a listing with settled runs whatever ended before them.
    followed = Followed(two_experiments(), Wanted(("ridge",)))
    asked: list[int] = []
    honest = followed.source.runs
    followed.source.runs = lambda selection, settled: asked.append(len(settled)) or honest(selection, settled)  # type: ignore[method-assign,assignment,func-returns-value]
    followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
    followed.follower.poll()
    followed.follower.poll()
    assert asked[0] == 0
    assert asked[1] == 2


def test_only_some_experiments_are_wanted_and_those_to_come_as_typed() -> None:
    wanted = Wanted(("*",)).with_only([RIDGE], EXISTING)
    assert wanted.chosen(EXISTING) == {RIDGE}
    later = Experiment(ExperimentId("3"), "elastic")
    assert wanted.chosen([*EXISTING, later]) == {RIDGE, later.id}
    assert wanted.with_experiments([LASSO]).chosen(EXISTING) == {RIDGE, LASSO}


def test_single_runs_come_and_go() -> None:
    followed = Followed(two_experiments(), Wanted(("ridge",)))
    followed.follower.want(lambda wanted: wanted.with_runs([id_of("c")]))
    assert followed.runs == ["ridge/a", "ridge/b", "lasso/c"]
    assert followed.board.snapshot.experiments.keys() == {RIDGE, LASSO}
    followed.follower.want(lambda wanted: wanted.without_runs([id_of("a"), id_of("c")]))
    assert followed.runs == ["ridge/b"]
    followed.follower.want(lambda wanted: wanted.with_runs([id_of("a")]))
    assert followed.runs == ["ridge/a", "ridge/b"]


def test_a_picked_run_is_there_whatever_filter_and_limit_say() -> None:
    followed = Followed(two_experiments(), Wanted(("ridge",), filter="run_name = 'b'", max_runs=1))
    followed.follower.want(lambda wanted: wanted.with_runs([id_of("a"), id_of("c")]))
    assert followed.runs == ["ridge/a", "ridge/b", "lasso/c"]


def test_a_run_kept_off_the_board_makes_room_for_another() -> None:
    followed = Followed(two_experiments(), Wanted(("*",), max_runs=2))
    assert followed.runs == ["ridge/b", "lasso/c"]
    followed.follower.want(lambda wanted: wanted.without_runs([id_of("c")]))
    assert followed.runs == ["ridge/a", "ridge/b"]


def test_the_board_says_whether_the_limit_keeps_runs_away() -> None:
    followed = Followed(two_experiments(), Wanted(("*",), max_runs=2))
    assert (followed.board.snapshot.more, followed.board.snapshot.limit) == (True, 2)
    followed.follower.want(lambda wanted: wanted.with_limit(100))
    assert len(followed.runs) == 3
    assert (followed.board.snapshot.more, followed.board.snapshot.limit) == (False, 100)


@pytest.mark.parametrize(("asked", "got"), [(0, 1), (-5, 1), (7, 7), (10**9, MOST_RUNS)])
def test_the_limit_has_limits(asked: int, got: int) -> None:
    assert Wanted(("*",)).with_limit(asked).max_runs == got


def test_the_board_names_all_experiments_of_the_place() -> None:
    followed = Followed(two_experiments(), Wanted(("ridge",)))
    assert [experiment.name for experiment in followed.board.snapshot.existing] == ["lasso", "ridge"]
    version = followed.board.snapshot.version
    followed.source.put(Experiment(ExperimentId("3"), "elastic"))
    followed.follower.poll()
    assert [experiment.name for experiment in followed.board.snapshot.existing] == ["elastic", "lasso", "ridge"]
    assert followed.board.snapshot.version == version


def test_parents_that_are_not_wanted_stand_beside() -> None:
    built = BoardBuilder().experiment("other").run("root").run("mid", parent="root")
    built.experiment("ridge").run("leaf", parent="mid")
    followed = Followed(built, Wanted(("ridge",)))
    assert followed.runs == ["ridge/root/mid/leaf"]
    assert followed.board.snapshot.parents.keys() == {id_of("root"), id_of("mid")}
    followed.follower.want(lambda wanted: wanted.with_runs([id_of("mid")]))
    followed.follower.poll()
    assert followed.board.snapshot.parents.keys() == {id_of("root")}


@pytest.mark.parametrize("marked", [False, True])
def test_a_change_is_followed_although_nothing_was_written(marked: bool) -> None:
    followed = Followed(two_experiments(marked=marked), Wanted(("ridge",)))
    assert len(followed.runs) == 2
    followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
    assert len(followed.runs) == 3


def test_asking_afresh_sees_an_edit_of_a_run_that_ended_long_ago() -> None:
    followed = Followed(two_experiments(), Wanted(("ridge",)))
    followed.source.change(id_of("a"), display_name="renamed")
    assert followed.runs == ["ridge/a", "ridge/b"]  # settled: not looked at
    followed.follower.ask(afresh=True)
    assert followed.runs == ["ridge/renamed", "ridge/b"]


def test_a_question_is_answered_by_a_poll_that_began_after_it() -> None:
    with following(two_experiments(), Wanted(("ridge",)), interval_s=3600) as followed:
        asked = followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
        assert followed.board.wait_until(lambda snapshot: snapshot.health.asked >= asked, 10)
        assert len(followed.board.snapshot.runs) == 3


def test_a_question_that_fails_is_answered_too() -> None:
    with following(two_experiments(), Wanted(("ridge",)), interval_s=3600) as followed:
        followed.source.fail(unavailable())
        asked = followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
        assert followed.board.wait_until(lambda snapshot: snapshot.health.asked >= asked, 10)
        health = followed.board.snapshot.health
        assert health.sync is Sync.FAILING
        assert health.failing_since_s is not None
        assert len(followed.board.snapshot.runs) == 2


def test_it_rests_while_paused_and_goes_on_afterwards() -> None:
    def polls(snapshot: Snapshot) -> int:
        return snapshot.health.polls

    with following(two_experiments(), Wanted(("ridge",)), interval_s=0.01) as followed:
        board = followed.board
        assert board.wait_until(lambda snapshot: polls(snapshot) > 3, 10)
        followed.follower.pause()
        asked = followed.follower.ask()  # the one poll from here on
        assert board.wait_until(lambda snapshot: snapshot.health.asked >= asked, 10)
        rested = polls(board.snapshot)
        assert not board.wait_until(lambda snapshot: polls(snapshot) > rested + 1, 0.3)
        followed.follower.resume()
        assert board.wait_until(lambda snapshot: polls(snapshot) > rested + 3, 10)


def test_with_reload_interval_0_a_change_is_followed_all_the_same() -> None:
    with following(two_experiments(), Wanted(("ridge",)), interval_s=0) as followed:
        assert followed.board.wait_until(lambda snapshot: snapshot.health.sync is Sync.ONCE, 10)
        followed.follower.want(lambda wanted: wanted.with_experiments([LASSO]))
        assert followed.board.wait_until(lambda snapshot: len(snapshot.runs) == 3, 10)


def test_a_thread_that_rests_ends_at_once() -> None:
    with following(two_experiments(), Wanted(("ridge",)), interval_s=3600) as followed:
        assert wait_until(lambda: followed.board.snapshot.health.polls > 1, 10)
        followed.follower.pause()
    assert not followed.follower._thread.is_alive()


def test_removing_the_same_thing_twice_and_adding_what_is_not_there_is_harmless() -> None:
    wanted = Wanted(("ridge",)).without_experiments([RIDGE]).without_experiments([RIDGE])
    wanted = wanted.with_experiments([ExperimentId("gone")]).with_runs([RunId("gone"), RunId("gone")])
    assert wanted.chosen(EXISTING) == set()
    assert wanted.added_runs == (RunId("gone"),)
