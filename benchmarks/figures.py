"""A measured number, its goal, and both sides of a comparison."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Samples = dict[str, list[float]]
"""Side → its measurements, one a round: those of one round were taken one after the other."""


@dataclass(frozen=True)
class Figure:
    """One line of the published table.

    Attributes:
      name: what was measured, on which workload.
      value: the measured number, in `unit`.
      at_most, at_least: the goal; None where there is none.
      sides: what `value` was made of, by name: seconds, bytes, queries, as the name says.
      note: one short sentence, or "".
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    sides: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached; without one it is."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


def timed(do: Callable[[], object]) -> Callable[[], float]:
    """`do`, returning the seconds that it took."""

    def run() -> float:
        begin = time.perf_counter()
        do()
        return time.perf_counter() - begin

    return run


def interleaved(rounds: int, sides: Mapping[str, Callable[[], float]]) -> Samples:
    """Measures each side once a round, so that a busy machine slows all of them alike.

    Every other round goes through the sides backwards: none always runs after the same other one.

    Args:
      sides: by name; each returns its measurement (see `timed`).
    """
    samples: Samples = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides)[:: 1 if number % 2 == 0 else -1]:
            samples[name].append(sides[name]())
    return samples


def ratio(samples: Samples, one: str, other: str) -> float:
    """`one` / `other`: the median of the ratios of the rounds."""
    return statistics.median(a / b for a, b in zip(samples[one], samples[other], strict=True))


def difference(samples: Samples, one: str, other: str) -> float:
    """`one` - `other`: the median of the differences of the rounds."""
    return statistics.median(a - b for a, b in zip(samples[one], samples[other], strict=True))


def medians(samples: Samples, unit: str = "s") -> dict[str, float]:
    """The median of each side, its unit in its name."""
    return {f"{name} ({unit})": statistics.median(found) for name, found in samples.items()}


def shown(number: float) -> str:
    """`number` with three digits that matter."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:,.{digits}f}"


def goal_of(figure: Figure) -> str:
    """The goal in words, "" where there is none."""
    bounds: Sequence[tuple[str, float | None]] = (("≤", figure.at_most), ("≥", figure.at_least))
    return " and ".join(f"{sign} {bound:g} {figure.unit}" for sign, bound in bounds if bound is not None)
