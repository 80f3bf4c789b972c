"""The Board as the run table shows it. Pure."""

from __future__ import annotations

import collections
import itertools
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import SYSTEM_PREFIX, ExperimentId, LatestPoint, Run, RunId
from tb_aml_plugin.tab.goals import Goals, better, goals
from tb_aml_plugin.tab.wire import Cell, Column, Kind, RunRow, RunTable
from tb_aml_plugin.tab.words import USER_TAG, as_number, label, number, people_tags, status
from tb_aml_plugin.visibility import Choice

_CELL_LENGTH = 300


_PROCESS = secrets.token_hex(4)
"""Numbers start afresh with the process; the browser's page outlives it."""


def version(snapshot: Snapshot, choice: Choice) -> str:
    """Differs whenever the run table does."""
    return f"{_PROCESS}.{snapshot.version}.{choice.version}"


class TableView:
    """Makes run tables, and remembers of the newest snapshot what takes long to find out.

    **Threads.** Any number; two that meet at a new snapshot do the work twice.
    """

    def __init__(self) -> None:
        self._described: tuple[int, list[Column]] = -1, []
        self._usual: tuple[int, dict[str, list[str]]] = -1, {}

    def table(
        self, snapshot: Snapshot, choice: Choice, cells: Sequence[str] | None = None, experiment: str = ""
    ) -> RunTable:
        """All runs, with a cell for each of the columns that `cells` names.

        None chooses those that tell most of the runs of `experiment`, or of all runs where that is "".
        """
        described = self.columns(snapshot)
        known = {column["key"] for column in described}
        if cells is None:
            wanted = self._usual_cells(snapshot, experiment, described)
        else:
            wanted = [key for key in dict.fromkeys(cells) if key in known]
        return {
            "version": version(snapshot, choice),
            "columns": described,
            "cells": wanted,
            "runs": [*_rows(snapshot, choice, [getter(key) for key in wanted]), *_stubs(snapshot)],
            "limit": snapshot.limit,
            "more": snapshot.more,
        }

    def _usual_cells(self, snapshot: Snapshot, experiment: str, described: list[Column]) -> list[str]:
        """What `default_cells` gives, without looking at all runs again where that was done for this snapshot."""
        version, usual = self._usual
        if version != snapshot.version:
            version, usual = self._usual = snapshot.version, {}
        names = [found.name for found in snapshot.experiments.values()]
        if len(names) == 1 and experiment in ("", *names):
            return default_cells([described])
        if experiment not in usual:
            found = default_cells(_columns_of_each(snapshot, experiment))
            if experiment not in ("", *names):
                return found
            usual[experiment] = found
        return usual[experiment]

    def columns(self, snapshot: Snapshot) -> list[Column]:
        """As the function of this name, kept until the snapshot's version changes."""
        version, described = self._described
        if version != snapshot.version:
            described = columns(snapshot)
            self._described = snapshot.version, described
        return described


def columns(snapshot: Snapshot) -> list[Column]:
    """Every param, metric and tag of any run; those of most runs first, then by name. Private tags are left out."""
    return _columns(snapshot.runs.values(), goals(snapshot))


def _columns_of_each(snapshot: Snapshot, experiment: str) -> list[list[Column]]:
    """The columns of each experiment called `experiment`, of all of them for ""; that of most runs first."""
    runs: dict[ExperimentId, list[Run]] = {
        found.id: [] for found in snapshot.experiments.values() if experiment in ("", found.name)
    }
    for run in snapshot.runs.values():
        if run.experiment_id in runs:
            runs[run.experiment_id].append(run)
    said = goals(snapshot)
    return [_columns(each, said) for each in sorted(runs.values(), key=len, reverse=True)]


def _columns(runs: Collection[Run], said: Goals) -> list[Column]:
    found = [
        *_text_columns("param", (run.params for run in runs), len(runs)),
        *_text_columns("tag", (people_tags(run) for run in runs), len(runs)),
        *_metric_columns(runs, said),
    ]
    return sorted(found, key=lambda column: (column["kind"], -column["runs"], column["name"]))


def default_cells(described: Sequence[Iterable[Column]]) -> list[str]:
    """The columns that tell most of each experiment: params that differ, what sweeps are after, the commonest metrics, a tag.

    Of several experiments each has its turn, so that the rows of none are empty.
    """
    telling = [[column for column in columns if _is_telling(column)] for columns in described]
    most: dict[Kind, int] = {"param": 4, "metric": min(max(2, len(telling)), 3), "tag": 1}
    return [key for kind, count in most.items() for key in _in_turn(telling, kind)[:count]]


def _is_telling(column: Column) -> bool:
    return (column["varies"] or column["kind"] == "metric") and not column["name"].startswith(SYSTEM_PREFIX)


def _in_turn(described: Iterable[Iterable[Column]], kind: Kind) -> list[str]:
    """The keys of one kind: the first of each experiment, the second of each, and so on; each key once."""
    keys = [
        [
            column["key"]
            for column in sorted(columns, key=lambda column: not column["primary"])
            if column["kind"] == kind
        ]
        for columns in described
    ]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*keys))
    return list(dict.fromkeys(key for key in turns if key is not None))


def getter(key: str, longest: int | None = _CELL_LENGTH) -> Callable[[Run], Cell]:
    """What gives a run's cell in the column `key`; a text is cut after `longest` characters."""
    kind, _, name = key.partition(".")
    if kind == "metrics":
        return lambda run: number(run.metrics[name].value) if name in run.metrics else None
    if kind == "params":
        return lambda run: _short(run.params.get(name), longest)
    return lambda run: _short(run.tags.get(name), longest)


def elsewhere(run: Run, experiment: str, present: Iterable[RunId] = ()) -> RunRow:
    """A run that is not on the Board."""
    return {**_row("", run, experiment, set(present)), "stub": True, "shown": False}


def _rows(snapshot: Snapshot, choice: Choice, getters: Sequence[Callable[[Run], Cell]]) -> Iterable[RunRow]:
    experiments, present = _experiments(snapshot), _present(snapshot)
    for name, run in snapshot.runs.items():
        row = _row(name, run, experiments.get(run.experiment_id, str(run.experiment_id)), present)
        row["shown"] = choice.shows(run.id)
        row["cells"] = [get(run) for get in getters]
        yield row


def _stubs(snapshot: Snapshot) -> Iterable[RunRow]:
    experiments, present = _experiments(snapshot), _present(snapshot)
    for run in snapshot.parents.values():
        yield elsewhere(run, experiments.get(run.experiment_id, str(run.experiment_id)), present)


def _experiments(snapshot: Snapshot) -> dict[str, str]:
    known = (*snapshot.existing, *snapshot.experiments.values())
    return {experiment.id: experiment.name for experiment in known}


def _present(snapshot: Snapshot) -> set[RunId]:
    return {*(run.id for run in snapshot.runs.values()), *snapshot.parents}


def _row(name: str, run: Run, experiment: str, present: set[RunId]) -> RunRow:
    return {
        "id": run.id,
        "name": name,
        "label": label(run),
        "experiment": experiment,
        "parent": run.parent_id if run.parent_id in present and run.parent_id != run.id else None,
        "stub": False,
        "status": status(run),
        "start_s": run.start_time_s,
        "end_s": run.end_time_s,
        "user": run.tags.get(USER_TAG, ""),
        "shown": True,
        "cells": [],
    }


def _text_columns(kind: Kind, texts: Iterable[Mapping[str, str]], runs: int) -> Iterable[Column]:
    values: dict[str, set[str]] = collections.defaultdict(set)
    counts: collections.Counter[str] = collections.Counter()
    for pairs in texts:
        counts.update(pairs.keys())
        for key, value in pairs.items():
            values[key].add(value)
    for key, count in counts.items():
        yield {
            "key": f"{kind}s.{key}",
            "kind": kind,
            "name": key,
            "runs": count,
            "varies": len(values[key]) > 1 or (kind == "tag" and count < runs),
            "numeric": kind == "param" and all(as_number(value) is not None for value in values[key]),
            "better": "unknown",
            "curves": 0,
            "primary": False,
        }


def _metric_columns(runs: Iterable[Run], said: Goals) -> Iterable[Column]:
    points: dict[str, list[LatestPoint]] = collections.defaultdict(list)
    for run in runs:
        for key, point in run.metrics.items():
            points[key].append(point)
    for key, found in points.items():
        first = found[0].value
        yield {
            "key": f"metrics.{key}",
            "kind": "metric",
            "name": key,
            "runs": len(found),
            "varies": any(point.value != first for point in found),
            "numeric": True,
            "better": better(key, said),
            "curves": sum(point.step > 0 for point in found),
            "primary": key in said,
        }


def _short(text: str | None, longest: int | None) -> str | None:
    return text if text is None or longest is None or len(text) <= longest else text[:longest] + "…"
