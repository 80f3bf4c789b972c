"""Where the artifacts of runs are, by the scheme of their URI. A new kind of place is a line in `_PLACES`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from tb_aml_plugin.errors import AccessDenied, TargetError
from tb_aml_plugin.model import Run
from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.sources.downloads import Downloads
from tb_aml_plugin.sources.local_artifacts import LocalArtifacts
from tb_aml_plugin.sources.repository_artifacts import RepositoryArtifacts
from tb_aml_plugin.target import FileTarget, masked, parse


class ArtifactPlaces:
    """Opens the artifacts of runs whose URIs are for anyone to follow: folders, buckets."""

    def __init__(self) -> None:
        self._downloads = Downloads()

    def open(self, run: Run, folders: Sequence[Path] = ()) -> ArtifactStore:
        """The artifacts of `run`. No I/O.

        Args:
          folders: of artifacts in a folder: look here first.

        Raises:
          AccessDenied: they are at a place that cannot be reached from here; the text says why and the cure.
        """
        uri = run.artifact_uri
        if not uri:
            raise AccessDenied("The store does not say where the artifacts of this run are.")
        match = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", uri)  # two letters at least: C: is a drive
        scheme = match.group(1).lower() if match else "file"
        make = _PLACES.get(scheme)
        if make is None:
            raise AccessDenied(
                f"The artifacts of this run are at {masked(uri)!r}, a kind of place that cannot be read here. "
                f"Known are: {', '.join(sorted(_PLACES))}."
            )
        return make(uri, folders, self._downloads)

    def close(self) -> None:
        """Deletes what was fetched. Harmless when called twice."""
        self._downloads.close()


def _folder(uri: str, folders: Sequence[Path], downloads: Downloads) -> ArtifactStore:
    try:
        target = parse(uri)
    except TargetError as error:
        raise AccessDenied(f"The artifacts of this run cannot be found. {error}") from None
    named = [target.path] if isinstance(target, FileTarget) else []
    return LocalArtifacts(*folders, *named)


def _repository(uri: str, folders: Sequence[Path], downloads: Downloads) -> ArtifactStore:
    return RepositoryArtifacts(uri, downloads)


def _behind_a_server(uri: str, folders: Sequence[Path], downloads: Downloads) -> ArtifactStore:
    raise AccessDenied(
        f"The artifacts of this run are behind a tracking server ({masked(uri)}). "
        "Give its address: --aml_tracking_uri http://host:5000."
    )


_PLACES: dict[str, Callable[[str, Sequence[Path], Downloads], ArtifactStore]] = {
    "file": _folder,
    **dict.fromkeys(
        ("s3", "r2", "b2", "gs", "wasbs", "abfss", "dbfs", "hdfs", "viewfs", "ftp", "sftp"),
        _repository,
    ),
    **dict.fromkeys(("mlflow-artifacts", "http", "https"), _behind_a_server),
}
