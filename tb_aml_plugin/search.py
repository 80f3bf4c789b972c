"""The tab's search: one language for all runs on the Board. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.search_parser import parse
from tb_aml_plugin.search_terms import Subject, Term

__all__ = ["Searcher", "find", "parse"]

LONGEST_S = 5.0


class Searcher:
    """Finds runs, and remembers of the newest snapshot what makes finding words quick.

    **Threads.** Any number.
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        self._now_s = now_s

    def find(self, term: Term, snapshot: Snapshot) -> list[int]:
        """As the function of this name."""
        return find(term, snapshot, self._now_s)


def find(term: Term, snapshot: Snapshot, now_s: Callable[[], float] = time.time) -> list[int]:
    """Indices, in the order of `Snapshot.runs`, of the runs that `term` holds for.

    Raises:
      FilterError: it takes longer than `LONGEST_S`, which only a pattern made for that does.
    """
    names = {id_: experiment.name for id_, experiment in snapshot.experiments.items()}
    labels = {run.id: run.display_name for run in snapshot.runs.values()}
    moment_s, deadline_s = now_s(), time.monotonic() + LONGEST_S
    found: list[int] = []
    for index, (name, run) in enumerate(snapshot.runs.items()):
        parent = labels.get(run.parent_id, "") if run.parent_id else ""
        if term.holds(Subject(name, run, names.get(run.experiment_id, ""), parent, moment_s)):
            found.append(index)
        if time.monotonic() > deadline_s:
            raise FilterError("This search takes too long; use a simpler pattern.", "", 0)
    return found
