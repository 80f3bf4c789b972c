"""The tab's search language."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin import search
from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import Experiment, ExperimentId, LatestPoint, Run, RunId, RunStatus
from tb_aml_plugin.search.narrowing import narrows
from tests.support.fake_clock import FakeClock
from tests.support.filter_cases import FILTERS

NOW_S = 1_700_000_000.0
HOUR_S = 3600.0


def run(id_: str, name: str, hours_ago: float, **more: object) -> Run:
    fields = {"status": RunStatus.FINISHED, "end_time_s": NOW_S - hours_ago * HOUR_S + 90, **more}
    return Run(RunId(id_), ExperimentId("1"), name, start_time_s=NOW_S - hours_ago * HOUR_S, **fields)  # type: ignore[arg-type]


RUNS = (
    run("aa11", "sweep", 50, params={"lr": "0.10"}, metrics={"loss": LatestPoint(1, NOW_S, 0.5)}),
    run("bb22", "resnet-50", 5, parent_id=RunId("aa11"), tags={"env": "prod", "mlflow.user": "ada"}),
    run("cc33", "train.py", 1, status=RunStatus.RUNNING, end_time_s=None, params={"lr": "auto", "a b": "x"}),
    run(
        "dd44", "failed & gone", 0.5, status=RunStatus.FAILED, metrics={"val/loss": LatestPoint(0, NOW_S, float("nan"))}
    ),
)
SNAPSHOT = Snapshot(
    {f"vision/{r.display_name}": r for r in RUNS}, {ExperimentId("1"): Experiment(ExperimentId("1"), "vision")}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "abcd"),
        ("resnet", "b"),
        ("aa1", "a"),
        ("train.py", "c"),
        ("'failed & gone'", "d"),
        ("vision prod", "b"),
        ("status:running", "c"),
        ("status = 'FINISHED'", "ab"),
        ("status:done", "ab"),
        ("NOT status:running", "abd"),
        ("-status:running", "abd"),
        ("status:running or status:failed", "cd"),
        ("(status:running or status:failed) -gone", "c"),
        ("params.lr = 0.1", "a"),
        ("params.lr = '0.1'", ""),
        ("params.lr < 1", "a"),
        ("params.lr != 0.1", "c"),
        ("params.`a b` = x", "c"),
        ("params.lr:AU", "c"),
        ("metrics.loss <= 0.5", "a"),
        ("metrics.val/loss != 0", "d"),
        ("metrics.val/loss > 0", ""),
        ("metrics.loss IS NULL", "bcd"),
        ("tag.env=prod", "b"),
        ("user:ad", "b"),
        ("experiment:vis", "abcd"),
        ("parent:sweep", "b"),
        ("parent:aa11", "b"),
        ("parent:none", "acd"),
        ("name ~ /RES.*0/i", "b"),
        ("name ~ /RES/", ""),
        ("name !~ e", "c"),
        ("name LIKE 'res%'", "b"),
        ("run_id IN ('aa11', \"cc33\")", "ac"),
        ("age < 2d", "bcd"),
        ("age > 30m and age < 2h", "c"),
        ("duration > 1h", ""),
        ("duration > 1m30s", "c"),
        ("duration >= 90s", "abcd"),
        ("started > 1970-01-02", "abcd"),
        (f"start_time > {(NOW_S - 2 * HOUR_S) * 1000}", "cd"),
    ],
)
def test_a_search_finds(text: str, expected: str) -> None:
    found = search.find(search.parse(text), SNAPSHOT, lambda: NOW_S)
    assert "".join("abcd"[index] for index in found) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("foo = 1", 0),
        ("metrics.loss <", 14),
        ("metrics.loss < x", 15),
        ("(resnet", 7),
        ("resnet)", 6),
        ("resnet or", 9),
        ("and", 0),
        ("status:fine", 7),
        ("x.y=1", 0),
        ("name ~ /a(/", 9),
        ("name = 'abc", 7),
        ("name < 3", 5),
        ("id IN (", 7),
    ],
)
def test_what_is_not_understood_points_at_the_character(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        search.parse(text)
    assert abs(caught.value.position - position) <= 1


@pytest.mark.parametrize(
    "text", ["name ~ /(a+)+$/", "name ~ /(a|a)*b/", "name ~ /a*a*a*a*b/", "(" * 100, "a" * 5000, "not " * 900]
)
def test_what_could_take_for_ever_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        search.parse(text)


@pytest.mark.parametrize("text", [text for text in FILTERS if "dataset" not in text and "artifact" not in text])
def test_a_filter_of_mlflow_is_a_search(text: str) -> None:
    search.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_searched_for_or_refused(text: str) -> None:
    with contextlib.suppress(FilterError):
        search.find(search.parse(text), SNAPSHOT, lambda: NOW_S)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("resnet", ""),
        ("resnet", "res"),
        ("res 50", "res"),
        ("res 50", "res 5"),
        ("res status:failed", "res"),
        ("name:resnet", "name:snet"),
        ("params.lr < 1 res", "params.lr < 1"),
        ("res AND (a OR b)", "a OR b"),
        ("ab OR ac", "a"),
        ("a", "a OR b"),
        ("NOT resnet", "NOT resnet"),
        ("name ~ /a/ b", "name ~ /a/"),
        ("(a OR b) c", "b OR a"),
    ],
)
def test_a_stricter_search_is_known_to_be(text: str, before: str) -> None:
    assert narrows(search.parse(text), search.parse(before))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("", "res"),
        ("res", "resnet"),
        ("snet", "res"),
        ("aa1", "a1"),  # an id is known by its beginning only
        ("a OR b", "a"),
        ("NOT resnet", "NOT res"),
        ("NOT res", "res"),
        ("age > 1h", "age > 1h"),  # what was too young for it then
        ("NOT age < 1h", "NOT age < 1h"),
        ("age IN (1) a", "age IN (1)"),
        ("params.lr < 1", "metrics.lr < 1"),
        ("parent:aa", "parent:a"),
        ("name ~ /ab/", "name ~ /a/"),
    ],
)
def test_what_may_find_more_is_no_stricter_search(text: str, before: str) -> None:
    assert not narrows(search.parse(text), search.parse(before))


PARTS = st.sampled_from(
    [
        *("resnet", "prod", "aa", "aa1", "a1", "'gone'", "-prod", "status:running", "status:failed", "user:ad"),
        *("name:net", "name~/e.$/", "params.lr<1", "params.lr:a", "tags.env=prod", "parent:sw", "parent:none"),
        *("age<2h", "age>90m", "duration>80s", "metrics.loss<1", "metrics.val/loss!=0"),
    ]
)
SEARCHES = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"NOT ({part})"),
    ),
    max_leaves=5,
)


@given(st.lists(SEARCHES, min_size=1, max_size=4))
def test_searching_on_finds_what_a_search_of_everything_finds(texts: Sequence[str]) -> None:
    clock = FakeClock(NOW_S)
    searcher = search.Searcher(clock)
    for text in texts:
        for length in range(len(text) + 1):
            with contextlib.suppress(FilterError):
                term = search.parse(text[:length])
                clock.advance(300)  # all runs become older, those that run longer, too
                assert searcher.find(term, SNAPSHOT) == search.find(term, SNAPSHOT, clock)


def test_searching_on_sees_what_has_changed_on_the_board() -> None:
    searcher = search.Searcher(lambda: NOW_S)
    term = search.parse("params.lr = auto")
    assert searcher.find(term, SNAPSHOT) == [2]
    changed = [dataclasses.replace(r, params={"lr": "auto"}) if r.id == "aa11" else r for r in RUNS[:3]]
    later = Snapshot({f"vision/{r.display_name}": r for r in changed}, SNAPSHOT.experiments, version=1)
    assert searcher.find(term, later) == [0, 2]
    renamed = Snapshot(later.runs, {ExperimentId("1"): Experiment(ExperimentId("1"), "speech")}, version=2)
    assert searcher.find(search.parse("experiment:speech"), renamed) == [0, 1, 2]
