"""The runs below a run: its children, theirs, and so on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from tb_aml_plugin import filters
from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.model import PARENT_TAG, Run, RunId
from tb_aml_plugin.sources.abilities import KnowsTrees
from tb_aml_plugin.sources.base import RunSource, Selection

_PARENTS_ASKED_ONE_BY_ONE = 8
"""The search language has no OR: beyond so many parents one listing of all nested runs is less work."""

_MOST_NESTED = 10_000
"""Runs in that listing."""


def listed(source: RunSource, selection: Selection, settled: Mapping[RunId, Run]) -> Sequence[Run]:
    """What `RunSource.runs` gives, and the runs below those named in ``selection.run_ids``; in the same order.

    Raises:
      SourceError: see `RunSource.runs`.
    """
    if not selection.run_ids:
        return source.runs(selection, settled)
    runs = _of_trees(source, selection, settled)
    if runs is None:
        below = find(source, source.find_runs(selection.run_ids), selection, settled)
        runs = [*source.runs(selection, settled), *below]
    together = {run.id: run for run in runs}.values()
    try:
        ordered = filters.sort(together, filters.parse_order_by(selection.order_by))
    except FilterError:  # by something that only the place can see
        ordered = filters.sort(together, ())
    return ordered[: selection.max_runs]


def find(source: RunSource, roots: Iterable[Run], selection: Selection, settled: Mapping[RunId, Run]) -> list[Run]:
    """The runs below `roots` that pass the filter of `selection`, at most its `max_runs`, those nearest first.

    Looked for in the experiments of `roots`. What is below a run that does not pass is not found.

    Raises:
      SourceError: see `RunSource.runs`.
    """
    found: dict[RunId, Run] = {run.id: run for run in roots}
    named = set(found)
    experiment_ids = tuple(sorted({run.experiment_id for run in found.values()}))
    within = dataclasses.replace(selection, experiment_ids=experiment_ids, run_ids=())
    frontier = set(found)
    every_nested: Sequence[Run] = ()
    while frontier and len(found) - len(named) < selection.max_runs:
        if len(frontier) > _PARENTS_ASKED_ONE_BY_ONE and not every_nested:
            everything = dataclasses.replace(within, max_runs=max(_MOST_NESTED, within.max_runs))
            every_nested = source.runs(_also(everything, f"tags.{PARENT_TAG} LIKE '%'"), settled)
        nested = every_nested or _children(source, frontier, within, settled)
        below = {run.id: run for run in nested if run.parent_id in frontier and run.id not in found}
        found.update(below)
        frontier = set(below)
    return [run for run in found.values() if run.id not in named][: selection.max_runs]


def _of_trees(source: RunSource, selection: Selection, settled: Mapping[RunId, Run]) -> list[Run] | None:
    """The same where the place knows trees as a whole; None where it does not, or a filter parts them."""
    if not isinstance(source, KnowsTrees) or selection.filter.strip():
        return None
    trees = source.trees(selection.run_ids, settled)
    if trees is None:
        return None
    others = dataclasses.replace(selection, run_ids=())
    return [*(source.runs(others, settled) if others.experiment_ids else ()), *trees]


def _children(
    source: RunSource, parents: Iterable[RunId], within: Selection, settled: Mapping[RunId, Run]
) -> Sequence[Run]:
    return [
        run
        for parent in sorted(parents)
        for run in source.runs(_also(within, f"tags.{PARENT_TAG} = '{parent}'"), settled)
    ]


def _also(selection: Selection, condition: str) -> Selection:
    both = f"{selection.filter} AND {condition}" if selection.filter.strip() else condition
    return dataclasses.replace(selection, filter=both)
