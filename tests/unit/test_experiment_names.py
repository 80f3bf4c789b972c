"""What the names and globs that someone typed mean."""

from __future__ import annotations

import pytest

from tb_aml_plugin.experiment_names import match, unknown_experiment, unknown_run
from tb_aml_plugin.model import Experiment, ExperimentId


def experiments(*names: str) -> list[Experiment]:
    return [Experiment(ExperimentId(str(number)), name) for number, name in enumerate(names, 100)]


THERE = experiments("ridge-sweep", "sweep-1", "sweep-2", "a,b", "Sweep-3", "[x]", "105")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["ridge-sweep"], ["ridge-sweep"]),
        (["sweep-1", "ridge-sweep"], ["sweep-1", "ridge-sweep"]),
        (["sweep-1,ridge-sweep"], ["sweep-1", "ridge-sweep"]),
        ([" sweep-1 , ridge-sweep ,"], ["sweep-1", "ridge-sweep"]),
        (["a,b"], ["a,b"]),  # a name that has a comma in it
        (["sweep-*"], ["sweep-1", "sweep-2"]),  # the case of letters counts
        (["*sweep*", "sweep-1"], ["ridge-sweep", "sweep-1", "sweep-2"]),  # each once
        (["sweep-?"], ["sweep-1", "sweep-2"]),
        (["[x]"], ["[x]"]),  # a name before it is a glob
        (["100"], ["ridge-sweep"]),  # by id
        (["105"], ["105"]),  # a name before an id
        (["*"], [experiment.name for experiment in THERE]),
        ([], []),
        ([""], []),
    ],
)
def test_names_ids_and_globs(wanted: list[str], names: list[str]) -> None:
    found = match(wanted, THERE)
    assert [experiment.name for experiment in found.experiments] == names
    assert found.unknown == found.empty == ()


def test_experiments_of_one_name_are_all_meant() -> None:
    assert [experiment.id for experiment in match(["a"], experiments("a", "b", "a")).experiments] == ["100", "102"]


def test_what_names_nothing_is_told_apart_from_what_matches_nothing_yet() -> None:
    found = match(["ridge-swep", "nightly-*", "sweep-1"], THERE)
    assert (found.unknown, found.empty) == (("ridge-swep",), ("nightly-*",))
    assert [experiment.name for experiment in found.experiments] == ["sweep-1"]


def test_the_closest_names_are_offered_whatever_their_case() -> None:
    error = unknown_experiment("SWEEP-9", THERE, "sqlite:///x.db")
    assert set(error.closest) == {"sweep-1", "sweep-2", "Sweep-3"}
    assert str(error).startswith("No experiment 'SWEEP-9' at sqlite:///x.db. Closest: ")
    assert "\n" not in str(error)
    assert error.name == "SWEEP-9"


def test_where_nothing_is_close_some_that_exist_are_named() -> None:
    assert "There are '105', 'Sweep-3'" in str(unknown_experiment("zzz", THERE, "x"))
    assert str(unknown_experiment("zzz", THERE, "x")).endswith("and more.")
    assert str(unknown_experiment("zzz", experiments("Default"), "x")).endswith("There is 'Default'.")
    assert str(unknown_experiment("zzz", [], "x")).endswith("It holds no experiments.")


def test_an_unknown_run_says_how_to_ask_by_name() -> None:
    error = unknown_run("my run", "x")
    assert "run_name = " in str(error)
    assert error.name == "my run"
