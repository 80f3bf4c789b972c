"""Artifacts in a folder of this machine."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, SourceError, SourceUnavailable
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.artifact_paths import checked, is_safe
from tb_aml_plugin.sources.base import ArtifactStore

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link that replaced the file since it was looked at is not followed; a pipe does not keep us waiting."""

_ABSENT = (FileNotFoundError, NotADirectoryError)


class LocalArtifacts:
    """The files below a folder.

    Links are followed as long as they stay below it, and lead not back to a folder that they are in: that would have no
    end. What is neither file nor folder is not there.
    """

    def __init__(self, *roots: Path) -> None:
        """
        Args:
          roots: where the folder may be; the first that exists is it.
        """
        self._roots = roots

    def list(self, folder: str = "") -> Sequence[Artifact]:
        if not is_safe(folder):
            return []
        try:
            root = self._root()
            found = [_artifact(root, folder, name) for name in _names(_below(root, folder))]
        except (*_ABSENT, ArtifactGone):
            if not folder:
                self._check_is_here()
            return []
        except OSError as error:
            raise _translated(error, folder) from None
        return sorted((artifact for artifact in found if artifact is not None), key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        checked(path)
        try:
            descriptor = os.open(_below(self._root(), path), _OPEN)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ArtifactGone(f"{path} is not a file.")
                file.seek(start)
                return file.read(-1 if length is None else length)
        except _ABSENT:
            raise ArtifactGone(f"{path} is no longer there.") from None
        except OSError as error:
            raise _translated(error, path) from None

    def _check_is_here(self) -> None:
        """Tells a run that logged no artifacts, whose folder is not made then, from a folder of another machine.

        MLflow puts them at ``ROOT/EXPERIMENT/RUN/artifacts``: where not even what holds the root is there, it never was.
        """
        root = self._roots[-1].absolute()
        holder = next((parent for parent in root.parents[3:4] if parent != parent.parent), root.parents[-1])
        if not holder.is_dir():
            raise AccessDenied(
                f"The artifacts are in the folder {root}, which is not on this machine. Start TensorBoard where it is, "
                "or give the address of the tracking server: --aml_tracking_uri http://host:5000."
            )

    def _root(self) -> str:
        existing = (root for root in self._roots if root.is_dir())
        return os.path.realpath(next(existing, self._roots[0]))


def _below(root: str, path: str) -> str:
    """Where `path` really is.

    Raises:
      ArtifactGone: a link leads it out of `root`.
    """
    real = os.path.realpath(os.path.join(root, path))  # noqa: PTH118
    if os.path.commonpath((root, real)) != root:
        raise ArtifactGone(f"{path} leads out of the run's artifacts.")
    return real


def _names(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _artifact(root: str, folder: str, name: str) -> Artifact | None:
    path = f"{folder}/{name}" if folder else name
    if not is_safe(path):
        return None
    try:
        real = _below(root, path)
        status = os.stat(real)  # noqa: PTH116
    except (OSError, ArtifactGone):
        return None
    if stat.S_ISDIR(status.st_mode):
        above = _below(root, folder)
        return None if os.path.commonpath((real, above)) == real else Artifact(path, is_folder=True)
    return Artifact(path, size_bytes=status.st_size) if stat.S_ISREG(status.st_mode) else None


def _translated(error: OSError, path: str) -> SourceError:
    if error.errno in (errno.EACCES, errno.EPERM):
        return AccessDenied(f"{path or 'The folder of the artifacts'} cannot be read. Check that you may read it.")
    if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.ENAMETOOLONG):
        return ArtifactGone(f"{path} is not a file.")
    return SourceUnavailable(f"{path or 'The folder of the artifacts'} cannot be read: {error.strerror}.")


if TYPE_CHECKING:
    _: ArtifactStore = LocalArtifacts(Path())
