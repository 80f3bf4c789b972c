"""What the dashboards see now: written by the follower, read by everyone else."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId, SignIn


class Sync(enum.Enum):
    """How the Board stands to the place it shows."""

    CONNECTING = "connecting"  # no listing yet
    LIVE = "live"
    FAILING = "failing"  # the last poll failed; what is shown is from the one before
    ONCE = "once"  # --reload_interval 0: listed once, not followed


@dataclass(frozen=True, slots=True)
class Health:
    """Whether what is shown can be trusted, and why not."""

    sync: Sync = Sync.CONNECTING
    polls: int = 0  # finished ones, failed ones included
    last_success_s: float | None = None  # seconds since the Unix epoch
    problem: str = ""  # what failed and the cure, safe to show; "" when nothing is wrong
    failing_since_s: float | None = None  # seconds since the Unix epoch; None when nothing is wrong
    caution: str = ""  # what the listing may lack, safe to show; "" when nothing
    cautious_since_s: float | None = None  # seconds since the Unix epoch; None without a caution
    asked: int = 0  # the newest question put to the follower that a poll has answered, well or badly
    sign_in: SignIn | None = None  # what a person has to do for reading to go on; None when nobody has to


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The runs of the chosen experiments at one moment. Never changes.

    Attributes:
      runs: by TensorBoard run name, in the order in which they started.
      experiments: by id; those that were chosen and those of runs chosen by id.
      parents: runs above those, by id, that are not on the Board themselves; their metrics may be missing.
      existing: all experiments of the place, by name.
      limit: at most so many runs were asked for.
      more: whether that kept runs away, as far as is known.
      version: grows by one whenever anything but `health` and `existing` differs from the snapshot before.
    """

    runs: Mapping[str, Run] = field(default_factory=lambda: MappingProxyType({}))
    experiments: Mapping[ExperimentId, Experiment] = field(default_factory=lambda: MappingProxyType({}))
    parents: Mapping[RunId, Run] = field(default_factory=lambda: MappingProxyType({}))
    existing: tuple[Experiment, ...] = ()
    limit: int = 0
    more: bool = False
    version: int = 0
    health: Health = Health()

    def is_like(self, other: Snapshot) -> bool:
        """Whether it differs from `other` in no more than `version`, `health` and `existing`."""
        return (self.runs, self.experiments, self.parents, self.limit, self.more) == (
            other.runs,
            other.experiments,
            other.parents,
            other.limit,
            other.more,
        )


class Board:
    """Holds the newest `Snapshot`.

    **Threads.** One writer calls `publish`; any thread may read `snapshot` at any time and gets a whole one,
    without waiting.
    """

    def __init__(self, location: str = "") -> None:
        self.location = location
        self._snapshot = Snapshot()
        self._published = threading.Condition()
        self._made_s = time.monotonic()

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    def publish(self, snapshot: Snapshot) -> None:
        """Makes `snapshot` the one that readers get from now on."""
        with self._published:
            self._snapshot = snapshot
            self._published.notify_all()

    def wait_until(self, condition: Callable[[Snapshot], bool], timeout_s: float) -> bool:
        """Waits until `condition` holds for the snapshot; whether it did within `timeout_s` seconds."""
        with self._published:
            return self._published.wait_for(lambda: condition(self._snapshot), timeout_s)

    def first_snapshot(self, timeout_s: float) -> Snapshot:
        """The snapshot once the first poll has ended, well or badly; whatever is there `timeout_s` seconds after the start.

        However often it is asked: what TensorBoard asks one after the other would take that long each time.
        """
        left_s = self._made_s + timeout_s - time.monotonic()
        if not self._snapshot.health.polls and left_s > 0:
            self.wait_until(lambda snapshot: snapshot.health.polls > 0, left_s)
        return self._snapshot
