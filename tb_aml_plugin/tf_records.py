"""How far a file of TFRecords can be trusted. Pure but for reading the file."""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")
_CHUNK = 2**20
_MASK_DELTA = 0xA282EAD8


def sound_to(file: BinaryIO, start: int = 0) -> tuple[int, bool]:
    """(offset behind the last whole and undamaged record, whether what follows it is damaged).

    What follows and is no whole record yet is not damage: its writer is at work.

    A record is its length (uint64), a checksum of that, the data, a checksum of the data; little-endian, checksums
    masked CRC-32C (`tensorflow/core/lib/io/record_writer.h`).

    Args:
      start: offset of a record, up to which the file is known to be sound.
    """
    end = file.seek(0, 2)
    while True:
        file.seek(start)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return start, False
        length, checksum = _HEADER.unpack(header)
        if masked_crc(header[:8]) != checksum:
            return start, True
        behind = start + _HEADER.size + length + _FOOTER.size
        if behind > end:
            return start, False
        if not _is_sound(file, length):
            return start, True
        start = behind


def masked_crc(data: bytes) -> int:
    """The checksum of `data` as TFRecords hold it."""
    import google_crc32c

    return _masked(google_crc32c.value(data))


def _masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def _is_sound(file: BinaryIO, length: int) -> bool:
    import google_crc32c

    crc, left = 0, length
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            return False
        crc = google_crc32c.extend(crc, chunk)
        left -= len(chunk)
    return bool(_FOOTER.unpack(file.read(_FOOTER.size))[0] == _masked(crc))
