"""How far a file of TFRecords can be trusted. Pure but for reading the file.

A record is its length (uint64), a checksum of that, the data, a checksum of the data; little-endian, checksums masked
CRC-32C (`tensorflow/core/lib/io/record_writer.h`).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import BinaryIO

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
_HEADER_BYTES = _LENGTH.size + _CHECKSUM.size
_BLOCK_BYTES = 4 * 2**20
MASK_DELTA = 0xA282EAD8
"""Of masked checksums (`tensorflow/core/lib/hash/crc32c.h`)."""


def sound_to(
    file: BinaryIO, start: int = 0, breathe: Callable[[float], None] = lambda worked_s: None
) -> tuple[int, bool]:
    """(offset behind the last whole and undamaged record, whether what follows it is damaged).

    What follows and is no whole record yet is not damage: its writer is at work.

    Args:
      start: offset of a record, up to which the file is known to be sound.
      breathe: called now and then with the seconds of work since the last time.
    """
    while True:
        began_s = time.perf_counter()
        file.seek(start)
        block = file.read(_BLOCK_BYTES)
        length = _sound_part(block)
        breathe(time.perf_counter() - began_s)
        if length:
            start += length
            continue
        if len(block) < _HEADER_BYTES:
            return start, False
        if masked_crc(block[: _LENGTH.size]) != _CHECKSUM.unpack_from(block, _LENGTH.size)[0]:
            return start, True
        # A record that is longer than a block, not written to its end, or damaged.
        behind = start + _HEADER_BYTES + _LENGTH.unpack_from(block)[0] + _CHECKSUM.size
        if behind > file.seek(0, 2):
            return start, False
        if not _is_sound(file, start + _HEADER_BYTES, behind - _CHECKSUM.size):
            return start, True
        start = behind


def masked_crc(data: bytes) -> int:
    """The checksum of `data` as TFRecords hold it."""
    import google_crc32c

    return _masked(google_crc32c.value(data))


def _masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + MASK_DELTA) & 0xFFFFFFFF


def _sound_part(block: bytes) -> int:
    """Bytes of the whole and undamaged records that `block` begins with.

    A length whose data has the right checksum is right: its own need not be looked at.
    """
    import google_crc32c

    start, end, crc_of = 0, len(block), google_crc32c.value
    while start + _HEADER_BYTES <= end:
        behind = start + _HEADER_BYTES + _LENGTH.unpack_from(block, start)[0]
        if behind + _CHECKSUM.size > end:
            break
        if _masked(crc_of(block[start + _HEADER_BYTES : behind])) != _CHECKSUM.unpack_from(block, behind)[0]:
            break
        start = behind + _CHECKSUM.size
    return start


def _is_sound(file: BinaryIO, start: int, end: int) -> bool:
    """Whether the data between two offsets has the checksum that follows it."""
    import google_crc32c

    crc = 0
    file.seek(start)
    while start < end:
        chunk = file.read(min(end - start, _BLOCK_BYTES))
        if not chunk:
            return False
        crc = google_crc32c.extend(crc, chunk)
        start += len(chunk)
    return bool(_CHECKSUM.unpack(file.read(_CHECKSUM.size))[0] == _masked(crc))
