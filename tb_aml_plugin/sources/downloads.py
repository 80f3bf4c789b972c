"""Files that had to be fetched whole, for a while, in a private folder."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path

from tb_aml_plugin.errors import ArtifactTooLarge, SourceUnavailable

BUDGET_BYTES = 2**30
FRESH_S = 10.0
"""For so long, nobody asks whether a file has grown."""


@dataclass(slots=True)
class _Download:
    path: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    size_bytes: int = 0
    checked_s: float = float("-inf")  # when its size was last compared with the one at its place


class Downloads:
    """Fetches whole files into a folder that only this user can enter, and reads ranges of them.

    Least recently read files go when all together hold more than `budget_bytes`. The folder is made with the first
    file and gone after `close`, and in any case when the process ends: TensorBoard closes nothing.

    **Threads.** Any number; a file is fetched once, those who want it meanwhile wait.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES, now_s: Callable[[], float] = time.monotonic) -> None:
        self._budget_bytes = budget_bytes
        self._now_s = now_s
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._delete: Callable[[], object] = lambda: None
        self._kept: OrderedDict[Hashable, _Download] = OrderedDict()
        self._numbers = itertools.count()
        self._closed = False

    def read(
        self,
        key: Hashable,
        size_bytes: Callable[[], int | None],
        fetch: Callable[[str], None],
        start: int,
        length: int | None,
    ) -> bytes:
        """At most `length` bytes from `start` on of the file called `key`.

        Args:
          size_bytes: asks how large it is now; None where its place does not say.
          fetch: writes it to the local path given.

        Raises:
          ArtifactTooLarge: it is larger than all that may be kept.
        """
        while True:
            download = self._download(key)
            with download.lock:
                if not self._is_kept(key, download):  # evicted while we waited
                    continue
                try:
                    self._renew(key, download, size_bytes, fetch)
                    with download.path.open("rb") as file:
                        file.seek(start)
                        return file.read(-1 if length is None else length)
                except OSError as error:
                    raise SourceUnavailable(f"What was fetched cannot be kept: {error.strerror}.") from None

    def close(self) -> None:
        """Deletes everything. Harmless when called twice."""
        with self._lock:
            self._closed = True
            self._kept.clear()
        self._delete()

    def _download(self, key: Hashable) -> _Download:
        with self._lock:
            if self._closed:
                raise SourceUnavailable("The source was closed.")
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="tb-aml-"))  # made 0700
                self._delete = weakref.finalize(self, _delete, self._folder, os.getpid())
            if key not in self._kept:
                # Numbers for names: what a stranger calls a file is no path of ours.
                self._kept[key] = _Download(self._folder / str(next(self._numbers)))
            self._kept.move_to_end(key)
            return self._kept[key]

    def _is_kept(self, key: Hashable, download: _Download) -> bool:
        with self._lock:
            return self._kept.get(key) is download

    def _renew(
        self,
        key: Hashable,
        download: _Download,
        size_bytes: Callable[[], int | None],
        fetch: Callable[[str], None],
    ) -> None:
        now_s = self._now_s()
        if now_s - download.checked_s < FRESH_S and download.path.exists():
            return
        size = size_bytes()
        if size is not None and size > self._budget_bytes:
            raise ArtifactTooLarge(
                f"The file has {size / 2**20:.0f} MB; its store hands out whole files, and at most "
                f"{self._budget_bytes / 2**20:.0f} MB of them are kept."
            )
        if size is None or size != download.size_bytes or not download.path.exists():
            download.path.unlink(missing_ok=True)
            fetch(str(download.path))
            download.size_bytes = download.path.stat().st_size
        download.checked_s = now_s
        self._evict(key)

    def _evict(self, reading: Hashable) -> None:
        with self._lock:
            held = sum(download.size_bytes for download in self._kept.values())
            for key, download in list(self._kept.items()):
                if held <= self._budget_bytes:
                    return
                # One that is being read stays: its reader goes on, and evicts when it is done.
                if key == reading or not download.lock.acquire(blocking=False):
                    continue
                try:
                    download.path.unlink(missing_ok=True)
                    held -= download.size_bytes
                    del self._kept[key]
                finally:
                    download.lock.release()


def _delete(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork ends before its parent does
        shutil.rmtree(folder, ignore_errors=True)
