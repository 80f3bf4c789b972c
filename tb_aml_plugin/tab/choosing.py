"""What a person chose in the tab: what the dashboards show of the Board, and what is on it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId
from tb_aml_plugin.tab.requests import only_pair, texts
from tb_aml_plugin.tab.responses import RefusedError
from tb_aml_plugin.tab.table import version
from tb_aml_plugin.tab.wire_changes import Chosen
from tb_aml_plugin.visibility import Choice, Visibility
from tb_aml_plugin.wanted import Wanted

Change = Callable[[Wanted], Wanted]


def show(visibility: Visibility, snapshot: Snapshot, body: dict[str, Any]) -> Choice:
    """Changes what the dashboards show, as the posted `body` says: see `wire_changes.Shown`.

    Raises:
      RefusedError: it says nothing that can be done.
    """
    verb, value = only_pair(body, "show", "hide", "only", "all", "top")
    if verb == "all":
        return visibility.everything()
    if verb == "top":
        return visibility.only(_top(snapshot, value))
    verbs: Mapping[str, Callable[[Sequence[RunId]], Choice]] = {
        "show": visibility.show,
        "hide": visibility.hide,
        "only": visibility.only,
    }
    return verbs[verb]([RunId(id_) for id_ in texts(value)])


def top(runs: Sequence[Run], metric: str, count: int, *, lower: bool) -> list[RunId]:
    """The `count` best in `metric`, best first; of equal ones the earlier. NaN is never among them."""
    found = [(run.metrics[metric].value, run.id) for run in runs if metric in run.metrics]
    ordered = sorted(
        (pair for pair in found if not math.isnan(pair[0])), key=lambda pair: pair[0] if lower else -pair[0]
    )
    return [id_ for _, id_ in ordered[:count]]


def change_of(body: dict[str, Any], follower: Follower, existing: Sequence[Experiment]) -> Change:
    """How the posted `body` changes what is on the Board: see `wire_changes.Chosen`.

    Raises:
      RefusedError: it says nothing that can be done.
    """
    verb, value = only_pair(
        body, "add_experiments", "remove_experiments", "only_experiments", "add_runs", "remove_runs", "limit", "reset"
    )
    if verb == "reset":
        return lambda wanted: follower.wanted_at_start
    if verb == "limit":
        limit = _count(value)
        return lambda wanted: wanted.with_limit(limit)
    ids = texts(value)
    experiments, runs = [ExperimentId(id_) for id_ in ids], [RunId(id_) for id_ in ids]
    changes: Mapping[str, Change] = {
        "add_experiments": lambda wanted: wanted.with_experiments(experiments),
        "remove_experiments": lambda wanted: wanted.without_experiments(experiments),
        "only_experiments": lambda wanted: wanted.with_only(experiments, existing),
        "add_runs": lambda wanted: wanted.with_runs(runs),
        "remove_runs": lambda wanted: wanted.without_runs(runs),
    }
    return changes[verb]


def chosen(snapshot: Snapshot, choice: Choice, follower: Follower) -> Chosen:
    """Which runs of the place are on the Board, and which could be."""
    wanted, at_start = follower.wanted, follower.wanted_at_start
    ids = wanted.chosen(snapshot.existing)
    counts: dict[ExperimentId, int] = {}
    for run in snapshot.runs.values():
        counts[run.experiment_id] = counts.get(run.experiment_id, 0) + 1
    return {
        "version": version(snapshot, choice),
        "experiments": [
            {"id": e.id, "name": e.name, "chosen": e.id in ids, "runs": counts.get(e.id, 0)} for e in snapshot.existing
        ],
        "added_runs": [str(id_) for id_ in wanted.added_runs],
        "removed_runs": sorted(wanted.removed_runs),
        "filter": wanted.filter,
        "order_by": list(wanted.order_by),
        "limit": wanted.max_runs,
        "changed": _plain(wanted, snapshot) != _plain(at_start, snapshot),
        "pending": snapshot.health.asked < follower.asked or bool(snapshot.health.problem),
    }


def _plain(wanted: Wanted, snapshot: Snapshot) -> tuple[object, ...]:
    """What tells two choices apart by what they do, not by how they came about."""
    ids = frozenset(wanted.chosen(snapshot.existing))
    return ids, dataclasses.replace(wanted, experiments=(), added=frozenset(), removed=frozenset())


def _top(snapshot: Snapshot, value: Any) -> list[RunId]:
    if not isinstance(value, dict) or not isinstance(value.get("metric"), str):
        raise RefusedError(400, 'Such as {"count": 10, "metric": "loss", "better": "lower"} is expected.')
    count, metric = _count(value.get("count")), value["metric"]
    runs = list(snapshot.runs.values())
    found = top(runs, metric, count, lower=value.get("better") == "lower")
    if not found:
        raise RefusedError(404, f"No run on the board has a value of {metric[:100]}.")
    return found


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RefusedError(400, "A whole number of at least 1 is expected.")
    return value
