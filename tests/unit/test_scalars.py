"""Points as logged become a curve that a dashboard can draw."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.model import ScalarSeries
from tb_aml_plugin.scalars import StepMode, to_series
from tests.support.fake_source import Point, columns

POINTS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
        st.integers(0, 5).map(float),
        st.floats(allow_nan=True, allow_infinity=True),
    ),
    max_size=50,
)


def _rows(series: ScalarSeries) -> list[Point]:
    return list(
        zip(series.steps.tolist(), series.wall_times_s.tolist(), series.values.tolist(), strict=True),
    )


@given(POINTS, st.sampled_from(StepMode))
def test_steps_increase_strictly(points: list[Point], mode: StepMode) -> None:
    steps = to_series(columns(points), mode).steps.tolist()
    assert steps == sorted(set(steps))


@given(POINTS)
def test_logged_steps_are_each_there_once_with_a_value_that_was_logged(points: list[Point]) -> None:
    rows = _rows(to_series(columns(points), StepMode.LOGGED))
    assert [step for step, _, _ in rows] == sorted({step for step, _, _ in points})
    logged = {(step, time_s, repr(value)) for step, time_s, value in points}
    assert {(step, time_s, repr(value)) for step, time_s, value in rows} <= logged


@given(POINTS)
def test_the_newest_of_a_repeated_step_wins(points: list[Point]) -> None:
    for step, wall_time_s, _ in _rows(to_series(columns(points), StepMode.LOGGED)):
        assert wall_time_s == max(time_s for other, time_s, _ in points if other == step)


@given(POINTS)
def test_an_index_drops_no_point_and_follows_the_wall_time(points: list[Point]) -> None:
    rows = _rows(to_series(columns(points), StepMode.INDEX))
    assert [step for step, _, _ in rows] == list(range(len(points)))
    assert [time_s for _, time_s, _ in rows] == sorted(time_s for _, time_s, _ in points)
    assert sorted(map(repr, (value for _, _, value in rows))) == sorted(map(repr, (value for _, _, value in points)))


def test_points_that_all_have_one_step_are_numbered() -> None:
    # mlflow.log_metric without a step logs 0 every time.
    series = to_series(columns([(0, 3.0, 0.3), (0, 1.0, 0.1), (0, 2.0, 0.2)]), StepMode.AUTO)
    assert _rows(series) == [(0, 1.0, 0.1), (1, 2.0, 0.2), (2, 3.0, 0.3)]
    assert _rows(to_series(columns([(7, 1.0, 0.1)]), StepMode.AUTO)) == [(7, 1.0, 0.1)]


def test_of_equal_times_the_point_logged_last_wins() -> None:
    series = to_series(columns([(1, 1.0, 0.1), (2, 1.0, 5.0), (2, 1.0, 6.0)]), StepMode.AUTO)
    assert _rows(series)[-1] == (2, 1.0, 6.0)


def test_nan_and_infinities_stay_what_they_are() -> None:
    values = to_series(columns([(0, 0.0, math.nan), (1, 0.0, math.inf), (2, 0.0, -math.inf)]), StepMode.AUTO).values
    assert [repr(value) for value in values.tolist()] == ["nan", "inf", "-inf"]


def test_a_metric_without_points_is_a_curve_without_points() -> None:
    for mode in StepMode:
        assert len(to_series(columns([]), mode)) == 0
