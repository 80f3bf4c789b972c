"""Whether what is shown can be trusted: what the health strip says, and what takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tb_aml_plugin import tasks as tasking
from tb_aml_plugin.sources.abilities import HoldsBack, KnowsIdentity, SignsIn
from tb_aml_plugin.sources.base import RunSource
from tb_aml_plugin.tab.desk import Cache, Desk
from tb_aml_plugin.tab.not_shown import Summary
from tb_aml_plugin.tab.table import version
from tb_aml_plugin.tab.wire import CacheUse, Health, Trouble
from tb_aml_plugin.tab.wire_changes import SignIn, SignInState, Task

CURVES_TASK = "curves"
"""The id of the task that the series cache is; all others have their own."""

SLOW_S = 1.0
"""A poll that takes no longer is none of the things that are waited for."""


def health(desk: Desk, not_shown: Summary, writes: bool) -> Health:
    """What the health strip says. The same as before as long as nothing happens, so that a poll costs nothing.

    Args:
      writes: whether whoever asks may change runs.
    """
    snapshot, choice, source = desk.board.snapshot, desk.visibility.choice, desk.source
    return {
        "version": version(snapshot, choice),
        "location": desk.board.location,
        "identity": source.identity if isinstance(source, KnowsIdentity) else "",
        "sync": snapshot.health.sync.value,
        "paused": desk.follower.paused,
        "troubles": troubles(desk, not_shown),
        "throttled_until_s": source.throttled_until_s if isinstance(source, HoldsBack) else None,
        "points_per_s": round(desk.cache.points_per_s, 1),
        "runs": len(snapshot.runs),
        "shown": len(desk.visibility.of(snapshot).runs),
        "limit": snapshot.limit,
        "more": snapshot.more,
        "experiments": sorted(experiment.name for experiment in snapshot.experiments.values()),
        "not_shown": not_shown.count,
        "caches": caches(desk),
        "tasks": tasks(desk),
        "sign_in": sign_in(source),
        "writes": writes,
    }


def caches(desk: Desk) -> list[CacheUse]:
    """How full each of the caches is."""
    held: dict[str, Cache] = {"curves": desk.cache, **desk.caches}
    return [
        {"what": what, "mb": round(cache.nbytes / 2**20, 1), "limit_mb": round(cache.budget_bytes / 2**20, 1)}
        for what, cache in held.items()
    ]


def sign_in(source: RunSource) -> SignIn | None:
    """How a person can sign in to the place; None when nobody has to."""
    how = source.sign_in if isinstance(source, SignsIn) else None
    if how is None:
        return None
    state: SignInState = "waiting" if how.code else "needed"
    address = how.url if how.url.startswith("https://") else ""
    return {
        "state": state,
        "message": how.message,
        "code": how.code,
        "address": address,
        "expires_s": how.expires_s,
    }


def troubles(desk: Desk, not_shown: Summary) -> list[Trouble]:
    """What does not work now, by what it is about."""
    runs, found = desk.board.snapshot.health, list[Trouble]()
    if runs.problem:
        found.append({"about": "runs", "message": runs.problem, "since_s": runs.failing_since_s or 0.0})
    if runs.caution:
        found.append({"about": "runs", "message": runs.caution, "since_s": runs.cautious_since_s or 0.0})
    if desk.cache.problem:
        since_s = desk.cache.problem_since_s or 0.0
        found.append({"about": "curves", "message": desk.cache.problem, "since_s": since_s})
    if not_shown.problem:
        found.append({"about": "artifacts", "message": not_shown.problem, "since_s": not_shown.since_s})
    return found


def tasks(desk: Desk) -> list[Task]:
    """What takes its time now, the oldest first; a slow poll and the curves last."""
    found: list[Task] = [_told(task) for task in desk.tasks.current()]
    return [*found, *_polling(desk), *_curves(desk)]


def _told(task: tasking.Task) -> Task:
    return {
        "id": task.id,
        "what": task.what,
        "done": task.done,
        "total": task.total,
        "since_s": task.since_s,
    }


def _polling(desk: Desk) -> Iterator[Task]:
    task = desk.follower.task
    if task is not None and time.time() - task.since_s >= SLOW_S:
        yield _told(task)


def _curves(desk: Desk) -> Iterator[Task]:
    progress = desk.cache.progress
    if progress.asked:
        yield {
            "id": CURVES_TASK,
            "what": "Reading curves",
            "done": progress.arrived,
            "total": progress.asked,
            "since_s": progress.since_s,
        }


def cancel(desk: Desk, id_: str) -> bool:
    """Ends a task; False when there is none of that id."""
    if id_ == CURVES_TASK:
        desk.cache.give_up()
        return True
    polling = desk.follower.task
    if polling is not None and polling.id == id_:
        polling.cancel()
        return True
    return desk.tasks.cancel(id_)
