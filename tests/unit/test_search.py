"""The tab's search language."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin import search
from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import Experiment, ExperimentId, LatestPoint, Run, RunId, RunStatus
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
