"""The tab's search: one language for all runs on the Board."""

from __future__ import annotations

import time
from collections.abc import Callable

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import Run, RunId
from tb_aml_plugin.search.parser import parse
from tb_aml_plugin.search.terms import Subject, Term, words_of

__all__ = ["Searcher", "find", "parse"]

LONGEST_S = 5.0
_RUNS_PER_LOOK = 16
"""How many runs are searched between two looks at the clock."""

_REMEMBERED_LENGTH = 20_000
"""Texts of a run that are longer are put together anew for each search, so that memory stays bounded."""

Words = Callable[[str, Run], str]


class Searcher:
    """Finds runs, and remembers of those on the Board what makes finding words quick.

    **Threads.** Any number.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._words: dict[RunId, tuple[str, Run, str]] = {}
        self._version = -1

    def find(self, term: Term, snapshot: Snapshot) -> list[int]:
        """As the function of this name."""
        if snapshot.version != self._version:
            self._version = snapshot.version
            present = {run.id for run in snapshot.runs.values()}
            self._words = {id_: kept for id_, kept in self._words.items() if id_ in present}
        return find(term, snapshot, self._now_s, self._remembered)

    def _remembered(self, name: str, run: Run) -> str:
        kept = self._words.get(run.id)
        if kept is not None and kept[1] is run and kept[0] == name:
            return kept[2]
        words = words_of(name, run)
        if len(words) <= _REMEMBERED_LENGTH:
            self._words[run.id] = (name, run, words)
        return words


def find(term: Term, snapshot: Snapshot, now_s: Callable[[], float] = time.time, words: Words = words_of) -> list[int]:
    """Indices, in the order of `Snapshot.runs`, of the runs that `term` holds for.

    Raises:
      FilterError: it takes longer than `LONGEST_S`, which only a pattern made for that does.
    """
    names = {id_: experiment.name for id_, experiment in snapshot.experiments.items()}
    above = {id_: run.display_name for id_, run in snapshot.parents.items()}
    labels = above | {run.id: run.display_name for run in snapshot.runs.values()}
    moment_s, deadline_s = now_s(), time.monotonic() + LONGEST_S
    found: list[int] = []
    holds = term.holds
    for index, (name, run) in enumerate(snapshot.runs.items()):
        parent = labels.get(run.parent_id, "") if run.parent_id else ""
        if holds(Subject(name, run, names.get(run.experiment_id, ""), parent, moment_s, words)):
            found.append(index)
        if index % _RUNS_PER_LOOK == 0 and time.monotonic() > deadline_s:
            raise FilterError("This search takes too long; use a simpler pattern.", "", 0)
    return found
