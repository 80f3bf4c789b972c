"""Copies of native logs stay true to what they are copied from, whatever happens to it."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_aml_plugin.errors import SettingsError, SourceUnavailable
from tb_aml_plugin.model import RunId
from tb_aml_plugin.native import tf_records
from tb_aml_plugin.native.cache_folder import CacheFolder
from tb_aml_plugin.native.mirror import OVERLAP_BYTES, Mirror, SubRun
from tests.support.fake_store import FakeArtifacts
from tests.support.waiting import wait_until

EVENTS = "logs/events.out.tfevents.1"
RUN = RunId("run-1")


def record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    return head + struct.pack("<I", tf_records.masked_crc(head)) + data + struct.pack("<I", tf_records.masked_crc(data))


def records(count: int, size: int = 20, first: int = 0) -> bytes:
    return b"".join(record(bytes([number % 256]) * size) for number in range(first, first + count))


@contextlib.contextmanager
def mirroring(root: Path, budget_bytes: int = 2**20, location: str = "memory") -> Iterator[Mirror]:
    cache = CacheFolder(root, location, budget_bytes)
    try:
        yield Mirror(cache)
    finally:
        cache.close()


def update(mirror: Mirror, store: FakeArtifacts, run: RunId = RUN, name: str = "exp/train") -> None:
    mirror.update(run, name, store, store.all())
    mirror.verify(run)


def shown(mirror: Mirror) -> dict[str, bytes]:
    """What the data server finds: path below the run's folder → content."""
    events = mirror.cache.events
    return {
        path.relative_to(events).as_posix().partition("/")[2]: path.read_bytes()
        for path in events.rglob("*")
        if path.is_file()
    }


def reasons(mirror: Mirror, run: RunId = RUN) -> list[str]:
    return [found.reason for found in mirror.not_shown(run)]


@pytest.mark.parametrize("tells_sizes", [True, False])
def test_a_growing_file_moves_only_its_new_bytes(tmp_path: Path, *, tells_sizes: bool) -> None:
    store = FakeArtifacts({EVENTS: records(1000)}, tells_sizes=tells_sizes)
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        moved = mirror.nbytes_moved
        store.files[EVENTS] += records(10, first=1000)
        update(mirror, store)
        assert shown(mirror) == {EVENTS: store.files[EVENTS]}
        assert mirror.nbytes_moved - moved <= len(records(10)) + 2 * OVERLAP_BYTES
        assert mirror.shown == {"run-1.0/logs": SubRun(RUN, "")}


def test_what_has_not_grown_is_not_asked_for(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(10)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        store.reads.clear()
        update(mirror, store)
        assert store.reads == []


def test_the_next_process_goes_on_where_this_one_ended(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(1000)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
    store.files[EVENTS] += records(1)
    with mirroring(tmp_path) as mirror:
        assert shown(mirror) == {}  # nobody has said yet that the run is to be shown
        update(mirror, store)
        assert shown(mirror) == {EVENTS: store.files[EVENTS]}
        assert mirror.nbytes_moved == len(records(1)) + OVERLAP_BYTES


@pytest.mark.parametrize("content", [records(3, first=100), records(3000, first=100), b""])
def test_a_replaced_file_starts_over_under_a_new_name(tmp_path: Path, content: bytes) -> None:
    store = FakeArtifacts({EVENTS: records(1000), "logs/eval/events.out.tfevents.2": records(2)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        before = set(mirror.shown)
        store.files[EVENTS] = content
        update(mirror, store)
        assert {path: data for path, data in shown(mirror).items() if data} == {
            path: data for path, data in store.files.items() if data
        }
        # TensorBoard's reader keeps a file open by its name, so the same name would show the old points.
        assert not before & set(mirror.shown)


def test_a_damaged_record_ends_that_file_alone_and_is_said(tmp_path: Path) -> None:
    damaged = bytearray(records(10))
    damaged[5 * len(records(1)) + 14] ^= 1
    store = FakeArtifacts({EVENTS: bytes(damaged), "logs/b/events.out.tfevents.2": records(4)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(5), "logs/b/events.out.tfevents.2": records(4)}
        assert reasons(mirror) == [f"Its record at byte {len(records(5))} is damaged. What comes before is shown."]


def test_a_record_that_is_being_written_is_no_damage(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(3)[:-7]})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        assert not reasons(mirror)
        store.files[EVENTS] = records(4)
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(4)}
        assert not reasons(mirror)


@pytest.mark.parametrize(
    "path", ["../../events.out.tfevents.1", "/etc/events.out.tfevents", "a/\0tfevents", "x" * 300 + "tfevents"]
)
def test_nothing_is_written_outside_the_cache_folder(tmp_path: Path, path: str) -> None:
    store = FakeArtifacts({path: records(3), EVENTS: records(1)})
    with mirroring(tmp_path / "cache") as mirror:
        update(mirror, store)
        assert "cannot be a file's name" in reasons(mirror)[0]
        assert shown(mirror) == {EVENTS: records(1)}
    assert [entry.name for entry in tmp_path.iterdir()] == ["cache"]


def test_a_file_deleted_between_list_and_read_is_said(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(3)})
    listed = store.all()
    store.files.clear()
    with mirroring(tmp_path) as mirror:
        mirror.update(RUN, "exp/train", store, listed)
        assert reasons(mirror) == ["It was deleted after it was listed."]


def test_a_store_that_fails_leaves_what_was_copied(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(3)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        store.files[EVENTS] += records(1, first=3)
        listed = store.all()
        store.problem = SourceUnavailable("memory does not answer. Trying again.")
        mirror.update(RUN, "exp/train", store, listed)
        assert shown(mirror) == {EVENTS: records(3)}
        assert reasons(mirror) == ["memory does not answer. Trying again."]
        store.problem = None
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(4)}
        assert not reasons(mirror)


def test_a_deleted_artifact_goes(tmp_path: Path) -> None:
    other = "logs/b/events.out.tfevents.2"
    store = FakeArtifacts({EVENTS: records(3), other: records(2)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        del store.files[other]
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(3)}


def test_assets_stand_where_plugins_look_for_them(tmp_path: Path) -> None:
    asset = "logs/plugins/profile/1/host.xplane.pb"
    store = FakeArtifacts({EVENTS: records(1), asset: b"profile"})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        at = "plugins/profile/1/host.xplane.pb"
        assert (mirror.logdir / "exp/train" / at).read_bytes() == b"profile"
        update(mirror, store, name="exp/better")
        assert not (mirror.logdir / "exp/train" / at).exists()
        assert (mirror.logdir / "exp/better" / at).read_bytes() == b"profile"


def test_the_cache_is_bounded_and_what_was_used_last_stays(tmp_path: Path) -> None:
    stores = {RunId(f"run-{n}"): FakeArtifacts({EVENTS: records(100)}) for n in range(4)}
    budget = 3 * len(records(100)) + 100
    with mirroring(tmp_path, budget) as mirror:
        for run_id in list(stores)[:3]:
            update(mirror, stores[run_id], run_id)
        update(mirror, stores[RunId("run-3")], RunId("run-3"))
        assert "cache of native logs is full" in reasons(mirror, RunId("run-3"))[0]
        mirror.forget({RunId("run-0")})
        update(mirror, stores[RunId("run-3")], RunId("run-3"))
        assert not reasons(mirror, RunId("run-3"))
        assert {folder.name for folder in (mirror.cache.path / "runs").iterdir()} == {"run-1", "run-2", "run-3"}
        assert mirror.cache.nbytes <= budget


def test_two_processes_do_not_write_into_one_folder(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(5)})
    with mirroring(tmp_path) as one, mirroring(tmp_path) as other:
        assert one.cache.path != other.cache.path
        update(one, store)
        update(other, store)
        assert shown(one) == shown(other) == {EVENTS: records(5)}


def test_the_oldest_folders_of_other_places_go_first(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(1000)})
    with mirroring(tmp_path, 2**20, "another place") as mirror:
        update(mirror, store)
        other = mirror.cache.path
    with mirroring(tmp_path, len(store.files[EVENTS]) + 1000) as mirror:
        update(mirror, store)
        assert not other.exists()
        assert not reasons(mirror)


def test_the_folder_is_private(tmp_path: Path) -> None:
    with mirroring(tmp_path / "cache") as mirror:
        assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
        assert mirror.cache.path.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="--aml_native_logs off"):
        CacheFolder(tmp_path / "file" / "cache", "memory", 2**20)


_CHANGE = st.one_of(
    st.tuples(st.just("grow"), st.integers(1, 5)),
    st.tuples(st.just("replace"), st.integers(0, 5)),
    st.tuples(st.just("cut"), st.integers(0, 100)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_CHANGE, max_size=8), st.booleans())
def test_whatever_happens_to_a_file_its_whole_records_are_shown(changes: list[tuple[str, int]], sizes: bool) -> None:
    store, first = FakeArtifacts({EVENTS: records(2)}, tells_sizes=sizes), 2
    with tempfile.TemporaryDirectory() as folder, mirroring(Path(folder)) as mirror:
        update(mirror, store)
        for change, number in changes:
            content = store.files[EVENTS]
            # Every record differs from all before, as the time in real ones does.
            new = records(number, size=20 + first, first=first)
            first += number
            store.files[EVENTS] = {"grow": content + new, "replace": new, "cut": content[:number]}[change]
            update(mirror, store)
        whole, _ = tf_records.sound_to(io.BytesIO(store.files[EVENTS]))
        assert shown(mirror).get(EVENTS, b"")[:whole] == store.files[EVENTS][:whole]


def test_a_full_disk_is_said_and_not_counted(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(100)})
    with mirroring(tmp_path) as mirror:
        local = mirror.cache.run("run-1") / EVENTS
        local.parent.mkdir()
        local.symlink_to("/dev/full")
        update(mirror, store)
        assert reasons(mirror) == ["It cannot be copied: No space left on device."]
        assert mirror.cache.nbytes == 0
        local.unlink()
        update(mirror, store)
        assert shown(mirror) == store.files
        assert mirror.cache.nbytes == len(store.files[EVENTS])


def test_a_cache_that_is_taken_away_is_said(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(3)})
    with mirroring(tmp_path) as mirror:
        (mirror.cache.path / "runs").rmdir()
        update(mirror, store)
        assert reasons(mirror) == ["It cannot be copied: No such file or directory."]


def test_a_file_that_is_replaced_and_then_refused_says_why(tmp_path: Path) -> None:
    store = _RefusesTheSecondRead({EVENTS: records(10)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        store.files[EVENTS] = records(20, first=100)
        store.is_armed = True
        update(mirror, store)
        assert reasons(mirror) == ["memory does not answer. Trying again."]


def test_a_run_that_comes_back_with_another_file_shows_that(tmp_path: Path) -> None:
    store = FakeArtifacts({EVENTS: records(10)})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        store.files[EVENTS] = records(5, first=50)
        update(mirror, store)
        before = set(mirror.shown)
        mirror.forget({RUN})
        store.files[EVENTS] = records(3, first=100)
        update(mirror, store)
        assert shown(mirror) == store.files
        # TensorBoard's reader may still hold the old file open by that name.
        assert not before & set(mirror.shown)


def test_a_run_that_goes_while_it_is_copied_leaves_nothing_to_read(tmp_path: Path) -> None:
    store = _Gated({EVENTS: records(10)})
    with mirroring(tmp_path) as mirror:
        copies = [threading.Thread(target=update, args=(mirror, store)) for _ in range(2)]
        goes = threading.Thread(target=mirror.forget, args=({RUN},))
        copies[0].start()
        assert store.asked.wait(10)
        copies[1].start()  # waits for the first
        goes.start()
        assert wait_until(lambda: not mirror.run_ids())
        store.gate.set()
        for thread in (*copies, goes):
            thread.join(10)
        # The second may have come before or after the run went; then it is a run again.
        assert (shown(mirror) != {}) == bool(mirror.run_ids())
        mirror.forget({RUN})
        assert shown(mirror) == {}
        assert mirror.cache.reserve("another", 2**20)  # its copies may go


def test_where_files_cannot_be_linked_twice_they_are_shown_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuses)
    store = FakeArtifacts({EVENTS: records(3), "logs/plugins/profile/1/host.xplane.pb": b"profile"})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(3)}
        assert (mirror.logdir / "exp/train/plugins/profile/1/host.xplane.pb").read_bytes() == b"profile"
        store.files[EVENTS] += records(1)
        update(mirror, store)
        assert shown(mirror) == {EVENTS: store.files[EVENTS]}
        assert not reasons(mirror)


class _RefusesTheSecondRead(FakeArtifacts):
    is_armed = False

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        found = super().read(path, start, length)
        if self.is_armed:
            self.problem = SourceUnavailable("memory does not answer. Trying again.")
        return found


class _Gated(FakeArtifacts):
    """Reads wait for a gate."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.asked, self.gate = threading.Event(), threading.Event()

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        self.asked.set()
        assert self.gate.wait(10)
        return super().read(path, start, length)


def test_damage_in_an_event_file_leaves_what_plugins_read(tmp_path: Path) -> None:
    damaged = bytearray(records(3))
    damaged[-1] ^= 1
    asset = "logs/plugins/profile/1/host.xplane.pb"
    store = FakeArtifacts({EVENTS: bytes(damaged), asset: b"profile"})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        assert shown(mirror) == {EVENTS: records(2)}
        assert (mirror.logdir / "exp/train/plugins/profile/1/host.xplane.pb").read_bytes() == b"profile"


def test_what_plugins_read_is_replaced_and_goes_with_its_artifact(tmp_path: Path) -> None:
    asset, place = "logs/plugins/profile/1/host.xplane.pb", "plugins/profile/1/host.xplane.pb"
    store = FakeArtifacts({EVENTS: records(1), asset: b"profile"})
    with mirroring(tmp_path) as mirror:
        update(mirror, store)
        before = mirror.shown
        store.files[asset] = b"p"
        update(mirror, store)
        assert (mirror.logdir / "exp/train" / place).read_bytes() == b"p"
        assert mirror.shown == before  # the event files are what they were
        store.files["eval/events.out.tfevents.2"] = records(1)  # now its logs have no folder in common
        update(mirror, store)
        assert list(mirror.logdir.rglob("*.pb")) == [mirror.logdir / "exp/train" / asset]
        del store.files[asset]
        update(mirror, store)
        assert not list(mirror.logdir.rglob("*.pb"))
