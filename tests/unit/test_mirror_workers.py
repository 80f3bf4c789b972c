"""The threads that keep a mirror true: what they copy first, how much at once, and how they end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tb_aml_plugin.errors import AccessDenied, SourceError, SourceUnavailable
from tb_aml_plugin.media.index import MediaIndex
from tb_aml_plugin.model import Artifact, Run, RunId
from tb_aml_plugin.native import workers
from tb_aml_plugin.native.cache_folder import CacheFolder
from tb_aml_plugin.native.mirror import Mirror
from tb_aml_plugin.native.workers import MirrorWorkers
from tests.support.board_builder import BoardBuilder, id_of
from tests.support.fake_store import FakeArtifacts
from tests.support.waiting import wait_until

EVENTS = "tb/events.out.tfevents.1"
LIMIT_S = 30.0


class _Held(FakeArtifacts):
    """A store whose reads wait while its place is held."""

    def __init__(self, place: Place, run_id: RunId, content: bytes) -> None:
        super().__init__({EVENTS: content})
        self._place, self._run_id = place, run_id

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        with self._place.reading(self._run_id):
            return super().read(path, start, length)


class _Reading:
    def __init__(self, place: Place, run_id: RunId) -> None:
        self._place, self._run_id = place, run_id

    def __enter__(self) -> None:
        with self._place.lock:
            self._place.read.append(self._run_id)
            self._place.under_way += 1
            self._place.most_at_once = max(self._place.most_at_once, self._place.under_way)
        assert self._place.gate.wait(LIMIT_S)

    def __exit__(self, *_: object) -> None:
        with self._place.lock:
            self._place.under_way -= 1


class Place:
    """Runs of one experiment with an event file each, and the workers that copy them.

    Attributes:
      gate: clear to hold all reads.
      read: whose files were read, in order.
      again: for which runs another listing was asked for.
      verified: runs looked through for damage, each with how many reads were under way then.
    """

    def __init__(self, folder: Path) -> None:
        self.cache = CacheFolder(folder, "memory", 2**24)
        self.mirror = Mirror(self.cache)
        self.built = BoardBuilder().experiment("e")
        self.stores: dict[RunId, FakeArtifacts] = {}
        self.refusal: SourceError | None = None
        self.notes, self.again = MediaIndex(), []
        self.lock, self.gate = threading.Lock(), threading.Event()
        self.gate.set()
        self.read: list[RunId] = []
        self.under_way = self.most_at_once = 0
        self.verified: list[tuple[RunId, int]] = []
        verify = self.mirror.verify

        def verifying(run_id: RunId, breathe: object) -> None:
            self.verified.append((run_id, self.under_way))
            verify(run_id, breathe)  # type: ignore[arg-type]

        self.mirror.verify = verifying  # type: ignore[assignment,method-assign]
        self.workers = MirrorWorkers(self.mirror, self._artifacts, self.notes, self.again.append)

    def add(self, *names: str, content: bytes = b"") -> None:
        for name in names:
            self.built.run(name)
            self.stores[id_of(name)] = _Held(self, id_of(name), content or name.encode())
        self.follow()

    def follow(self) -> None:
        self.workers.follow(self.built.snapshot())

    def offer(self, *names: str) -> None:
        for name in names:
            self.workers.offer(self.built.source.run(id_of(name)), self.stores[id_of(name)].all())

    def reading(self, run_id: RunId) -> _Reading:
        return _Reading(self, run_id)

    def copied(self) -> dict[str, bytes]:
        """Run id → its event file, as the data server finds it."""
        found = self.cache.events.rglob("*tfevents*")
        return {path.relative_to(self.cache.events).parts[0].rpartition(".")[0]: path.read_bytes() for path in found}

    def reasons(self, name: str) -> list[str]:
        return [problem.reason for problem in self.notes.not_shown(id_of(name))]

    def wait_for(self, *names: str) -> None:
        assert wait_until(lambda: {id_of(name) for name in names} <= self.copied().keys(), LIMIT_S), self.copied()

    def _artifacts(self, run: Run) -> FakeArtifacts:
        if self.refusal is not None:
            raise self.refusal
        return self.stores[run.id]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.gate.set()
    place.workers.close()
    place.workers.join(10)
    place.cache.close()


def test_runs_that_started_last_come_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "THREADS", 1)
    place.gate.clear()
    place.add("old", "middle", "new")
    place.offer("old")
    assert wait_until(lambda: place.read == [id_of("old")])
    place.offer("middle", "new")
    place.gate.set()
    place.wait_for("old", "middle", "new")
    assert place.read == [id_of("old"), id_of("new"), id_of("middle")]


def test_a_few_runs_are_copied_at_once_and_no_more(place: Place) -> None:
    names = [f"run{number}" for number in range(3 * workers.THREADS)]
    place.gate.clear()
    place.add(*names)
    place.offer(*names)
    assert wait_until(lambda: place.under_way == workers.THREADS)
    place.gate.set()
    place.wait_for(*names)
    assert place.most_at_once == workers.THREADS


def test_the_newest_offer_of_a_run_that_waits_is_copied(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "THREADS", 1)
    place.gate.clear()
    place.add("busy", "grows")
    place.offer("busy")
    assert wait_until(lambda: place.under_way == 1)
    place.offer("grows")
    place.stores[id_of("grows")].files[EVENTS] += b" more"
    place.offer("grows")
    place.gate.set()
    place.wait_for("busy", "grows")
    assert place.copied()[id_of("grows")] == b"grows more"
    assert place.read.count(id_of("grows")) == 1


def test_nothing_is_begun_for_runs_without_native_logs_or_that_nobody_follows(place: Place) -> None:
    place.add("plain")
    run = place.built.source.run(id_of("plain"))
    place.workers.offer(run, [Artifact("model.pkl", size_bytes=1)])
    stranger = BoardBuilder().experiment("e").run("stranger").source.run(id_of("stranger"))
    place.workers.offer(stranger, [Artifact(EVENTS, size_bytes=1)])
    place.workers.wait_until_copied(LIMIT_S)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("aml-mirror")]


def test_what_failed_and_may_work_later_is_listed_again(place: Place) -> None:
    place.add("a")
    place.stores[id_of("a")].problem = SourceUnavailable("memory does not answer. Trying again.")
    place.offer("a")
    assert wait_until(lambda: place.again == [id_of("a")])
    assert wait_until(lambda: place.reasons("a") == ["memory does not answer. Trying again."])
    place.stores[id_of("a")].problem = None
    place.offer("a")
    place.wait_for("a")
    assert wait_until(lambda: place.reasons("a") == [])
    assert place.again == [id_of("a")]


def test_a_place_without_a_way_to_the_artifacts_ends_no_thread(place: Place) -> None:
    place.add("a", "b")
    place.refusal = AccessDenied("They are on another machine.")
    place.offer("a")
    place.offer("b")
    place.workers.wait_until_copied(LIMIT_S)
    place.refusal = None
    place.offer("a", "b")
    place.wait_for("a", "b")


def test_a_renamed_run_moves_and_one_that_is_gone_goes(place: Place) -> None:
    place.add("a", "b")
    asset = "tb/plugins/profile/1/host.xplane.pb"
    place.stores[id_of("a")].files[asset] = b"profile"
    place.offer("a", "b")
    place.wait_for("a", "b")
    assert wait_until((place.mirror.logdir / "e/a/plugins/profile/1/host.xplane.pb").exists)
    place.built.source.change(id_of("a"), display_name="renamed")
    place.follow()
    assert wait_until((place.mirror.logdir / "e/renamed/plugins/profile/1/host.xplane.pb").exists)
    assert not (place.mirror.logdir / "e/a/plugins/profile/1/host.xplane.pb").exists()
    place.built.source.delete(id_of("b"))
    place.follow()
    assert wait_until(lambda: id_of("b") not in place.copied())


def test_damage_is_looked_for_when_nothing_is_copied_by_one_thread(place: Place) -> None:
    place.gate.clear()
    place.add("a", "b", "c", content=b"no record at all")
    place.offer("a", "b", "c")
    assert wait_until(lambda: place.under_way == 3)
    assert place.verified == []
    place.gate.set()
    assert wait_until(lambda: all("is damaged" in "".join(place.reasons(name)) for name in "abc"))
    assert sorted(place.verified) == [(id_of(name), 0) for name in "abc"]


def test_whoever_waits_for_the_copies_waits_for_every_run_to_be_listed(place: Place) -> None:
    place.add("a", "b")
    waits = threading.Thread(target=place.workers.wait_until_copied, args=(LIMIT_S,))
    waits.start()
    place.offer("a")
    place.wait_for("a")
    assert waits.is_alive()
    place.workers.offer(place.built.source.run(id_of("b")), [])
    waits.join(LIMIT_S)
    assert not waits.is_alive()


def test_closing_ends_the_threads_and_drops_what_waits(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "THREADS", 1)
    place.gate.clear()
    place.add("a", "b")
    place.offer("a")
    assert wait_until(lambda: place.under_way == 1)
    place.offer("b")
    waits = threading.Thread(target=place.workers.wait_until_copied, args=(LIMIT_S,))
    waits.start()
    place.workers.close()
    waits.join(LIMIT_S)
    place.gate.set()
    place.workers.join(LIMIT_S)
    place.offer("b")
    assert place.read == [id_of("a")]
    assert _threads(place) == []


def _threads(place: Place) -> Sequence[threading.Thread]:
    return [thread for thread in place.workers._threads if thread.is_alive()]
