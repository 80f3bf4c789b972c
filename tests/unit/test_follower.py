"""The follower keeps the Board true: it asks no more than needed, and no failure ends it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import pytest

from tb_aml_plugin.board import Board, Snapshot, Sync
from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.follower import FULL_LISTING_S, GRACE_S, Follower
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.wanted import Wanted
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.fake_clock import FakeClock
from tests.support.fake_source import unavailable
from tests.support.waiting import wait_until


class World:
    """A place with one running and one finished run, a Board, and a follower that polls when told."""

    def __init__(self, *, marked: bool = False, wanted: Wanted | None = None, interval_s: float = 5.0) -> None:
        self.clock = FakeClock(EPOCH_S + 100)
        self.place = BoardBuilder(marked=marked).experiment("ridge").run("live").metric("loss", [1.0])
        self.place.run("done", end=EPOCH_S + 10)
        self.source = self.place.source
        self.board = Board("memory")
        self.reports: list[str] = []
        self.published: list[Snapshot] = []
        self.follower = Follower(
            self.source,
            self.board,
            wanted or Wanted(("ridge",)),
            interval_s=interval_s,
            report=self.reports.append,
            now_s=self.clock,
            published=self.published.append,
        )

    def poll(self) -> set[str]:
        """Polls; the names that the Board shows then."""
        self.follower.poll()
        return set(self.board.snapshot.runs)

    def poll_and_give_up(self, after: int) -> None:
        """Polls, and ends it once so many runs are read."""
        with self.source.halting(after=after):
            thread = threading.Thread(target=self.follower.poll, name="poll")
            thread.start()
            assert wait_until(lambda: (task := self.follower.task) is not None and task.done == after, 10)
            assert self.follower.task
            self.follower.task.cancel()
            thread.join(10)


def raising(problem: Exception) -> Callable[..., NoReturn]:
    def method(*arguments: object) -> NoReturn:
        raise problem

    return method


@pytest.fixture
def world() -> World:
    return World()


def test_a_poll_shows_the_runs_of_the_chosen_experiments_as_they_started(world: World) -> None:
    world.place.experiment("other").run("elsewhere")
    world.poll()
    assert list(world.board.snapshot.runs) == ["ridge/live", "ridge/done"]
    assert [experiment.name for experiment in world.board.snapshot.experiments.values()] == ["ridge"]
    health = world.board.snapshot.health
    assert (health.sync, health.polls, health.last_success_s, health.problem) == (Sync.LIVE, 1, world.clock(), "")


def test_the_version_moves_only_when_something_shown_changed(world: World) -> None:
    world.poll()
    first = world.board.snapshot.version
    world.poll()
    assert world.board.snapshot.version == first
    assert world.board.snapshot.health.polls == 2
    world.source.log(id_of("live"), "loss", (1, EPOCH_S + 1, 0.5))
    world.poll()
    assert world.board.snapshot.version == first + 1
    assert [snapshot.version for snapshot in world.published] == [first, first + 1]


def test_new_runs_and_experiments_appear_and_deleted_ones_go() -> None:
    world = World(wanted=Wanted(("ridge", "sweep-*")))
    world.poll()
    world.place.run("new")
    world.place.experiment("sweep-1").run("trial")
    assert world.poll() == {"ridge/live", "ridge/done", "ridge/new", "sweep-1/trial"}
    world.source.delete(id_of("live"))
    assert "ridge/live" not in world.poll()


def test_a_settled_run_is_not_looked_at_again_until_the_next_full_listing(world: World) -> None:
    world.poll()
    world.source.change(id_of("done"), display_name="renamed")
    world.source.change(id_of("live"), display_name="also renamed")
    assert world.poll() == {"ridge/also renamed", "ridge/done"}
    world.clock.advance(FULL_LISTING_S)
    assert world.poll() == {"ridge/also renamed", "ridge/renamed"}


def test_a_run_that_has_just_ended_is_looked_at_until_grace_is_over() -> None:
    world = World()
    world.source.end(id_of("live"), world.clock())
    world.poll()
    world.source.log(id_of("live"), "loss", (9, world.clock(), 0.1))
    world.clock.advance(GRACE_S / 2)
    world.poll()
    assert world.board.snapshot.runs["ridge/live"].metrics["loss"].step == 9


def test_where_the_place_can_tell_that_nothing_was_written_one_question_is_enough() -> None:
    world = World(marked=True)
    world.poll()
    world.source.calls.clear()
    world.poll()
    assert world.source.calls == ["change_marker"]
    world.place.run("new")
    assert "ridge/new" in world.poll()


def test_after_a_failure_an_unmoved_marker_is_not_trusted() -> None:
    world = World(marked=True)
    world.poll()
    world.source.fail(unavailable())
    world.poll()
    world.source.fail(None)
    world.source.calls.clear()
    world.poll()
    assert "runs" in world.source.calls
    assert world.board.snapshot.health.sync is Sync.LIVE


def test_a_failure_keeps_what_is_shown_and_is_said_once(world: World) -> None:
    shown = world.poll()
    world.source.fail(unavailable())
    for _ in range(3):
        assert world.poll() == shown
    health = world.board.snapshot.health
    assert (health.sync, health.problem) == (Sync.FAILING, "memory does not answer. Trying again.")
    assert world.reports == [health.problem]
    world.source.fail(AccessDenied("memory refuses."))
    world.poll()
    world.source.fail(None)
    assert world.poll() == shown
    assert world.reports[1:] == ["memory refuses.", "memory answers again."]


def test_a_defect_in_one_poll_does_not_end_the_following(world: World) -> None:
    world.source.fail(ZeroDivisionError("http://me:hunter2@host"))
    world.poll()
    assert "failed unexpectedly (ZeroDivisionError" in world.board.snapshot.health.problem
    assert "hunter2" not in world.board.snapshot.health.problem
    world.source.fail(None)
    assert world.poll() == {"ridge/live", "ridge/done"}


def test_a_run_that_ended_without_a_time_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `update_run(status="KILLED")` makes one: a tracking server asked for what has changed does not tell of it."""
    listed = world.source.runs

    def changed(selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
        runs = listed(selection, settled)
        return [
            run
            for run in runs
            if not settled or run.id in settled or not run.status.is_terminal or run.end_time_s is not None
        ]

    monkeypatch.setattr(world.source, "runs", changed)
    world.poll()
    world.source.change(id_of("live"), status=RunStatus.KILLED)
    for _ in range(3):
        assert world.poll() == {"ridge/live", "ridge/done"}
    assert world.board.snapshot.runs["ridge/live"].status is RunStatus.KILLED


def test_a_full_listing_that_failed_is_made_up_for_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.poll()
    world.source.delete(id_of("done"))
    world.follower.ask(afresh=True)
    with monkeypatch.context() as patched:
        patched.setattr(world.source, "runs", raising(unavailable()))
        world.poll()
    assert world.poll() == {"ridge/live"}


def test_a_defect_behind_the_board_does_not_end_the_following_and_is_tried_again(world: World) -> None:
    told: list[Snapshot] = []

    def published(snapshot: Snapshot) -> None:
        told.append(snapshot)
        if len(told) == 1:
            raise RuntimeError("a defect")

    world.follower._published = published
    assert world.poll() == {"ridge/live", "ridge/done"}
    assert "RuntimeError: a defect" in world.board.snapshot.health.problem
    world.poll()
    assert world.board.snapshot.health.problem == ""
    world.poll()
    assert len(told) == 2


def test_what_is_changed_while_the_place_is_greeted_stays_changed() -> None:
    world = World(wanted=Wanted(("ridge", "r1")))

    def greet(wanted: Wanted) -> Wanted:
        world.follower.want(lambda wanted: wanted.with_limit(1))
        return dataclasses.replace(wanted, experiments=("ridge",), run_ids=(id_of("live"),))

    world.follower._greet = greet
    world.poll()
    assert world.follower.wanted == Wanted(("ridge",), run_ids=(id_of("live"),), max_runs=1)
    assert world.follower.wanted_at_start == Wanted(("ridge",), run_ids=(id_of("live"),))


def test_an_experiment_that_is_not_there_is_told_once_and_shown_when_it_is() -> None:
    world = World(wanted=Wanted(("ridge", "rigde")))
    world.poll()
    world.poll()
    (report,) = world.reports
    assert "No experiment 'rigde' at memory. Closest: 'ridge'." in report
    world.place.experiment("rigde").run("late")
    assert "rigde/late" in world.poll()


def test_parents_that_were_not_chosen_name_their_children() -> None:
    world = World(wanted=Wanted((), run_ids=(id_of("grandchild"),)))
    world.place.run("child", parent="live").run("grandchild", parent="child")
    assert world.poll() == {"ridge/live/child/grandchild"}
    assert [experiment.name for experiment in world.board.snapshot.experiments.values()] == ["ridge"]
    world.source.change(id_of("live"), display_name="renamed")
    world.clock.advance(FULL_LISTING_S)
    assert world.poll() == {"ridge/renamed/child/grandchild"}


def test_a_parent_that_is_gone_names_nobody() -> None:
    world = World(wanted=Wanted((), run_ids=(id_of("orphan"),)))
    world.place.run("orphan", parent="never there")
    assert world.poll() == {"ridge/orphan"}


def test_flags_reach_the_place() -> None:
    world = World(wanted=Wanted(("*",), filter="attributes.status = 'RUNNING'", max_runs=1))
    world.place.run("second live")
    assert world.poll() == {"ridge/second live"}


@pytest.fixture
def running() -> Iterator[Any]:
    """Starts followers and ends them."""
    started: list[Follower] = []

    def start(world: World) -> World:
        world.follower.start()
        started.append(world.follower)
        return world

    yield start
    for follower in started:
        follower.stop()


def test_it_polls_again_and_again_until_it_is_stopped(running: Any) -> None:
    world = running(World(interval_s=0.01))
    assert world.board.wait_until(lambda snapshot: snapshot.health.polls >= 3, 30)
    world.follower.stop()
    polls = world.board.snapshot.health.polls
    assert not [thread for thread in threading.enumerate() if thread.name == "aml-follower"]
    assert world.board.snapshot.health.polls == polls


def test_a_reload_interval_of_zero_lists_once(running: Any) -> None:
    world = running(World(interval_s=0))
    assert world.board.wait_until(lambda snapshot: snapshot.health.polls == 1, 30)
    assert world.board.snapshot.health.sync is Sync.ONCE
    assert not world.board.wait_until(lambda snapshot: snapshot.health.polls > 1, 0.1)
    assert set(world.board.snapshot.runs) == {"ridge/live", "ridge/done"}


def test_stopping_does_not_wait_for_a_place_that_hangs(running: Any) -> None:
    world = World()
    with world.source.hung():
        running(world)
        assert wait_until(lambda: world.source.hanging == 1)
        world.follower.stop(timeout_s=0.01)
    assert wait_until(lambda: not [t for t in threading.enumerate() if t.name == "aml-follower"])


def test_stopping_before_the_start_is_harmless(world: World) -> None:
    world.follower.stop()


def test_a_renamed_experiment_renames_its_runs_and_changes_the_board() -> None:
    world = World(wanted=Wanted(("*",)))
    world.poll()
    world.source.put(Experiment(ExperimentId("id of ridge"), "lasso"))
    assert world.poll() == {"lasso/live", "lasso/done"}


def test_a_change_of_status_is_a_change(world: World) -> None:
    world.poll()
    version = world.board.snapshot.version
    world.source.end(id_of("live"), world.clock(), RunStatus.FAILED)
    world.poll()
    assert world.board.snapshot.version == version + 1
    assert world.board.snapshot.runs["ridge/live"].status is RunStatus.FAILED


def test_a_listing_that_may_lack_something_is_told_once_and_stays_said_while_it_holds(world: World) -> None:
    caution = "There are more runs."
    world.source.caution = caution  # type: ignore[attr-defined]
    for _ in range(3):
        world.poll()
        world.clock.advance(5)
    health = world.board.snapshot.health
    assert (health.sync, health.caution, health.cautious_since_s) == (Sync.LIVE, caution, EPOCH_S + 100)
    assert world.reports == [caution]
    world.source.caution = ""  # type: ignore[attr-defined]
    world.poll()
    assert (world.board.snapshot.health.caution, world.board.snapshot.health.cautious_since_s) == ("", None)
    assert world.reports == [caution]


def test_a_first_listing_that_is_given_up_rests_until_someone_reads_on(world: World) -> None:
    world.poll_and_give_up(after=1)
    health = world.board.snapshot.health
    assert (health.sync, health.polls, health.problem) == (Sync.CONNECTING, 1, "")
    assert (world.follower.paused, world.follower.task, world.reports) == (True, None, [])
    world.follower.resume()
    assert world.poll() == {"ridge/live", "ridge/done"}


def test_a_change_that_is_given_up_leaves_what_was_wanted_before(world: World) -> None:
    world.poll()
    world.place.experiment("other").run("a").run("b")
    before = world.follower.wanted
    asked = world.follower.want(lambda wanted: Wanted(("ridge", "other")))
    world.poll_and_give_up(after=3)
    assert world.board.snapshot.health.asked == asked
    assert (world.follower.wanted, world.follower.paused) == (before, False)
    world.place.experiment("ridge").run("new")
    assert world.poll() == {"ridge/live", "ridge/done", "ridge/new"}
