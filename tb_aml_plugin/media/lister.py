"""Looks at the artifacts of all runs on the Board, again and again while they go on, on threads of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.errors import AccessDenied, SourceError
from tb_aml_plugin.media import RunMedia, artifact_listing
from tb_aml_plugin.media.artifact_listing import ARTIFACTS, Listing
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.model import NotShown, Run, RunId
from tb_aml_plugin.sources.base import HoldsArtifacts, HoldsModels, HoldsTypedMetrics, RunSource
from tb_aml_plugin.turns import in_background

THREADS = 8
"""Each has one request under way: so many at once, and no more."""

INTERVAL_S = 10.0
"""A run that goes on is looked at no more often than this."""
_LOOK_ROUND_S = 0.5
"""How long it is known who is due: with many runs, finding that out for each look would take longer than looking."""
_SHARE = 50
"""Nor so often that it keeps one thread busy for more than this part of the time."""
GRACE_S = 60.0
"""How long after its end a run is looked at a last time: last files may still be on their way."""
RETRY_S = 60.0
_FOREVER = float("inf")


@dataclass(slots=True)
class _Followed:
    """A run, and when it was looked at."""

    run: Run
    listing: Listing | None = None
    seen: Run | None = None  # as it was when it was looked at
    looked_s: float = -_FOREVER
    took_s: float = 0.0
    failed: bool = False
    wanted: bool = False  # someone found that its artifacts have changed
    busy: bool = False

    def due_s(self, interval_s: float) -> float:
        """When it is to be looked at next."""
        if self.seen is None:
            return -_FOREVER
        pause_s = max(interval_s, self.took_s * _SHARE)
        if self.failed:
            return self.looked_s + max(RETRY_S, pause_s)
        if not interval_s:
            return _FOREVER
        if self.wanted or _has_moved(self.seen, self.run) or not self.run.status.is_terminal:
            return self.looked_s + pause_s
        end_s = self.run.end_time_s
        return end_s + GRACE_S if end_s is not None and self.looked_s < end_s + GRACE_S else _FOREVER

    def rank(self) -> tuple[bool, float, float]:
        """What comes first: runs that go on; of these the one not looked at for longest; else the one started last."""
        return self.run.status.is_terminal, self.looked_s, -(self.run.start_time_s or 0.0)


class Lister:
    """Fills a `MediaIndex`: runs that go on first and repeatedly, ended ones once.

    **Failure.** A run whose artifacts cannot be read keeps what is known of it, with the reason among what is not
    shown, and is tried again later.
    """

    def __init__(
        self,
        source: RunSource,
        index: MediaIndex,
        *,
        interval_s: float = INTERVAL_S,
        listed: Callable[[Run, RunMedia], None] = lambda run, media: None,
        found: Callable[[Run, RunMedia], None] = lambda run, media: None,
        now_s: Callable[[], float] = time.time,
        threads: int = THREADS,
    ) -> None:
        """
        Args:
          interval_s: how often to look at a run that goes on; 0 to look at every run once.
          listed: told after each look what it has shown, on the thread that looked.
          found: told with each look which files there are, before any is opened, on the thread that looks.
        """
        self._source = source
        self._index = index
        self._interval_s = interval_s
        self._listed = listed
        self._found = found
        self._now_s = now_s
        self._changed = threading.Condition()
        self._followed: dict[RunId, _Followed] = {}
        self._due: list[_Followed] = []  # the one to look at next at the end
        self._due_until_s = -_FOREVER
        self._stopped = False
        has_any = isinstance(source, (HoldsArtifacts, HoldsTypedMetrics, HoldsModels))
        self._threads = [
            threading.Thread(target=self._work, name=f"aml-lister-{number}", daemon=True)
            for number in range(threads if has_any else 0)
        ]

    def start(self) -> None:
        """Begins to look; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ends looking; waits at most `timeout_s` seconds for requests under way."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        give_up_s = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, give_up_s - time.monotonic()))

    def follow(self, snapshot: Snapshot) -> None:
        """Looks from now on at the runs of `snapshot`, and at no others."""
        runs = {run.id: run for run in snapshot.runs.values()}
        with self._changed:
            for run_id in self._followed.keys() - runs.keys():
                del self._followed[run_id]
            for run_id, run in runs.items():
                self._followed.setdefault(run_id, _Followed(run)).run = run
            self._due.clear()
            self._changed.notify_all()
        self._index.keep_only(runs.keys())

    def look_again(self, run_id: RunId) -> None:
        """Looks at a run soon, even if it has ended."""
        with self._changed:
            if run_id in self._followed:
                self._followed[run_id].wanted = True
                self._due.clear()
                self._changed.notify_all()

    def progress(self) -> tuple[int, int]:
        """How many runs were looked at, and how many there are."""
        with self._changed:
            return sum(followed.seen is not None for followed in self._followed.values()), len(self._followed)

    def _work(self) -> None:
        while (followed := self._next()) is not None:
            run, before = followed.run, followed.listing
            began_s = time.monotonic()
            listing = self._look(followed, run, before)
            with self._changed:
                followed.listing = listing or before
                followed.failed = listing is None or listing.again
                followed.seen, followed.looked_s = run, self._now_s()
                followed.took_s, followed.busy = time.monotonic() - began_s, False
            if listing is not None and self._is_followed(followed):
                self._index.put(listing.media)
                self._listed(run, listing.media)

    def _next(self) -> _Followed | None:
        """Waits for the next run to look at; None when there is nothing more to do."""
        with self._changed:
            while not self._stopped:
                is_known = self._due and self._now_s() < self._due_until_s
                soonest_s = _FOREVER if is_known else self._find_due()
                if self._due:
                    chosen = self._due.pop()
                    chosen.busy, chosen.wanted = True, False
                    return chosen
                self._changed.wait(None if soonest_s == _FOREVER else max(0.05, soonest_s - self._now_s()))
        return None

    def _find_due(self) -> float:
        """Puts those in their order that are to be looked at now; when the next of the others is."""
        now_s = self._now_s()
        self._due_until_s = now_s + _LOOK_ROUND_S
        idle = [
            (followed, followed.due_s(self._interval_s)) for followed in self._followed.values() if not followed.busy
        ]
        due = [followed for followed, due_s in idle if due_s <= now_s]
        self._due = sorted(due, key=_Followed.rank, reverse=True)
        return min((due_s for _, due_s in idle if due_s > now_s), default=_FOREVER)

    def _is_followed(self, followed: _Followed) -> bool:
        with self._changed:
            return self._followed.get(followed.run.id) is followed and not self._stopped

    def _look(self, followed: _Followed, run: Run, before: Listing | None) -> Listing | None:
        def found(media: RunMedia) -> None:
            if not self._is_followed(followed):
                return
            if before is not None:  # notes of files that have changed go now, before those who are told make new ones
                self._index.put(media)
            self._found(run, media)

        try:
            with in_background():
                return artifact_listing.look(self._source, run, before, lambda: self._stopped, found)
        except SourceError as error:
            problem = str(error)
            if isinstance(error, AccessDenied):
                problem = f"They cannot be read: {error}"
        # A thread must outlive a defect in the reading of one file, or all other runs would go without.
        except Exception as error:  # noqa: BLE001
            problem = f"Looking at them failed unexpectedly ({type(error).__name__})."
        self._index.note(run.id, NotShown(ARTIFACTS, problem))
        return None


def _has_moved(seen: Run, run: Run) -> bool:
    """Whether something of a run has changed that may come with new artifacts; new metrics may come with tables."""
    return seen is not run and _look_of(seen) != _look_of(run)


def _look_of(run: Run) -> object:
    return run.status, run.end_time_s, run.tags, run.metrics.keys()
