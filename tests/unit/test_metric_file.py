"""Files of MLflow's file store, whole, half written and spoilt."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_aml_plugin.model import LatestPoint, Points
from tb_aml_plugin.sources.metric_file import latest, parse
from tests.support.fake_source import columns


def _rows(points: Points) -> list[tuple[int, float, float]]:
    return list(zip(points.steps.tolist(), points.wall_times_s.tolist(), points.values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"1000 0.5 3\n", [(3, 1.0, 0.5)]),
        (b"1000 0.5 3\n2000 0.25 4\n", [(3, 1.0, 0.5), (4, 2.0, 0.25)]),
        (b"1000 0.5 3\n2000 0.2", [(3, 1.0, 0.5)]),  # the last line is being written
        (b"1000 0.5", []),
        (b"1000 0.5\n2000 0.25\n", [(0, 1.0, 0.5), (0, 2.0, 0.25)]),  # before MLflow 1.0
        (b"1000 0.5\n2000 0.25 4\n", [(0, 1.0, 0.5), (4, 2.0, 0.25)]),
        (b"1000 0.5 3 diabetes d1gest\n", [(3, 1.0, 0.5)]),  # of a dataset
        (b"nonsense\n1000 0.5 3\n\n", [(3, 1.0, 0.5)]),
        (b"1000 0.5 three\n", []),
        (b"1000 0.5 99999999999999999999\n1000 0.5 3\n", [(3, 1.0, 0.5)]),
        (b"1000 0.5 -3\r\n", [(-3, 1.0, 0.5)]),
        (b"\xff\xfe 1 2\n", []),
    ],
)
def test_lines_that_make_sense_are_points(content: bytes, rows: list[tuple[int, float, float]]) -> None:
    assert _rows(parse(content)) == rows


def test_values_are_doubles_nan_and_infinite_ones_too() -> None:
    values = parse(b"1 16777217.123456789 0\n1 nan 1\n1 inf 2\n1 -inf 3\n1 5e-324 4\n").values.tolist()
    assert values[0] == 16777217.123456789
    assert math.isnan(values[1])
    assert values[2:] == [math.inf, -math.inf, 5e-324]


@given(st.binary(max_size=200) | st.text("0123456789 .-+einfna\n\t", max_size=200).map(str.encode))
def test_no_content_is_too_odd(content: bytes) -> None:
    points = parse(content)
    assert len(points) <= content.count(b"\n") + content.count(b"\r") + content.count(b"\x0b") + content.count(b"\x0c")
    assert (latest(points) is None) is (len(points) == 0)


def test_the_newest_point_is_of_the_largest_step_then_time_then_value() -> None:
    assert latest(columns([(1, 9.0, 9.0), (2, 1.0, 1.0), (2, 3.0, 5.0), (2, 3.0, 4.0)])) == LatestPoint(2, 3.0, 5.0)
    assert latest(columns([])) is None
