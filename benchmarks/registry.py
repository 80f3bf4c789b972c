"""The benchmarks, in the order in which they run.

A benchmark is a module of this package whose docstring's first line says what it measures, with a function
``run() -> Iterable[Figure]``. Adding one is that module and a line here.
"""

from __future__ import annotations

import importlib
from types import ModuleType

BENCHMARKS = (
    "first_card_m",
    "first_card_l",
    "card_m",
    "large",
    "reload",
    "azure",
    "rest_m",
    "inert",
    "tab",
    "first_picture",
    "artifact_listing",
    "native_logs",
    "tab_size",
    "tab_table",
    "tab_curve",
    "export",
    "launch",
    "side_by_side",
)


def load(name: str) -> ModuleType:
    """The module of the benchmark `name`; what it needs is imported now."""
    return importlib.import_module(f"benchmarks.{name}")
