"""What runs hold that no dashboard shows, over all runs on the Board."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.media.artifact_listing import ARTIFACTS
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.tab.wire import NotShownList, NotShownRow
from tb_aml_plugin.tab.words import label

MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """How much is not shown.

    Attributes:
      problem: why artifacts of runs cannot be read at all; "" where they can.
      since_s: when that was seen first, in seconds since the Unix epoch.
    """

    count: int = 0
    problem: str = ""
    since_s: float = 0.0


class NotShownView:
    """Counts, and remembers until something changes: the health strip asks every few seconds.

    **Threads.** Any number; two that meet at something new do the work twice.
    """

    def __init__(self, media: MediaIndex) -> None:
        self._media = media
        self._known: tuple[tuple[int, int], Summary] = (-1, -1), Summary()

    def summary(self, snapshot: Snapshot) -> Summary:
        """Of all runs on the Board."""
        versions = snapshot.version, self._media.version
        known, summary = self._known
        if known != versions:
            summary = _summary(self._rows(snapshot), summary)
            self._known = versions, summary
        return summary

    def rows(self, snapshot: Snapshot) -> NotShownList:
        """Each of them, with the reason."""
        found = list(self._rows(snapshot))
        return {"total": len(found), "rows": found[:MOST_ROWS]}

    def _rows(self, snapshot: Snapshot) -> Iterator[NotShownRow]:
        for run in snapshot.runs.values():
            for problem in self._media.not_shown(run.id):
                yield {"run": run.id, "label": label(run), "what": problem.what, "reason": problem.reason}


def _summary(rows: Iterator[NotShownRow], before: Summary) -> Summary:
    count, reasons = 0, Counter[str]()
    for row in rows:
        count += 1
        if row["what"] == ARTIFACTS:
            reasons[row["reason"]] += 1
    if not reasons:
        return Summary(count)
    reason, runs = reasons.most_common(1)[0]
    problem = f"Artifacts of {runs} {'run' if runs == 1 else 'runs'}: {reason}"
    return Summary(count, problem, before.since_s if before.problem else time.time())
