"""Measured figures as files and as a table."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.figures import Figure, goal_of, shown

FOLDER = Path(__file__).parent / "results"
_PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
_BEGIN, _END = "<!-- figures: python -m benchmarks --publish -->\n", "<!-- end of figures -->"
_PACKAGES = ("tensorboard", "mlflow", "numpy", "sqlalchemy")


def save(name: str, figures: Sequence[Figure]) -> None:
    """Keeps the figures of the benchmark `name`, with where and when they were measured, in place of earlier ones."""
    FOLDER.mkdir(exist_ok=True)
    found = {"measured": _circumstances(), "figures": [dataclasses.asdict(figure) for figure in figures]}
    (FOLDER / f"{name}.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def kept(names: Iterable[str]) -> list[Figure]:
    """The figures kept of those of the benchmarks `names` that were ever run."""
    paths = [FOLDER / f"{name}.json" for name in names]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
    return [Figure(**figure) for result in found for figure in result["figures"]]


def table(figures: Iterable[Figure]) -> str:
    """`figures` as a Markdown table."""
    head = "| figure | measured | goal | | made of |\n|---|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(_cells(figure))} |\n" for figure in figures)


def publish(table: str) -> None:
    """Puts `table` into docs/speed.md, in place of the one that is there."""
    before, begin, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin and end, f"{_PAGE} has no place for the figures"  # noqa: PT018
    _PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def _cells(figure: Figure) -> list[str]:
    verdict = "" if not goal_of(figure) else "met" if figure.is_met else "**missed**"
    sides = ", ".join(f"{name}: {shown(value)}" for name, value in figure.sides.items())
    made_of = "; ".join(filter(None, (sides, figure.note)))
    return [figure.name, f"{shown(figure.value)} {figure.unit}", goal_of(figure), verdict, made_of]


def _circumstances() -> dict[str, object]:
    return {
        "time": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        **{package: version(package) for package in _PACKAGES},
    }
