"""A private folder for copies of native logs: whose it is, how much it may hold, what goes first.

<user's cache>/tb-aml-plugin/native-logs/     0700
    <hash of the place>[-2, -3 …]/            one process at a time: it holds the lock
        .lock
        runs/<run>/<artifact path>            the copies; what the next process goes on with
        events/<run>.<generation>/…           links to the event files of the runs shown now
        logdir/<run name>/…                   links to what plugins read from a log directory
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tb_aml_plugin.errors import SettingsError

_PROCESSES = 100
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def default_root() -> Path:
    """Where the platform wants caches, below a name of ours."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("tb-aml-plugin", appauthor=False)) / "native-logs"


@dataclass(slots=True)
class _Kept:
    """A run's copies."""

    nbytes: int
    used: float  # larger is later
    evictable: bool  # whether nobody looks at it now


class CacheFolder:
    """The folder of one process for one place.

    **Threads.** Any thread may call any method.
    """

    def __init__(self, root: Path, location: str, budget_bytes: int) -> None:
        """
        Args:
          root: made where it is missing.
          location: of the place whose logs are copied.
          budget_bytes: what all folders of `root` may hold together, as far as this process can tell.

        Raises:
          SettingsError: it cannot be made or written.
        """
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            root.chmod(0o700)
            self.path, self._process_lock = _own_folder(root, location)
            for name in ("events", "logdir"):
                shutil.rmtree(self.path / name, ignore_errors=True)
            for name in ("runs", "events", "logdir"):
                (self.path / name).mkdir(exist_ok=True, mode=0o700)
            self._elsewhere_bytes = _bound_others(root, self.path, budget_bytes // 2)
        except OSError as error:
            raise SettingsError(
                f"{root} cannot be used for native logs: {error.strerror}. Set XDG_CACHE_HOME to a folder that can be "
                "written, or give --aml_native_logs off."
            ) from None
        self._kept = {
            folder.name: _Kept(_nbytes(folder), folder.stat().st_mtime, evictable=True)
            for folder in _folders(self.path / "runs")
        }

    @property
    def events(self) -> Path:
        """The log directory of TensorBoard's data server."""
        return self.path / "events"

    @property
    def logdir(self) -> Path:
        """The log directory of plugins that read files by themselves."""
        return self.path / "logdir"

    @property
    def nbytes(self) -> int:
        """Bytes of all copies of this folder."""
        with self._lock:
            return sum(kept.nbytes for kept in self._kept.values())

    @property
    def budget_bytes(self) -> int:
        """Bytes that the folders of all places may hold together."""
        return self._budget_bytes

    def run(self, key: str) -> Path:
        """The folder of a run's copies, by its `key`; from now on it is in use."""
        path = self.path / "runs" / key
        path.mkdir(exist_ok=True, mode=0o700)
        with self._lock:
            kept = self._kept.setdefault(key, _Kept(0, 0.0, evictable=False))
            kept.evictable = False
        os.utime(path)
        return path

    def release(self, key: str) -> None:
        """Says that nobody looks at a run any more; its copies stay while there is room."""
        with self._lock:
            if key in self._kept:
                self._kept[key].evictable = True
                self._kept[key].used = time.time()

    def reserve(self, key: str, nbytes: int) -> bool:
        """Whether `nbytes` more may be written for a run. Copies that nobody looks at go for it, oldest use first."""
        with self._lock:
            over = self._elsewhere_bytes + sum(kept.nbytes for kept in self._kept.values()) + nbytes
            over -= self._budget_bytes
            candidates = sorted(
                (name for name, kept in self._kept.items() if kept.evictable and name != key),
                key=lambda name: self._kept[name].used,
            )
            if over > sum(self._kept[name].nbytes for name in candidates):
                return False
            for name in candidates:
                if over <= 0:
                    break
                over -= self._kept.pop(name).nbytes
                shutil.rmtree(self.path / "runs" / name, ignore_errors=True)
            self._kept.setdefault(key, _Kept(0, 0.0, evictable=False)).nbytes += nbytes
            return True

    def give_back(self, key: str, nbytes: int) -> None:
        """Undoes a `reserve`: so many bytes were not written, or are gone."""
        with self._lock:
            if key in self._kept:
                self._kept[key].nbytes = max(0, self._kept[key].nbytes - nbytes)

    def close(self) -> None:
        """Removes the links and lets the next process have the folder; the copies stay."""
        for path in (self.events, self.logdir):
            shutil.rmtree(path, ignore_errors=True)
        self._process_lock.close()


def key_of(run_id: str) -> str:
    """A file name for `run_id`, whatever it is."""
    return run_id if _PLAIN_ID.fullmatch(run_id) else hashlib.sha256(run_id.encode("utf-8", "replace")).hexdigest()[:40]


def link(source: Path, target: Path) -> None:
    """Makes the file `source` appear as `target` too, growing with it."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            target.symlink_to(source)


def _own_folder(root: Path, location: str) -> tuple[Path, _ProcessLock]:
    """The first folder for `location` that no other process uses."""
    name = hashlib.sha256(location.encode()).hexdigest()[:24]
    for number in range(1, _PROCESSES + 1):
        path = root / (name if number == 1 else f"{name}-{number}")
        path.mkdir(exist_ok=True, mode=0o700)
        lock = _ProcessLock(path / ".lock")
        if lock.is_held:
            return path, lock
    raise OSError(0, f"{_PROCESSES} processes use it")


class _ProcessLock:
    """Held until `close`, or until the process ends however it ends."""

    def __init__(self, path: Path) -> None:
        import filelock

        self._lock = filelock.FileLock(path, thread_local=False)
        self.is_held = True
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            self.is_held = False

    def close(self) -> None:
        self._lock.release()


def _bound_others(root: Path, mine: Path, budget_bytes: int) -> int:
    """Bytes in the folders of other places; the oldest that no process uses go until they hold `budget_bytes`."""
    sizes = {folder: _nbytes(folder) for folder in _folders(root) if folder != mine}
    for folder in sorted(sizes, key=lambda folder: folder.stat().st_mtime):
        if sum(sizes.values()) <= budget_bytes:
            break
        lock = _ProcessLock(folder / ".lock")
        if lock.is_held:
            del sizes[folder]
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()
    return sum(sizes.values())


def _folders(path: Path) -> Iterator[Path]:
    with os.scandir(path) as entries:
        yield from (path / entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def _nbytes(folder: Path) -> int:
    """Bytes of the copies below `folder`; what is linked twice is counted once."""
    total, seen = 0, set()
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                status = os.lstat(Path(parent, name))
                if status.st_ino not in seen:
                    seen.add(status.st_ino)
                    total += status.st_size
    return total
