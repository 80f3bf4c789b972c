"""The folder that is exported to, here or in a cloud: files appear in it whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from tb_aml_plugin.errors import ExportFailed, SettingsError
from tb_aml_plugin.target import expanded, masked

_STAGING = ".tb-aml-partial-"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Destination(Protocol):
    """Where exported files go. Paths in it are relative, with "/"."""

    @property
    def location(self) -> str:
        """For people to read; no secret in it."""
        ...

    def stage(self, path: str) -> Path:
        """A new file on this machine to write what shall be at `path`."""
        ...

    def place(self, staged: Path, path: str) -> None:
        """Puts what was staged to `path`, in place of what is there."""
        ...

    def read(self, path: str) -> bytes | None:
        """What is at `path`; None if nothing is."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        ...

    def remove(self, path: str) -> None:
        """Takes away the file at `path`, and folders that are empty then; harmless where there is none."""
        ...

    def close(self) -> None:
        """Throws away what was staged and not placed."""
        ...


def connect(place: str) -> Destination:
    """The destination that `place` names: a folder, or a URL that fsspec knows such as ``abfs://container/folder``.

    Raises:
      SettingsError: it cannot be written to; what is missing.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", place):
        return RemoteFolder(place)
    return LocalFolder(expanded(place))


class LocalFolder:
    """A folder of this machine. What is staged lies in a hidden folder in it, so that moving it is one step."""

    def __init__(self, root: Path) -> None:
        self.location = str(root)
        self._root = root
        if root.exists() and not root.is_dir():
            raise SettingsError(f"{root} is a file. Give the folder to export to.")
        with writing(self.location):
            root.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._staging = Path(tempfile.mkdtemp(prefix=f"{_STAGING}{socket.gethostname()}-{os.getpid()}-", dir=root))
        self._staged = 0

    def stage(self, path: str) -> Path:
        self._staged += 1
        return self._staging / str(self._staged)

    def place(self, staged: Path, path: str) -> None:
        with writing(self.location):
            target = self._root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)

    def read(self, path: str) -> bytes | None:
        with writing(self.location):
            try:
                return (self._root / path).read_bytes()
            except FileNotFoundError:
                return None

    def exists(self, path: str) -> bool:
        return (self._root / path).is_file()

    def remove(self, path: str) -> None:
        target = self._root / path
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self._root:
                    break
                folder.rmdir()  # raises where it is not empty

    def close(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)

    def _sweep(self) -> None:
        """Removes what a process of this machine that is no more has left."""
        for left in self._root.glob(f"{_STAGING}{socket.gethostname()}-*"):
            process = re.search(r"-(\d+)-[^-]*$", left.name)
            if process and not _lives(int(process.group(1))):
                shutil.rmtree(left, ignore_errors=True)


class RemoteFolder:
    """A place that fsspec reaches. What is staged lies in a temporary folder here and is uploaded as a whole."""

    def __init__(self, url: str) -> None:
        self.location = masked(url)
        try:
            import fsspec
        except ImportError:
            raise SettingsError(
                f'Exporting to {self.location} needs fsspec: pip install "tb-aml-plugin[export]"'
            ) from None
        try:
            self._fs, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise SettingsError(f"{self.location} cannot be written to: {masked(str(error))}") from None
        self._staging = Path(tempfile.mkdtemp(prefix="tb-aml-export-"))
        self._staged = 0

    def stage(self, path: str) -> Path:
        self._staged += 1
        return self._staging / str(self._staged)

    def place(self, staged: Path, path: str) -> None:
        with writing(self.location):
            self._fs.makedirs(self._at(path).rpartition("/")[0], exist_ok=True)
            self._fs.put_file(str(staged), self._at(path))
            staged.unlink()

    def read(self, path: str) -> bytes | None:
        with writing(self.location):
            try:
                return bytes(self._fs.cat_file(self._at(path)))
            except FileNotFoundError:
                return None

    def exists(self, path: str) -> bool:
        return bool(self._fs.exists(self._at(path)))

    def remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._at(path))

    def close(self) -> None:
        shutil.rmtree(self._staging, ignore_errors=True)

    def _at(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"


@contextlib.contextmanager
def writing(location: str) -> Iterator[None]:
    """Turns what the file system says while `location` is written into an error for people.

    Raises:
      ExportFailed: with the reason and the cure.
    """
    try:
        yield
    except OSError as error:
        raise ExportFailed(_told(error, location)) from None


def _told(error: OSError, location: str) -> str:
    if error.errno in _FULL:
        return f"There is no room left at {location}. Make room and run the same again: it goes on where it stopped."
    if error.errno in _FORBIDDEN:
        return f"{location} cannot be written to: {error.strerror}. Choose another folder, or get the right to write there."
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{location} cannot be made a folder: part of the path is a file. Choose another."
    reason: Any = error.strerror or type(error).__name__
    return f"Writing to {location} failed: {reason}. Run the same again: it goes on where it stopped."


def _lives(process_id: int) -> bool:
    if os.name != "posix":  # where asking would end it
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
