"""What the person ticked, as the provider reads it."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType

from tb_aml_plugin.board import Health, Snapshot, Sync
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.visibility import Visibility

A, B, C = RunId("a"), RunId("b"), RunId("c")


def snapshot(*names: str, version: int = 1) -> Snapshot:
    """A run for each of `names`, with its name as id."""
    runs = {name: Run(RunId(name), ExperimentId("1"), name, RunStatus.FINISHED, 1.0, 2.0) for name in names}
    return Snapshot(MappingProxyType(runs), version=version)


def test_every_run_is_shown_at_the_start() -> None:
    assert list(Visibility().of(snapshot("a", "b")).runs) == ["a", "b"]


def test_a_hidden_run_is_gone_and_comes_back() -> None:
    visibility = Visibility()
    visibility.hide([A])
    assert list(visibility.of(snapshot("a", "b")).runs) == ["b"]
    visibility.show([A])
    assert list(visibility.of(snapshot("a", "b")).runs) == ["a", "b"]


def test_a_new_run_is_shown_unless_only_some_were_asked_for() -> None:
    visibility = Visibility()
    visibility.hide([A])
    assert list(visibility.of(snapshot("a", "b", "c", version=2)).runs) == ["b", "c"]
    visibility.only([A])
    assert list(visibility.of(snapshot("a", "b", "c", version=2)).runs) == ["a"]
    visibility.show([C])
    visibility.hide([A])
    assert list(visibility.of(snapshot("a", "b", "c", version=2)).runs) == ["c"]
    visibility.everything()
    assert list(visibility.of(snapshot("a", "b", "c", version=2)).runs) == ["a", "b", "c"]


def test_every_choice_and_every_listing_has_a_version_of_its_own() -> None:
    visibility, listing = Visibility(), snapshot("a", "b")
    versions = [visibility.of(listing).version]
    visibility.hide([B])
    versions.append(visibility.of(listing).version)
    versions.append(visibility.of(snapshot("a", "b", "c", version=2)).version)
    visibility.show([B])
    versions.append(visibility.of(snapshot("a", "b", "c", version=2)).version)
    assert len(set(versions)) == 4


def test_a_poll_that_changed_nothing_keeps_the_version_and_tells_the_health() -> None:
    visibility, listing = Visibility(), snapshot("a", "b")
    visibility.hide([B])
    before = visibility.of(listing)
    after = visibility.of(dataclasses.replace(listing, health=Health(Sync.FAILING, 7)))
    assert after.version == before.version
    assert after.runs is before.runs
    assert after.health.polls == 7
