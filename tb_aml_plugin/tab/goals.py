"""Which metrics the sweeps on the Board are after. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run
from tb_aml_plugin.tab.wire import Better
from tb_aml_plugin.tab.words import guessed_better

_TAGS = ("_aml_system_primary_metric_config", "primary_metric_config")
"""HyperDrive's, such as ``{"name": "loss", "goal": "minimize"}``, on the run of a sweep."""

_BETTER: Mapping[object, Better] = {"minimize": "lower", "maximize": "higher"}

Goals = Mapping[str, Better]
"""Metric → which way is better, as a sweep says."""


def goals(snapshot: Snapshot) -> Goals:
    """What the sweeps on the Board, and those above its runs, are after."""
    return dict(_said([*snapshot.runs.values(), *snapshot.parents.values()]))


def better(metric: str, said: Goals) -> Better:
    """Which way `metric` is better: as a sweep says, or else as its name suggests."""
    return said.get(metric) or guessed_better(metric)


def _said(runs: Iterable[Run]) -> Iterator[tuple[str, Better]]:
    for run in runs:
        text = next((run.tags[tag] for tag in _TAGS if tag in run.tags), None)
        found = _read(text) if text else None
        if found:
            yield found


def _read(text: str) -> tuple[str, Better] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        return None
    goal = said.get("goal")
    which = _BETTER.get(goal.lower()) if isinstance(goal, str) else None
    return (said["name"], which) if which else None
