"""The tab's search: one language for all runs on the Board."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import RunId
from tb_aml_plugin.search.narrowing import narrows
from tb_aml_plugin.search.parser import parse
from tb_aml_plugin.search.terms import Subject, Term

__all__ = ["Searcher", "find", "parse"]

LONGEST_S = 5.0
_RUNS_PER_LOOK = 16
"""How many runs are searched between two looks at the clock."""

_SEARCHES_REMEMBERED = 24
"""Searches whose results are kept: as many as are typed, and deleted again, in a minute."""


class _Searched:
    """The runs of one version of the Board, and what was found among them lately."""

    def __init__(self, version: int, subjects: Sequence[Subject]) -> None:
        self.version = version
        self.subjects = subjects
        self._found: tuple[tuple[Term, Sequence[int]], ...] = ()

    def find(self, term: Term) -> list[int]:
        """As `find`, of its runs."""
        wider = [found for before, found in self._found if narrows(term, before)]
        within = min(wider, key=len, default=range(len(self.subjects)))
        found = _holding(term, self.subjects, within)
        self._found = (*self._found, (term, found))[-_SEARCHES_REMEMBERED:]
        return found


class Searcher:
    """Finds runs, and remembers of those on the Board what makes finding them quick.

    What a search has found is searched again where the next one is stricter, as it is when a person types on; the
    whole Board otherwise.

    **Threads.** Any number.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s
        self._searched = _Searched(-1, ())

    def find(self, term: Term, snapshot: Snapshot) -> list[int]:
        """As the function of this name."""
        searched = self._searched
        if snapshot.version != searched.version:
            before = {subject.run.id: subject for subject in searched.subjects}
            searched = _Searched(snapshot.version, _subjects(snapshot, self._now_s, before))
            self._searched = searched
        return searched.find(term)


def find(term: Term, snapshot: Snapshot, now_s: Callable[[], float] = time.time) -> list[int]:
    """Indices, in the order of `Snapshot.runs`, of the runs that `term` holds for.

    Raises:
      FilterError: it takes longer than `LONGEST_S`, which only a pattern made for that does.
    """
    subjects = _subjects(snapshot, now_s, {})
    return _holding(term, subjects, range(len(subjects)))


def _subjects(snapshot: Snapshot, now_s: Callable[[], float], before: Mapping[RunId, Subject]) -> list[Subject]:
    """The runs in their order; those of `before` that are still the same."""
    names = {id_: experiment.name for id_, experiment in snapshot.experiments.items()}
    above = {id_: run.display_name for id_, run in snapshot.parents.items()}
    labels = above | {run.id: run.display_name for run in snapshot.runs.values()}
    found: list[Subject] = []
    for name, run in snapshot.runs.items():
        beside = names.get(run.experiment_id, ""), labels.get(run.parent_id, "") if run.parent_id else ""
        kept = before.get(run.id)
        is_same = kept is not None and kept.is_of(name, run, *beside)
        found.append(kept if kept is not None and is_same else Subject(name, run, *beside, now_s))
    return found


def _holding(term: Term, subjects: Sequence[Subject], within: Iterable[int]) -> list[int]:
    """Those of the indices `within` whose subject `term` holds for."""
    deadline_s = time.monotonic() + LONGEST_S
    holds, found = term.holds, []
    for count, index in enumerate(within):
        if holds(subjects[index]):
            found.append(index)
        if count % _RUNS_PER_LOOK == 0 and time.monotonic() > deadline_s:
            raise FilterError("This search takes too long; use a simpler pattern.", "", 0)
    return found
