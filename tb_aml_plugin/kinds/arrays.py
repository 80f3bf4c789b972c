"""Arrays of numbers, weights say: the Histograms and Distributions dashboards."""

from __future__ import annotations

import io
import re
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File, Found, megabytes
from tb_aml_plugin.kinds.json_rows import loads
from tb_aml_plugin.kinds.ranged import RangedFile
from tb_aml_plugin.media import Dashboard, Histogram

BUCKETS = 30
"""As many as TensorBoard's own summaries have (`plugins/histogram/summary_v2.py`)."""

_MOST_BYTES = 64 * 2**20
_MOST_ARRAYS = 100
LEAST_NUMBERS = 10
"""Of fewer there is no distribution worth a chart."""

_BROKEN = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    SyntaxError,
    tokenize.TokenError,  # NumPy reads an old header as Python
)
_BEGINS_NUMBERS = re.compile(rb"\s*\[[\s\[]*-?\d")


class NumpyArrays:
    """``.npy``."""

    name = "npy"

    def claims(self, file: File) -> bool:
        return file.suffix == ".npy"

    def find(self, file: File) -> Iterable[Found]:
        return (Found(Dashboard.HISTOGRAMS, file.path),)

    def payload(self, file: File, part: str) -> Histogram:
        return histogram(_array(file.whole(_MOST_BYTES)))


class NumpyArchives:
    """``.npz``: a histogram for each array in it."""

    name = "npz"

    def claims(self, file: File) -> bool:
        return file.suffix == ".npz"

    def find(self, file: File) -> Iterable[Found]:
        try:
            with zipfile.ZipFile(_buffered(file)) as archive:
                names = [name for name in archive.namelist() if name.endswith(".npy")]
        except _BROKEN as error:
            raise CannotShow(f"It is no archive that can be read ({type(error).__name__}).") from None
        if not 0 < len(names) <= _MOST_ARRAYS:
            raise CannotShow(f"It holds {len(names)} arrays; from 1 to {_MOST_ARRAYS} are shown.")
        return [Found(Dashboard.HISTOGRAMS, f"{file.path}/{name.removesuffix('.npy')}", part=name) for name in names]

    def payload(self, file: File, part: str) -> Histogram:
        try:
            with zipfile.ZipFile(_buffered(file)) as archive:
                if archive.getinfo(part).file_size > _MOST_BYTES:
                    raise CannotShow(f"The array has more than {megabytes(_MOST_BYTES)}.")
                with archive.open(part) as member:
                    # A member that is larger than it says would unpack without end.
                    content = member.read(_MOST_BYTES + 1)
        except _BROKEN as error:
            raise CannotShow(f"It is no archive that can be read ({type(error).__name__}).") from None
        return histogram(_array(content[:_MOST_BYTES]))


class NumberLists:
    """JSON that is one list of numbers, or lists of lists of them."""

    name = "numbers"

    def claims(self, file: File) -> bool:
        return file.suffix == ".json" and _BEGINS_NUMBERS.match(file.head) is not None

    def find(self, file: File) -> Iterable[Found]:
        return (Found(Dashboard.HISTOGRAMS, file.path),)

    def payload(self, file: File, part: str) -> Histogram:
        found = loads(file.whole(_MOST_BYTES // 4))
        try:
            numbers = np.array(found, np.float64)
        except (ValueError, TypeError, OverflowError):
            raise CannotShow("It is no list of numbers alone.") from None
        return histogram(numbers)


def histogram(numbers: Any) -> Histogram:
    """How `numbers`, an array of any shape, are distributed; NaN and infinity left out.

    Raises:
      CannotShow: fewer than 10 are left, or they are no real numbers.
    """
    if numbers.dtype.kind not in "biuf":
        raise CannotShow(f"It is an array of {numbers.dtype}, not of real numbers.")
    values = numbers.ravel().astype(np.float64)
    values = values[np.isfinite(values)]
    if len(values) < LEAST_NUMBERS:
        raise CannotShow(
            f"It holds {len(values)} numbers; of fewer than {LEAST_NUMBERS} there is no distribution to show."
        )
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(high - low):
        raise CannotShow("Its numbers lie too far apart.")
    if np.nextafter(low, np.inf) >= high:  # one value, or two neighbours that no bucket parts
        return Histogram(np.array([[low - 0.5, low + 0.5, len(values)]], np.float64))
    try:
        counts, edges = np.histogram(values, bins=BUCKETS, range=(low, high))
    except ValueError:  # so close together that thirty edges are not all different
        return Histogram(np.array([[low, high, len(values)]], np.float64))
    return Histogram(np.stack([edges[:-1], edges[1:], counts.astype(np.float64)], axis=1))


def _array(content: bytes) -> Any:
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except (*_BROKEN, MemoryError, OverflowError, TypeError) as error:
        raise CannotShow(f"It is no array that can be read ({type(error).__name__}).") from None


def _buffered(file: File) -> io.BufferedReader:
    return io.BufferedReader(RangedFile(file), 2**16)
