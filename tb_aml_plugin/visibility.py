"""Which of the runs on the Board TensorBoard's dashboards see: what the person ticked in the tab."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable
from types import MappingProxyType

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import RunId


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """Who is shown. Never changes.

    Attributes:
      by_default: whether runs that are not named are shown, those to come included.
      exceptions: the runs that are not as by default.
      version: grows by one with every choice.
    """

    by_default: bool = True
    exceptions: frozenset[RunId] = frozenset()
    version: int = 0

    def shows(self, run_id: RunId) -> bool:
        return self.by_default is not (run_id in self.exceptions)


class Visibility:
    """Holds the newest `Choice`, for as long as the process lives.

    **Threads.** Any thread may call any method; `choice` and `of` never wait for the place.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._choice = Choice()
        self._version = 0
        self._of = Snapshot(), self._choice
        self._shown = Snapshot()

    @property
    def choice(self) -> Choice:
        return self._choice

    def show(self, run_ids: Iterable[RunId]) -> Choice:
        """Shows these besides."""
        return self._make(shown=frozenset(run_ids))

    def hide(self, run_ids: Iterable[RunId]) -> Choice:
        """No longer shows these."""
        return self._make(hidden=frozenset(run_ids))

    def only(self, run_ids: Iterable[RunId]) -> Choice:
        """Shows these and no others, runs to come included."""
        with self._lock:
            self._choice = Choice(False, frozenset(run_ids), self._choice.version + 1)
            return self._choice

    def everything(self) -> Choice:
        """Shows every run, runs to come included: how it is at the start."""
        with self._lock:
            self._choice = Choice(version=self._choice.version + 1)
            return self._choice

    def of(self, snapshot: Snapshot) -> Snapshot:
        """`snapshot` with only the runs shown.

        Its `version` counts changes of either: equal versions of what this method returned have equal runs.
        """
        with self._lock:
            before, choice = self._of
            if (snapshot.version, self._choice) != (before.version, choice) or not self._version:
                self._version += 1
                self._shown = _only_shown(snapshot, self._choice, self._version)
            elif snapshot.health != before.health:
                self._shown = dataclasses.replace(self._shown, health=snapshot.health)
            self._of = snapshot, self._choice
            return self._shown

    def _make(self, *, shown: frozenset[RunId] = frozenset(), hidden: frozenset[RunId] = frozenset()) -> Choice:
        with self._lock:
            before = self._choice
            usual, unusual = (shown, hidden) if before.by_default else (hidden, shown)
            exceptions = (before.exceptions - usual) | unusual
            self._choice = Choice(before.by_default, exceptions, before.version + 1)
            return self._choice


def _only_shown(snapshot: Snapshot, choice: Choice, version: int) -> Snapshot:
    runs = snapshot.runs
    if not choice.by_default or choice.exceptions:
        runs = MappingProxyType({name: run for name, run in runs.items() if choice.shows(run.id)})
    return dataclasses.replace(snapshot, runs=runs, version=version)
