"""L, from the start of `tensorboard` to the first card of all 1000 runs, against its fast data server on event files."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.figures import Figure
from benchmarks.first_card import measured
from benchmarks.workloads import L


def run() -> Iterable[Figure]:
    return measured(L, rounds=3, at_most=0.5)
