"""What runs hold besides metrics, as far as it is known now: written by the lister, read by everyone else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from tb_aml_plugin.kinds import run_facts
from tb_aml_plugin.media import InFile, MediaSeries, RunMedia
from tb_aml_plugin.model import NotShown, Run, RunId

_MOST_NOTES = 100


@dataclass(frozen=True, slots=True)
class _Shown:
    """What `MediaIndex.of` put together, and of what."""

    run: Run
    version: int
    media: RunMedia


class MediaIndex:
    """Answers, for a run, what it holds besides metrics: `of` gives a `RunMedia` that never changes.

    The tab, the data provider and exports all read this one. It knows of a run's own words (description, params,
    tags) at once, and of its artifacts as soon as the lister has looked at them. Contents are not here: a point of a
    series says where its content is, and `MediaReader` reads it.

    **Threads.** Any number may ask and write; nobody waits for I/O.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version = 0
        self._versions: dict[RunId, int] = {}
        self._listed: dict[RunId, RunMedia] = {}
        self._notes: dict[RunId, dict[str, str]] = {}
        self._shown: dict[RunId, _Shown] = {}

    @property
    def version(self) -> int:
        """Grows whenever anything that was listed changes. Runs themselves have the version of their `Snapshot`."""
        return self._version

    def of(self, run: Run) -> RunMedia:
        """What `run`, as the Board has it, holds. No I/O; the same object until something changes."""
        with self._changed:
            version = self._versions.get(run.id, 0)
            shown = self._shown.get(run.id)
            if shown is None or shown.run is not run or shown.version != version:
                shown = _Shown(run, version, self._together(run))
                self._shown[run.id] = shown
            return shown.media

    def not_shown(self, run_id: RunId) -> tuple[NotShown, ...]:
        """What of a run no dashboard shows, as `of` would have it, without putting its series together."""
        with self._changed:
            return self._problems(run_id, self._listed.get(run_id, RunMedia(run_id)))

    def put(self, media: RunMedia) -> None:
        """Takes what a look at a run has shown, in place of what the look before has."""
        with self._changed:
            before = self._listed.get(media.run_id)
            seen = {artifact.path for artifact in media.files}
            notes = self._notes.get(media.run_id, {})
            kept = {
                what: reason for what, reason in notes.items() if what in seen and not _has_changed(what, before, media)
            }
            if before == media and kept == notes:
                return
            self._listed[media.run_id] = media
            self._notes[media.run_id] = kept
            self._mark(media.run_id)

    def note(self, run_id: RunId, problem: NotShown) -> None:
        """Adds that something which is listed turned out not to be shown, until its file changes."""
        with self._changed:
            notes = self._notes.setdefault(run_id, {})
            if notes.get(problem.what) != problem.reason and len(notes) < _MOST_NOTES:
                notes[problem.what] = problem.reason
                self._mark(run_id)

    def take_back(self, run_id: RunId, what: str) -> None:
        """Says that what `note` was told of is shown after all."""
        with self._changed:
            if self._notes.get(run_id, {}).pop(what, None) is not None:
                self._mark(run_id)

    def drop(self, run_id: RunId, path: str) -> None:
        """Forgets a file that is gone, and what it gave."""
        with self._changed:
            media = self._listed.get(run_id)
            if media is None:
                return
            series = tuple(kept for kept in (_without(series, path) for series in media.series) if kept.points)
            files = tuple(artifact for artifact in media.files if artifact.path != path)
            self._listed[run_id] = replace(media, series=series, files=files)
            self._mark(run_id)

    def keep_only(self, run_ids: Collection[RunId]) -> None:
        """Forgets every other run."""
        with self._changed:
            for run_id in self._versions.keys() - set(run_ids):
                for held in (self._versions, self._listed, self._notes, self._shown):
                    held.pop(run_id, None)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Waits until `condition` holds, asked after every change; whether it did within `timeout_s` seconds."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    def _together(self, run: Run) -> RunMedia:
        listed = self._listed.get(run.id, RunMedia(run.id))
        said = tuple(run_facts.series(run))
        # A file that is called like the run's own words stands behind them.
        names = {(series.dashboard, series.tag) for series in said}
        series = [*said, *(series for series in listed.series if (series.dashboard, series.tag) not in names)]
        return replace(
            listed,
            series=tuple(sorted(series, key=lambda found: (found.dashboard.value, found.tag))),
            not_shown=self._problems(run.id, listed),
        )

    def _problems(self, run_id: RunId, listed: RunMedia) -> tuple[NotShown, ...]:
        noted = {problem.what: problem for problem in listed.not_shown}
        noted |= {what: NotShown(what, reason) for what, reason in self._notes.get(run_id, {}).items()}
        return tuple(noted.values())

    def _mark(self, run_id: RunId) -> None:
        self._version += 1
        self._versions[run_id] = self._version
        self._changed.notify_all()


def _has_changed(path: str, before: RunMedia | None, after: RunMedia) -> bool:
    """Whether the file at `path` has another size than before."""
    sizes = [
        next((artifact.size_bytes for artifact in media.files if artifact.path == path), None)
        for media in (before, after)
        if media is not None
    ]
    return len(set(sizes)) > 1


def _without(series: MediaSeries, path: str) -> MediaSeries:
    points = tuple(
        point for point in series.points if not (isinstance(point.content, InFile) and point.content.path == path)
    )
    return series if len(points) == len(series.points) else replace(series, points=points)
