"""Which points of a long curve to send. Pure and deterministic."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FEWEST = 4
"""First, last, lowest, highest: what no curve may lose."""


def choose(values: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.intp]:
    """Indices, increasing, of at most `k` of `values`.

    With ``k >= len(values)`` all of them. Otherwise they always hold the last point; from ``k == 4`` on also the
    first, the lowest and the highest finite one; the rest is spread evenly, so that a smoothed curve keeps its
    mean, and curves with the same steps keep the same steps (but for their extremes). ``k <= 0`` is none.
    """
    n = len(values)
    if k >= n:
        return np.arange(n)
    if k <= 0:
        return np.empty(0, np.intp)
    if k < _FEWEST:
        return np.unique(np.linspace(n - 1, 0, k).astype(np.intp))
    spread = np.linspace(0, n - 1, k - 2).round().astype(np.intp)
    return np.union1d(spread, _extremes(values))


def share(budget: int, lengths: list[int], limit: int) -> int:
    """How many points each of several curves may have, so that together they have at most `budget`.

    Curves shorter than an even share leave the rest of theirs to the others. Never under 4, the least that shows a
    curve's ends and extremes, even where the budget is exceeded by it; never over `limit`.
    """
    left, best = budget, 0
    for count, length in zip(range(len(lengths), 0, -1), sorted(lengths), strict=True):
        best = left // count
        if length > best:
            break
        left -= length
    else:
        best = limit
    return max(min(limit, _FEWEST), min(limit, best))


def _extremes(values: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return finite
    return np.array([finite[values[finite].argmin()], finite[values[finite].argmax()]], np.intp)
