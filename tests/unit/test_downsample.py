"""Of a long curve the points that matter stay, always the same ones."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.downsample import choose, share

VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=300).map(
    lambda found: np.array(found, np.float64)
)


@given(VALUES, st.integers(-3, 320))
def test_the_choice_is_increasing_within_bounds_and_no_larger_than_asked(values: np.ndarray, k: int) -> None:
    chosen = choose(values, k).tolist()
    assert chosen == sorted(set(chosen))
    assert all(0 <= index < len(values) for index in chosen)
    assert len(chosen) <= max(k, 0)


@given(VALUES, st.integers(1, 320))
def test_the_last_point_always_stays(values: np.ndarray, k: int) -> None:
    chosen = choose(values, k).tolist()
    assert chosen[-1:] == [len(values) - 1][: len(values)]


@given(VALUES, st.integers(4, 320))
def test_from_four_points_on_the_first_and_the_extremes_stay(values: np.ndarray, k: int) -> None:
    chosen = choose(values, k)
    finite = [value for value in values.tolist() if math.isfinite(value)]
    if len(values):
        assert chosen[0] == 0
    if finite:
        assert {min(finite), max(finite)} <= set(values[chosen].tolist())


@given(VALUES, st.integers(0, 320))
def test_the_same_curve_gives_the_same_choice(values: np.ndarray, k: int) -> None:
    assert choose(values, k).tolist() == choose(values.copy(), k).tolist()


@given(VALUES)
def test_a_curve_that_fits_is_whole(values: np.ndarray) -> None:
    assert choose(values, len(values)).tolist() == list(range(len(values)))


def test_curves_of_the_same_steps_keep_the_same_steps_but_for_their_extremes() -> None:
    rising, falling = np.arange(1000.0), -np.arange(1000.0)
    bump = rising.copy()
    bump[333] = 5000.0
    assert choose(rising, 100).tolist() == choose(falling, 100).tolist()
    assert set(choose(bump, 100).tolist()) == set(choose(rising, 100).tolist()) | {333}


@given(st.lists(st.integers(0, 5000), max_size=40), st.integers(0, 100_000), st.integers(1, 5000))
def test_shares_stay_within_the_budget_as_far_as_four_points_each_do(
    lengths: list[int], budget: int, limit: int
) -> None:
    most = share(budget, lengths, limit)
    assert min(4, limit) <= most <= limit
    together = sum(min(length, most) for length in lengths)
    assert together <= max(budget, 4 * len(lengths))


@given(st.lists(st.integers(0, 5000), max_size=40), st.integers(0, 100_000), st.integers(1, 5000))
def test_no_share_could_be_larger(lengths: list[int], budget: int, limit: int) -> None:
    most = share(budget, lengths, limit)
    assert most == limit or sum(min(length, most + 1) for length in lengths) > budget


def test_short_curves_leave_their_rest_to_long_ones() -> None:
    assert share(100, [10, 10, 1000], 1000) == 80
