"""A bar that says how far an export is; silent where nobody looks."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any


class Progress:
    """Runs done of all, points, and points a second, on standard error if that is a terminal."""

    def __init__(self, runs: int, *, show: bool = True) -> None:
        self.points = 0
        self._started_s = time.monotonic()
        self._bar: Any = None
        if show and runs and sys.stderr is not None and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=runs, unit="run", file=sys.stderr, dynamic_ncols=True)

    def advance(self, points: int) -> None:
        """One more run, with so many points."""
        self.points += points
        if self._bar is not None:
            rate = self.points / max(time.monotonic() - self._started_s, 1e-3)
            self._bar.set_postfix_str(f"{self.points:,} points, {rate:,.0f} points/s", refresh=False)
            self._bar.update()

    def __enter__(self) -> Progress:  # noqa: PYI034 - typing.Self is of Python 3.11
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()
