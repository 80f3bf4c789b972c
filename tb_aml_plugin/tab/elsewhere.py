"""What a search finds at the place itself, beyond what is on the Board."""

from __future__ import annotations

import time

from tb_aml_plugin import search, under_way
from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.search.pushdown import pushed
from tb_aml_plugin.search.terms import Term
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.table import elsewhere
from tb_aml_plugin.tab.wire import PlaceFound

MOST_LISTED = 1000
"""Runs that the place is asked for: those started last among all that pass the part of the search it understands."""
MOST_FOUND = 200


def find(desk: Desk, term: Term) -> PlaceFound:
    """The runs of the chosen experiments that `term` holds for and that are not on the Board.

    Raises:
      SourceError: the place cannot be asked.
      Cancelled: someone ended it.
    """
    snapshot, wanted = desk.board.snapshot, desk.follower.wanted
    asked = pushed(term, time.time())
    both = " AND ".join(part for part in (wanted.filter.strip(), asked) if part)
    experiments = tuple(sorted(wanted.chosen(snapshot.existing)))
    with desk.tasks.running("Searching the place") as task, under_way.told(task.advance):
        listed = desk.source.runs(Selection(experiments, filter=both, max_runs=MOST_LISTED), {})
    present = {run.id for run in snapshot.runs.values()}
    named = {run.id: run for run in listed if run.id not in present}
    names = {experiment.id: experiment for experiment in snapshot.existing}
    runs = list(named.values())
    found = [runs[index] for index in search.find(term, Snapshot({str(id_): run for id_, run in named.items()}, names))]
    labels = {id_: experiment.name for id_, experiment in names.items()}
    return {
        "filter": asked,
        "runs": [
            elsewhere(run, labels.get(run.experiment_id, str(run.experiment_id)), present) for run in found[:MOST_FOUND]
        ],
        "more": len(listed) >= MOST_LISTED or len(found) > MOST_FOUND,
    }
