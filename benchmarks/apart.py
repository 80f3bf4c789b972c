"""A process of its own for each side, so that neither pays for what the other has loaded."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any


@contextlib.contextmanager
def process() -> Iterator[Callable[..., Any]]:
    """Gives ``call(function, *arguments)``, which runs a function of a module in a new Python that lives as long as the block."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()
