"""What a question of TensorBoard is about: which runs, which tags. Shared by our data providers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any

from tensorboard.data import provider as tb

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run

EVERYTHING = frozenset(("", "defaultExperimentId"))
"""TensorBoard's pages ask with the first, its Angular parts with the second: both mean all that was chosen."""

FIRST_LISTING_TIMEOUT_S = 15.0

Listing = dict[str, dict[str, Any]]
"""Run name → tag → description of a time series, as TensorBoard's list methods return it."""


class PerVersion:
    """What was computed from one version of the data, until the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: Hashable = None
        self._kept: dict[Hashable, Listing] = {}

    def get(self, version: Hashable, key: Hashable, make: Callable[[], Listing]) -> Listing:
        with self._lock:
            if version != self._version:
                self._version, self._kept = version, {}
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]


def of_experiment(snapshot: Snapshot, experiment_id: str) -> Mapping[str, Run]:
    if experiment_id in EVERYTHING:
        return snapshot.runs
    chosen = {e.id for e in snapshot.experiments.values() if experiment_id in (e.name, e.id)}
    return {name: run for name, run in snapshot.runs.items() if run.experiment_id in chosen}


def filtered(listing: Listing, wanted: tb.RunTagFilter | None) -> Listing:
    """What passes `wanted`, without runs that have nothing left: callers take each run's tag for granted."""
    if wanted is None or (wanted.runs is None and wanted.tags is None):
        return listing
    kept = {
        run: {tag: series for tag, series in by_tag.items() if admits(wanted.tags, tag)}
        for run, by_tag in listing.items()
        if admits(wanted.runs, run)
    }
    return {run: by_tag for run, by_tag in kept.items() if by_tag}


def admits(names: Collection[str] | None, name: str) -> bool:
    return names is None or name in names
