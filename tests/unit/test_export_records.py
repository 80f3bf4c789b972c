"""Event records, compared with those of TensorBoard's own writer."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.summary.writer.record_writer import RecordWriter

from tb_aml_plugin.export import crc32c, records
from tb_aml_plugin.model import ScalarSeries
from tb_aml_plugin.native import tf_records

INT64 = np.iinfo(np.int64)


def written(events: list[bytes]) -> bytes:
    """The records as TensorBoard writes them."""
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event)
    return file.getvalue()


def event(tag: str, step: int, wall_time_s: float, value: float) -> Event:
    with np.errstate(over="ignore"):
        simple = float(np.float32(value))
    return Event(wall_time=wall_time_s, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=simple)]))


def parsed(data: bytes) -> list[Event]:
    """The events in `data`; fails on a CRC that is wrong."""
    found = []
    while data:
        size = int.from_bytes(data[:8], "little")
        content = data[12 : 12 + size]
        assert int.from_bytes(data[8:12], "little") == masked_crc32c(data[:8])
        assert int.from_bytes(data[12 + size : 16 + size], "little") == masked_crc32c(content)
        found.append(Event.FromString(content))
        data = data[16 + size :]
    return found


def series(points: list[tuple[int, float, float]]) -> ScalarSeries:
    steps, times, values = zip(*points, strict=True) if points else ((), (), ())
    return ScalarSeries(np.array(steps, np.int64), np.array(times, np.float64), np.array(values, np.float64))


@given(st.binary(max_size=300))
def test_a_record_is_as_tensorboard_writes_it(data: bytes) -> None:
    assert records.record(data) == written([data])


@given(
    st.text(max_size=300).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    st.lists(
        st.tuples(st.integers(INT64.min, INT64.max), st.floats(), st.floats()),
        max_size=40,
        unique_by=lambda point: point[0],
    ).map(sorted),
)
def test_a_curve_is_read_back_as_it_was(tag: str, points: list[tuple[int, float, float]]) -> None:
    found = parsed(b"".join(records.scalars(tag, series(points))))
    wanted = [event(tag, *point) for point in points]
    assert [repr(one) for one in found] == [repr(one) for one in wanted]


def test_a_curve_with_usual_steps_is_the_same_bytes() -> None:
    points = [(step, 1.7e9 + step / 1000, step / 7) for step in range(1, 20_000)]
    wanted = written([event("train/loss", *point).SerializeToString() for point in points])
    assert b"".join(records.scalars("train/loss", series(points))) == wanted


def test_a_long_curve_comes_in_pieces() -> None:
    points = series([(step, 0.0, 1.0) for step in range(300_000)])
    pieces = list(records.scalars("x", points))
    assert max(map(len, pieces)) < 4_000_000
    assert len(pieces) == 7


@pytest.mark.parametrize("text", [b"123456789", b"", bytes(32), bytes(range(256))])
def test_checksums_of_rows_and_of_texts_are_tensorboards(text: bytes) -> None:
    rows = np.frombuffer(text, np.uint8).reshape(1, -1)
    blank = bytes(len(text))
    assert crc32c.masked_of_rows(blank, rows, range(len(text))).tolist() == [masked_crc32c(text)]
    assert tf_records.masked_crc(text) == masked_crc32c(text)
