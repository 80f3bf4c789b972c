"""The Board hands out whole snapshots and lets a reader wait for the first one."""

from __future__ import annotations

import threading

import pytest

from tb_aml_plugin.board import Board, Health, Snapshot, Sync
from tests.support.board_builder import BoardBuilder
from tests.support.waiting import wait_until


def test_a_reader_waits_for_the_first_listing() -> None:
    board, found = Board(), []
    reader = threading.Thread(target=lambda: found.append(board.first_snapshot(30)))
    reader.start()
    listed = BoardBuilder().experiment("ridge").run("train").snapshot()
    board.publish(listed)
    reader.join(30)
    assert found == [listed]


def test_a_first_poll_that_failed_ends_the_waiting_too() -> None:
    board = Board()
    board.publish(Snapshot(health=Health(Sync.FAILING, polls=1, problem="down")))
    assert board.first_snapshot(30).health.problem == "down"


def test_what_is_there_is_given_when_the_deadline_has_passed() -> None:
    board = Board()
    assert board.first_snapshot(0.01) is board.snapshot
    assert not board.wait_until(lambda snapshot: snapshot.version > 0, 0.01)


def test_a_wait_sees_every_publication() -> None:
    board, seen = Board(), []
    waiter = threading.Thread(target=lambda: seen.append(board.wait_until(lambda s: s.version >= 2, 30)))
    waiter.start()
    board.publish(Snapshot(version=1))
    assert seen == []
    board.publish(Snapshot(version=2))
    assert wait_until(lambda: seen == [True])
    waiter.join(30)


def test_a_snapshot_cannot_be_changed() -> None:
    snapshot = BoardBuilder().experiment("ridge").run("train").snapshot()
    with pytest.raises(TypeError):
        snapshot.runs["other"] = snapshot.runs["ridge/train"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        snapshot.version = 7  # type: ignore[misc]
