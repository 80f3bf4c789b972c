"""The label of a run: what it is made of, and that it is unique, safe and stable."""

from __future__ import annotations

import os.path
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin import run_names
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId, RunStatus

RIDGE = ExperimentId("1")
EXPERIMENTS = {RIDGE: Experiment(RIDGE, "ridge")}

_PIECES = ("a", "A", "b", "/", "//", ".", "..", "/../", "/./", " ", "\n", "\x00", "C:", "\\", "é", "(", ")", "\ud800")
awkward = st.one_of(st.text(), st.lists(st.sampled_from(_PIECES), max_size=5).map("".join))
ids = st.text("0123456789abcdef", min_size=8, max_size=8)


def run(id_: str, name: str = "", *, start: float | None = 1.0, parent: str | None = None) -> Run:
    """A run of the experiment "ridge"."""
    return Run(RunId(id_), RIDGE, name, RunStatus.RUNNING, start, None, RunId(parent) if parent else None)


@st.composite
def families(draw: st.DrawFn) -> list[Run]:
    """Runs, some of them children of others or of themselves."""
    known = draw(st.lists(ids, unique=True, max_size=8))
    parents = st.sampled_from([None, *known, "elsewhere"])
    starts = st.sampled_from([None, 1.0, 2.0])
    return [run(id_, draw(awkward), start=draw(starts), parent=draw(parents)) for id_ in known]


def names_of(*runs: Run, previous: dict[RunId, str] | None = None) -> list[str]:
    names = run_names.assign(runs, {}, EXPERIMENTS, previous or {})
    return [names[r.id] for r in runs]


def test_a_name_is_the_experiment_and_the_display_name() -> None:
    assert names_of(run("1", "train")) == ["ridge/train"]


def test_a_child_stands_under_its_parents() -> None:
    parent, child, grandchild = run("1", "sweep"), run("2", "alpha", parent="1"), run("3", "fold", parent="2")
    assert names_of(grandchild, parent, child) == ["ridge/sweep/alpha/fold", "ridge/sweep", "ridge/sweep/alpha"]


def test_a_parent_that_is_not_shown_names_its_child_all_the_same() -> None:
    sweep, child = run("1", "sweep"), run("2", "alpha", parent="1")
    assert run_names.assign([child], {sweep.id: sweep}, EXPERIMENTS, {}) == {child.id: "ridge/sweep/alpha"}


def test_a_parent_that_is_gone_is_left_out() -> None:
    assert names_of(run("2", "alpha", parent="1")) == ["ridge/alpha"]


def test_runs_that_are_each_others_parents_have_names() -> None:
    assert names_of(run("1", "a", parent="2"), run("2", "b", parent="1")) == ["ridge/b/a", "ridge/a/b"]


def test_a_run_without_a_display_name_is_called_by_its_id() -> None:
    assert names_of(run("abc", " / ")) == ["ridge/abc"]


def test_an_unknown_experiment_is_called_by_its_id() -> None:
    assert run_names.assign([run("1", "train")], {}, {}, {}) == {RunId("1"): "1/train"}


def test_of_runs_with_one_name_the_first_to_start_has_it_plain() -> None:
    late, early = run("aaaaaaaa", "train", start=2.0), run("bbbbbbbb", "train", start=1.0)
    assert names_of(late, early) == ["ridge/train (aaaaaa)", "ridge/train"]


def test_names_stay_when_an_earlier_run_of_that_name_comes() -> None:
    late, early = run("aaaaaaaa", "train", start=2.0), run("bbbbbbbb", "train", start=1.0)
    before = run_names.assign([late], {}, EXPERIMENTS, {})
    assert names_of(late, early, previous=before) == ["ridge/train", "ridge/train (bbbbbb)"]


def test_names_stay_when_the_first_run_of_that_name_goes() -> None:
    first, second = run("aaaaaaaa", "train", start=1.0), run("bbbbbbbb", "train", start=2.0)
    before = run_names.assign([first, second], {}, EXPERIMENTS, {})
    assert names_of(second, previous=before) == ["ridge/train (bbbbbb)"]


def test_a_renamed_run_is_called_by_its_new_name() -> None:
    before = run_names.assign([run("1", "old")], {}, EXPERIMENTS, {})
    assert names_of(run("1", "new"), previous=before) == ["ridge/new"]


def test_ids_that_begin_alike_are_spelt_out() -> None:
    runs = [run(f"abcdef{n}", "train", start=n) for n in range(3)]
    assert names_of(*runs) == ["ridge/train", "ridge/train (abcdef)", "ridge/train (abcdef2)"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a//b", "a/b"),
        ("/a/", "a"),
        ("a\nb", "a b"),
        (" a / b ", "a/b"),
        ("..", "__"),
        ("a/./b", "a/_/b"),
        ("...", "..."),
    ],
)
def test_a_display_name_becomes_path_segments(typed: str, shown: str) -> None:
    assert names_of(run("1", typed)) == [f"ridge/{shown}"]


def test_an_experiment_that_looks_like_a_drive_is_none() -> None:
    """`os.path.dirname` never gets above a drive on Windows, so HParams would look for a parent for ever."""
    experiments = {RIDGE: Experiment(RIDGE, "C:/x")}
    assert run_names.assign([run("1", "train")], {}, experiments, {}) == {RunId("1"): "C_/x/train"}


@given(families(), awkward)
def test_every_run_has_a_safe_name_of_its_own(runs: list[Run], experiment: str) -> None:
    names = run_names.assign(runs, {}, {RIDGE: Experiment(RIDGE, experiment)}, {})
    assert names.keys() == {r.id for r in runs}
    assert len(set(names.values())) == len(runs)
    for name in names.values():
        # HParams joins a session's name with a group's and walks up its parents.
        assert os.path.normpath(name) == name
        assert not {"", ".", ".."} & set(name.split("/"))
        assert not any(ord(c) < 32 for c in name)
        name.encode()


@given(families(), st.randoms(use_true_random=False))
def test_names_do_not_depend_on_the_order_of_the_listing(runs: list[Run], order: random.Random) -> None:
    shuffled = order.sample(runs, len(runs))
    assert run_names.assign(runs, {}, EXPERIMENTS, {}) == run_names.assign(shuffled, {}, EXPERIMENTS, {})


@given(families(), st.randoms(use_true_random=False))
def test_a_listing_that_did_not_change_changes_no_name(runs: list[Run], order: random.Random) -> None:
    names = run_names.assign(runs, {}, EXPERIMENTS, {})
    assert run_names.assign(order.sample(runs, len(runs)), {}, EXPERIMENTS, names) == names


@given(families(), st.data())
def test_runs_that_stay_keep_their_names_when_roots_come_and_go(runs: list[Run], data: st.DataObject) -> None:
    roots = [run(r.id, r.display_name, start=r.start_time_s) for r in runs]
    names = run_names.assign(roots, {}, EXPERIMENTS, {})
    left = [r for r in roots if data.draw(st.booleans())]
    after = run_names.assign(left, {}, EXPERIMENTS, names)
    for r in left:
        # A name with a number behind the id is made up on the spot: it may become plainer.
        assert after[r.id] == names[r.id] or not names[r.id].endswith(")")
