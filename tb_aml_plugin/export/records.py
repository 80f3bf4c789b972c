"""Records of an event file. Pure.

A record is: length of the data (uint64), its masked CRC, the data, its masked CRC (`tensorflow/core/lib/io`,
record_writer.cc). The data is an `Event` (`tensorboard/compat/proto/event.proto`). Those of a curve differ in three
numbers only, so they are laid out as rows of one array, not built one by one.
"""

from __future__ import annotations

import functools
import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.export import crc32c
from tb_aml_plugin.model import ScalarSeries
from tb_aml_plugin.native.tf_records import masked_crc

_ROWS_AT_ONCE = 65_536
"""About 5 MB of records: memory stays small however long a curve is."""

_HEAD = struct.Struct("<QI")
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A  # fields of Event, with their wire types
_VALUE, _TAG, _SIMPLE_VALUE = 0x0A, 0x0A, 0x15  # of Summary, of Summary.Value


def record(data: bytes) -> bytes:
    """One record that holds `data`."""
    head = _HEAD.pack(len(data), 0)[:8]
    return b"".join(
        (
            head,
            struct.pack("<I", masked_crc(head)),
            data,
            struct.pack("<I", masked_crc(data)),
        )
    )


def scalars(tag: str, series: ScalarSeries) -> Iterator[bytes]:
    """The records of a curve, in order, in large pieces.

    Values are float32, as in every event file: TensorBoard's fast reader shows no scalars of any other type
    (DT_DOUBLE tensors, which its slow reader takes, are left out by tensorboard-data-server 0.7).
    """
    sizes = _varint_sizes(series.steps)
    edges = [0, *(np.flatnonzero(np.diff(sizes)) + 1).tolist(), len(series)] if len(series) else []
    for start, end in itertools.pairwise(edges):
        for first in range(start, end, _ROWS_AT_ONCE):
            part = slice(first, min(first + _ROWS_AT_ONCE, end))
            yield _rows(tag, int(sizes[first]), series.steps[part], series.wall_times_s[part], series.values[part])


@dataclass(frozen=True)
class _Layout:
    """Where the numbers stand in the records of one tag whose steps take equally many bytes."""

    template: bytes  # of the data, zeros where the numbers are
    wall_time: slice
    step: slice
    value: slice

    @property
    def varying(self) -> list[int]:
        places = range(len(self.template))
        return [*places[self.wall_time], *places[self.step], *places[self.value]]


@functools.lru_cache(4096)
def _layout(tag: str, step_size: int) -> _Layout:
    name = tag.encode()
    value = bytes((_TAG,)) + _varint(len(name)) + name + bytes((_SIMPLE_VALUE,))
    summary = bytes((_VALUE,)) + _varint(len(value) + 4) + value
    head = bytes((_WALL_TIME,)) + bytes(8) + bytes((_STEP,)) + bytes(step_size)
    data = head + bytes((_SUMMARY,)) + _varint(len(summary) + 4) + summary + bytes(4)
    return _Layout(data, slice(1, 9), slice(10, 10 + step_size), slice(len(data) - 4, len(data)))


def _rows(
    tag: str,
    step_size: int,
    steps: npt.NDArray[np.int64],
    wall_times_s: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
) -> bytes:
    layout = _layout(tag, step_size)
    size = len(layout.template)
    blank = record(layout.template)
    rows = np.tile(np.frombuffer(blank, np.uint8), (len(steps), 1))
    data = rows[:, _HEAD.size : _HEAD.size + size]
    data[:, layout.wall_time] = _bytes_of(wall_times_s.astype("<f8"), 8)
    data[:, layout.step] = _varints(steps, step_size)
    with np.errstate(over="ignore"):  # beyond float32 is ±inf there
        data[:, layout.value] = _bytes_of(values.astype("<f4"), 4)
    crcs = crc32c.masked_of_rows(layout.template, data, layout.varying)
    rows[:, -4:] = _bytes_of(crcs.astype("<u4"), 4)
    return rows.tobytes()


def _bytes_of(column: npt.NDArray[np.generic], width: int) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(column).view(np.uint8).reshape(-1, width)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _varint_sizes(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bytes that each takes; negative ones take ten."""
    limits = np.array([2 ** (7 * size) for size in range(1, 9)], np.int64)
    sizes = np.searchsorted(limits, numbers, side="right") + 1
    return np.where(numbers < 0, 10, sizes)


def _varints(numbers: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.uint8]:
    """`numbers`, which all take `size` bytes, as rows of bytes."""
    unsigned = numbers.astype(np.uint64)
    shifts = np.arange(size, dtype=np.uint64) * np.uint64(7)
    rows = ((unsigned[:, None] >> shifts) & np.uint64(0x7F)).astype(np.uint8)
    rows[:, :-1] |= 0x80
    return rows
