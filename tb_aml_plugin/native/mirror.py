"""Copies the runs' own TensorBoard logs from their artifacts, as far as they have grown, into a private folder."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from tb_aml_plugin.errors import ArtifactGone, SourceError
from tb_aml_plugin.model import Artifact, NotShown, RunId
from tb_aml_plugin.native import cache_folder, native_logs
from tb_aml_plugin.native.cache_folder import CacheFolder
from tb_aml_plugin.native.copied_file import CopiedFile, tail
from tb_aml_plugin.native.native_logs import NativeLog
from tb_aml_plugin.sources.base import ArtifactStore

CHUNK_BYTES = 4 * 2**20
OVERLAP_BYTES = 16
"""Read again with every increment: a file that was replaced by a longer one differs there."""

_NAME = "The run's name cannot be a folder's name on every system. Rename the run to show it."
_FULL = "The cache of native logs is full; what is shown ends where it was. Give more with --aml_cache_bytes."


@dataclass(frozen=True, slots=True)
class SubRun:
    """What a folder of the data server's log directory is a part of."""

    run_id: RunId
    name: str  # below the run's own name; "" for the run itself


@dataclass(slots=True)
class _Run:
    """A run's copies as they stand."""

    key: str
    generation: int = 0
    files: dict[str, CopiedFile] = field(default_factory=dict)
    logs: Mapping[str, NativeLog] = field(default_factory=dict)
    sub_runs: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)  # of what plugins read, below its folder for them
    name: str = ""
    working: threading.Lock = field(default_factory=threading.Lock)

    @property
    def folder(self) -> str:
        """Of its event files in the data server's log directory; a new one after something in it was replaced."""
        return f"{self.key}.{self.generation}"


class Mirror:
    """Keeps copies of native logs true to the artifacts they are from.

    A copy grows by ranged reads: only new bytes move. It begins anew when the artifact was truncated or replaced by one
    of another length. An event file is shown up to its first damaged record. Nothing is ever written outside the cache folder.

    **Threads.** `update` may be called for several runs at once; two calls for one run follow each other.
    """

    def __init__(self, cache: CacheFolder) -> None:
        self.cache = cache
        self.appeared: Callable[[], None] = lambda: None
        """Called after an event file has appeared, from the thread that copied it."""
        self._runs: dict[RunId, _Run] = {}
        self._generations: Counter[str] = Counter()  # by key; never one twice, forgotten or not
        self._lock = threading.Lock()
        self._shown: Mapping[str, SubRun] = MappingProxyType({})
        self.nbytes_moved = 0
        """Bytes read from artifact stores so far."""

    @property
    def shown(self) -> Mapping[str, SubRun]:
        """Run names of the data server → what they are part of. Never changes; ask again for the newest."""
        return self._shown

    @property
    def logdir(self) -> Path:
        """The folder of the files that plugins read by themselves, laid out as if runs had been logged there."""
        return self.cache.logdir

    def not_shown(self, run_id: RunId) -> Sequence[NotShown]:
        """The native logs of a run that are not shown, or not whole, and why."""
        run = self._runs.get(run_id)
        files = dict(run.files) if run else {}
        return [NotShown(path, file.reason) for path, file in files.items() if file.reason]

    def update(self, run_id: RunId, name: str, store: ArtifactStore, files: Sequence[Artifact]) -> bool:
        """Makes the copies of a run true to its artifacts `files`, all of them; `name` is its name in TensorBoard.

        What could not be read stays as it was and is named by `not_shown`. Never raises on account of the place.
        Returns whether nothing failed that may work later.
        """
        sizes = {artifact.path: artifact.size_bytes for artifact in files if not artifact.is_folder}
        logs = native_logs.native_logs(sizes)
        run = self._run_of(run_id, create=bool(logs))
        if run is None:
            return True
        with run.working:
            if not self._is_held(run_id, run):
                return True
            before = (run.folder, run.sub_runs)
            self._forget_gone(run, logs)
            places = native_logs.asset_places(logs)
            if (name, places) != (run.name, run.places):
                self._remove_assets(run)
            run.logs, run.sub_runs, run.name, run.places = logs, native_logs.sub_runs(logs), name, places
            copied = [self._copy(run, store, path, sizes[path]) for path in logs]
            if (run.folder, run.sub_runs) != before:
                self._publish()
            return all(copied)

    def verify(self, run_id: RunId, breathe: Callable[[float], None] = lambda worked_s: None) -> None:
        """Looks for damage in what `update` has copied of a run; apart from it, since it takes longer than copying.

        A damaged event file ends before its damage, and `not_shown` says so.

        Args:
          breathe: called now and then with the seconds of work since the last time.
        """
        run = self._runs.get(run_id)
        if run is None:
            return
        with run.working:
            if not self._is_held(run_id, run):
                return
            events = [p for p, kind in run.logs.items() if kind is NativeLog.EVENTS and native_logs.is_safe(p)]
            damaged = [self._end_before_damage(run, path, breathe) for path in events]
            if any(damaged):
                self._start_over(run)
                self._publish()

    def forget(self, run_ids: set[RunId]) -> None:
        """Shows the copies of these runs no longer; they stay in the cache while there is room."""
        for run_id in run_ids:
            with self._lock:
                run = self._runs.pop(run_id, None)
            if run is not None:
                with run.working:
                    shutil.rmtree(self.cache.events / run.folder, ignore_errors=True)
                    self._remove_assets(run)
                    self.cache.release(run.key)
        self._publish()

    def run_ids(self) -> set[RunId]:
        """The runs that have native logs."""
        return set(self._runs)

    def _run_of(self, run_id: RunId, *, create: bool) -> _Run | None:
        with self._lock:
            if create and run_id not in self._runs:
                key = cache_folder.key_of(run_id)
                self._runs[run_id] = _Run(key, self._generations[key])
                self._generations[key] += 1
            return self._runs.get(run_id)

    def _is_held(self, run_id: RunId, run: _Run) -> bool:
        """Whether nobody has forgotten the run while its turn was waited for."""
        return self._runs.get(run_id) is run

    def _forget_gone(self, run: _Run, logs: Mapping[str, NativeLog]) -> None:
        for path in run.files.keys() - logs.keys():
            del run.files[path]
            local = self._local(run, path)
            with contextlib.suppress(OSError):
                self.cache.give_back(run.key, local.stat().st_size)
                local.unlink()
            self._let_go(run, path)

    def _copy(self, run: _Run, store: ArtifactStore, path: str, size: int | None) -> bool:
        """False for what failed and may work later."""
        file = run.files.setdefault(path, CopiedFile())
        if not native_logs.is_safe(path):
            file.reason = "Its name cannot be a file's name on every system. Rename it to show it."
            return True
        try:
            local = self.cache.run(run.key) / path
            local.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._is_still_damaged(file, store, path, local):
                file.reason, file.damage = "", b""
                self._grow(run, store, path, local, size)
            if local.exists() and not self._link(run, path, local):
                run.files[path].reason = _NAME
        except ArtifactGone:
            run.files[path].reason = "It was deleted after it was listed."
        except SourceError as error:
            run.files[path].reason = str(error)
            return False
        except OSError as error:
            run.files[path].reason = f"It cannot be copied: {error.strerror}."
        return True

    def _end_before_damage(self, run: _Run, path: str, breathe: Callable[[float], None]) -> bool:
        """Whether an event file was cut off now."""
        file, local = run.files[path], self._local(run, path)
        try:
            cut = file.cut_off(local, breathe)
        except OSError:  # it was never copied, or is gone
            return False
        self.cache.give_back(run.key, cut)
        return cut > 0

    def _is_still_damaged(self, file: CopiedFile, store: ArtifactStore, path: str, local: Path) -> bool:
        """Asks for a few bytes only: a damaged file may be large and go on growing."""
        if not file.damage:
            return False
        known = tail(local, min(OVERLAP_BYTES, file.sound_to)) + file.damage
        found = store.read(path, file.sound_to + len(file.damage) - len(known), len(known))
        self.nbytes_moved += len(found)
        return found == known

    def _grow(self, run: _Run, store: ArtifactStore, path: str, local: Path, size: int | None) -> None:
        have = local.stat().st_size if local.exists() else 0
        if have == size:
            return
        if size is not None and size < have:
            have = self._truncate(run, path, local)
        while size is None or have < size:
            overlap = min(OVERLAP_BYTES, have)
            # Never beyond what was listed: the file may grow for as long as it is read.
            wanted = CHUNK_BYTES if size is None else min(CHUNK_BYTES, size - have)
            found = store.read(path, have - overlap, wanted + overlap)
            self.nbytes_moved += len(found)
            if found[:overlap] != tail(local, overlap):
                have = self._truncate(run, path, local)
                continue
            if len(found) == overlap:
                return
            if not self._append(run, local, found[overlap:]):
                run.files[path].reason = _FULL
                return
            have += len(found) - overlap
            if len(found) < wanted + overlap:
                return

    def _append(self, run: _Run, local: Path, content: bytes) -> bool:
        """False where the cache is full."""
        if not self.cache.reserve(run.key, len(content)):
            return False
        before = local.stat().st_size if local.exists() else 0
        try:
            with local.open("ab") as file:
                file.write(content)
        except OSError:  # of a full disk, with a part of it
            written = local.stat().st_size - before if local.exists() else 0
            self.cache.give_back(run.key, len(content) - written)
            raise
        return True

    def _truncate(self, run: _Run, path: str, local: Path) -> int:
        """Begins a copy anew: as another file, since readers hold the old one open."""
        self.cache.give_back(run.key, local.stat().st_size)
        local.unlink()
        run.files[path] = CopiedFile()
        self._let_go(run, path)
        return 0

    def _link(self, run: _Run, path: str, local: Path) -> bool:
        """Shows a copy to its reader. False where the run's name cannot be a folder's."""
        if path not in run.places:
            cache_folder.link(local, self.cache.events / run.folder / path)
        elif not native_logs.is_safe(f"{run.name}/{run.places[path]}"):
            return False
        else:
            cache_folder.link(local, self.cache.logdir / run.name / run.places[path])
        return True

    def _local(self, run: _Run, path: str) -> Path:
        """Where the copy of an artifact is, or would be."""
        return self.cache.path / "runs" / run.key / path

    def _let_go(self, run: _Run, path: str) -> None:
        """Takes a copy that is gone, or is another file now, from its reader."""
        if path in run.places:
            self._remove_asset(run, run.places[path])
        else:
            self._start_over(run)

    def _start_over(self, run: _Run) -> None:
        """Lets the data server read the run's event files afresh."""
        shutil.rmtree(self.cache.events / run.folder, ignore_errors=True)
        with self._lock:
            run.generation = self._generations[run.key]
            self._generations[run.key] += 1
        for path in run.files.keys() - run.places.keys():
            local = self._local(run, path)
            with contextlib.suppress(OSError):  # the next update tries again
                if native_logs.is_safe(path) and local.exists():
                    self._link(run, path, local)

    def _remove_assets(self, run: _Run) -> None:
        for place in run.places.values():
            self._remove_asset(run, place)

    def _remove_asset(self, run: _Run, place: str) -> None:
        if run.name and native_logs.is_safe(f"{run.name}/{place}"):
            with contextlib.suppress(OSError):
                (self.cache.logdir / run.name / place).unlink()

    def _publish(self) -> None:
        with self._lock:
            shown = MappingProxyType(dict(self._sub_runs()))
            is_new = bool(shown.keys() - self._shown.keys())
            self._shown = shown
        if is_new:
            self.appeared()

    def _sub_runs(self) -> Iterator[tuple[str, SubRun]]:
        for run_id, run in self._runs.items():
            for folder, name in run.sub_runs.items():
                inner = run.folder if folder == "." else f"{run.folder}/{folder}"
                yield inner, SubRun(run_id, name)
