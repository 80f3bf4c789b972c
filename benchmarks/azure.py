"""An Azure ML sweep of 300 children with 10 metrics: index, card, reload; the emulator answers after 50 ms.

The emulator's MLflow server is asked everything once before anything is measured: it keeps its answers, since Azure's
servers do not share processors with us and this one would.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import python_with
from benchmarks.figures import Figure
from tests.emulator import Emulator, emulator, scenarios
from tests.emulator.clients import environ
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

EXPERIMENT, CHILDREN, METRICS, POINTS = "sweep", 300, 10, 10
_LATENCY_S = 0.05
_RELOAD_S = 5
_RELOADS = 14
"""A little more than a minute: what is asked once a minute is among it."""
_PATIENCE_S = 120
_IS_LAST = (False, False, False, True)
"""Rounds; the first warms up, the last watches reloads as well."""
_ANCHOR = ("azureml-tensorboard==1.62.0", "tensorflow-cpu", "tensorboard")


_BACKGROUND = ("metrics.list", "artifacts.list")
"""What nothing on the screen waits for: the lists and tables of each run, and its files. Asked once for a run that ended."""


@dataclass(frozen=True)
class _Card:
    """One card, from the first time it is asked for until it is whole."""

    time_s: float
    first_s: float  # until the first lines
    asked: dict[str, int]
    most_in_flight: int


@dataclass(frozen=True)
class _Start:
    """One start of ``tensorboard``: until all runs and tags are listed, a card at once, and one when all is quiet."""

    index_s: float
    index: dict[str, int]
    at_once: _Card
    quiet: _Card
    reloads: list[dict[str, int]]  # requests of each reload, by kind


def run() -> Iterable[Figure]:
    with emulator(blobs=False) as azure, tempfile.TemporaryDirectory(prefix="bench-azure-") as folder:
        home = Path(folder)
        azure.write_config(home)
        root = scenarios.sweep(azure, EXPERIMENT, children=CHILDREN, metrics=METRICS, points=POINTS)
        azure.faults.latency_s = {"*": _LATENCY_S}
        starts = [_measure(azure, home, reloads=_RELOADS if is_last else 0) for is_last in _IS_LAST][1:]
        yield from _figures(starts)
        yield _anchor(azure, home, root.id, statistics.median(start.index_s + start.at_once.time_s for start in starts))


def _figures(starts: list[_Start]) -> Iterable[Figure]:
    what = f"Azure ML, {CHILDREN} children × {METRICS} metrics, 50 ms latency"
    index_s = statistics.median(start.index_s for start in starts)
    yield Figure(f"{what}: first request to all runs and tags, cold", index_s, "s", at_most=3)
    index = max(starts, key=lambda start: _count(start.index)).index
    yield Figure(f"{what}: requests until then", _count(index), "requests", at_most=10, note=_said(index))
    for name, cards in (
        ("one card at once", [start.at_once for start in starts]),
        ("one card, later", [start.quiet for start in starts]),
    ):
        sides = {"until its first lines (s)": statistics.median(card.first_s for card in cards)}
        card_s = statistics.median(card.time_s for card in cards)
        yield Figure(f"{what}: {name}, until it is whole", card_s, "s", at_most=2.5, sides=sides)
        asked = max(cards, key=lambda card: _histories(card.asked)).asked
        yield Figure(
            f"{what}: {name}, its requests", _histories(asked), "requests", at_most=CHILDREN, note=_said(asked)
        )
    in_flight = max(card.most_in_flight for start in starts for card in (start.at_once, start.quiet))
    yield Figure(f"{what}: most requests at once", in_flight, "requests", at_most=16)
    reloads = starts[-1].reloads
    worst = max(reloads, key=_total)
    yield Figure(
        f"{what}: requests of a reload, nothing changed, the worst of {len(reloads)}",
        _total(worst),
        "requests",
        at_most=2,
        note=_said(worst),
        sides={"on average": statistics.mean(_total(asked) for asked in reloads)},
    )


def _measure(azure: Emulator, home: Path, *, reloads: int) -> _Start:
    azure.journal.clear()
    flags = ("--aml_experiment", EXPERIMENT, "--reload_interval", str(_RELOAD_S))
    with tensorboard(*flags, cwd=home, environ={**environ(azure, home), **azure.service_principal()}) as board:
        _wait(lambda: azure.journal.entries)
        _wait(lambda: _is_listed(board))
        index_s = time.monotonic() - azure.journal.entries[0].started_s
        index = azure.journal.by_kind()
        at_once = _card(azure, board, "metric 3")
        _wait_for_quiet(azure)
        quiet = _card(azure, board, "metric 4")
        azure.journal.clear()
        threading.Event().wait(_RELOAD_S * reloads)
        return _Start(index_s, index, at_once, quiet, _reloads(azure))


def _reloads(azure: Emulator) -> list[dict[str, int]]:
    """What each reload asked: requests that are close together are of one."""
    found: list[dict[str, int]] = []
    before_s = float("-inf")
    for entry in azure.journal.entries:
        if entry.started_s - before_s > _RELOAD_S / 2:
            found.append({})
        found[-1][entry.kind] = found[-1].get(entry.kind, 0) + 1
        before_s = entry.started_s
    return found


def _card(azure: Emulator, board: TensorBoard, tag: str) -> _Card:
    azure.journal.clear()
    begin, first_s = time.monotonic(), 0.0
    while not _is_whole(card := board.card(tag)):
        first_s = first_s or (time.monotonic() - begin if card else 0.0)
        assert time.monotonic() < begin + _PATIENCE_S, "the card does not become whole"
    card_s = time.monotonic() - begin
    return _Card(card_s, first_s or card_s, azure.journal.by_kind(), azure.journal.most_in_flight)


def _wait_for_quiet(azure: Emulator) -> None:
    """Until the background has nothing more to ask."""
    done = -1
    while done != (done := sum(map(azure.journal.count, _BACKGROUND))):
        threading.Event().wait(2 * _RELOAD_S)


def _anchor(azure: Emulator, home: Path, root_id: str, ours_s: float) -> Figure:
    python = python_with("azureml-tensorboard", *_ANCHOR)
    script = Path(__file__).with_name("anchors") / "azureml_export.py"
    azure.journal.clear()
    with tempfile.TemporaryDirectory(prefix="bench-export-") as folder:
        done = subprocess.run(
            [str(python), str(script), root_id, folder],
            env={**environ(azure, home), **azure.service_principal()},
            cwd=home,
            check=True,
            capture_output=True,
            text=True,
        )
    theirs_s = float(done.stdout.split()[-1])
    sides = {"index and one card (s)": ours_s, "export_to_tensorboard (s)": theirs_s}
    name = "Azure ML, the same: first card, against azureml-tensorboard 1.62.0's export before TensorBoard starts"
    note = f"the export asks {sum(azure.journal.by_kind().values())} times, one after the other, and keeps no steps"
    return Figure(name, ours_s / theirs_s, "×", sides=sides, note=note)


def _is_listed(board: TensorBoard) -> bool:
    tags = board.scalar_tags()
    return sum(len(found) == METRICS for found in tags.values()) == CHILDREN


def _is_whole(card: dict[str, list[dict[str, float]]]) -> bool:
    return len(card) == CHILDREN and all(len(curve) == POINTS for curve in card.values())


def _wait(condition: Callable[[], object]) -> None:
    assert wait_until(condition, _PATIENCE_S, every_s=0.02)


def _total(asked: Mapping[str, float]) -> float:
    return sum(asked.values())


def _count(asked: Mapping[str, float]) -> float:
    return sum(count for kind, count in asked.items() if kind not in _BACKGROUND)


def _histories(asked: Mapping[str, float]) -> float:
    return sum(asked.get(kind, 0) for kind in ("metrics.full", "mlflow.metrics/get-history"))


def _said(asked: Mapping[str, float]) -> str:
    background = {kind: count for kind, count in asked.items() if kind in _BACKGROUND}
    text = _list({kind: count for kind, count in asked.items() if kind not in _BACKGROUND})
    return f"{text}; beside it, for what nothing waits: {_list(background)}" if background else text


def _list(asked: Mapping[str, float]) -> str:
    return ", ".join(f"{count:g} {kind}" for kind, count in asked.items())
