"""CRC-32C (Castagnoli) of many records of one length at a time.

A CRC is affine over the bits of its input, so the CRC of a record is that of a template whose varying bytes are zero,
XORed with one table entry for each varying byte. That makes the CRCs of a million records a few array operations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tb_aml_plugin.native.tf_records import MASK_DELTA

_POLYNOMIAL = 0x82F63B78

U32 = npt.NDArray[np.uint32]


def _table() -> U32:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(_POLYNOMIAL), values >> 1)
    return values


_FIRST = _table()
_followed_by: list[U32] = [_FIRST]
"""[k][b]: what a byte b that k bytes follow adds to a CRC."""


def masked_of_rows(template: bytes, rows: npt.NDArray[np.uint8], varying: Sequence[int]) -> U32:
    """The masked CRC of each row, as `native.tf_records.masked_crc` gives it.

    Args:
      template: a row with zeros at the columns `varying`; all rows are equal to it elsewhere.
      rows: uint8 of shape (n, len(template)).
    """
    import google_crc32c

    values = np.full(len(rows), google_crc32c.value(template), np.uint32)
    for column in varying:
        values ^= _adds(len(template) - 1 - column)[rows[:, column]]
    return (values >> np.uint32(15) | values << np.uint32(17)) + np.uint32(MASK_DELTA)


def _adds(following: int) -> U32:
    while len(_followed_by) <= following:
        before = _followed_by[-1]
        _followed_by.append(_FIRST[before & 0xFF] ^ (before >> np.uint32(8)))
    return _followed_by[following]
