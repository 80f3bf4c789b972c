"""Artifacts in a bucket or another store that MLflow has a client for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, SourceError, SourceUnavailable
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.artifact_paths import checked, is_safe
from tb_aml_plugin.sources.downloads import Downloads
from tb_aml_plugin.target import masked

_PACKAGES = {
    "s3": "boto3",
    "r2": "boto3",
    "b2": "boto3",
    "gs": "google-cloud-storage",
    "wasbs": "azure-storage-blob azure-identity",
    "abfss": "azure-storage-file-datalake azure-identity",
    "hdfs": "pyarrow",
    "viewfs": "pyarrow",
    "sftp": "pysftp",
}
"""What MLflow's clients need installed, by scheme."""

_CREDENTIALS = {
    "s3": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "Set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login",
    "wasbs": "Set AZURE_STORAGE_CONNECTION_STRING, or run az login",
    "abfss": "Run az login",
    "dbfs": "Set DATABRICKS_HOST and DATABRICKS_TOKEN",
}


class RepositoryArtifacts:
    """The files below `uri`, by MLflow's own artifact repository for its scheme.

    These clients know whole files alone: a file is fetched whole into `downloads`, and ranges are read from there.
    A file that the store changes without changing its size is seen anew when it has left them.
    """

    def __init__(self, uri: str, downloads: Downloads) -> None:
        self._uri = uri
        self._place = masked(uri)
        self._downloads = downloads
        self._making = threading.Lock()
        self._made: Any = None

    def list(self, folder: str = "") -> Sequence[Artifact]:
        if not is_safe(folder):
            return []
        try:
            with self._translated(folder):
                found = self._repository().list_artifacts(folder or None)
        except ArtifactGone:
            return []
        artifacts = [Artifact(file.path, bool(file.is_dir), _size(file)) for file in found]
        return sorted((a for a in artifacts if _is_in(a.path, folder)), key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        checked(path)
        return self._downloads.read(
            (self._uri, path), lambda: self._size_bytes(path), lambda local: self._fetch(path, local), start, length
        )

    def _size_bytes(self, path: str) -> int | None:
        for artifact in self.list(path.rpartition("/")[0]):
            if artifact.path == path and not artifact.is_folder:
                return artifact.size_bytes
        raise ArtifactGone(f"{path} is no longer there.")

    def _fetch(self, path: str, local: str) -> None:
        with self._translated(path):
            # The one method that every repository has to have; `download_artifacts` around it would list the folder
            # again, and run threads that keep the process from ending.
            self._repository()._download_file(path, local)

    def _repository(self) -> Any:
        with self._making:
            if self._made is None:
                from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

                self._made = get_artifact_repository(self._uri)
            return self._made

    @contextlib.contextmanager
    def _translated(self, path: str) -> Iterator[None]:
        try:
            yield
        except SourceError:
            raise
        # Storage clients, each with errors of its own that share no root; plugins of MLflow are among them.
        except Exception as error:  # noqa: BLE001
            raise self._as_ours(error, path) from None

    def _as_ours(self, error: Exception, path: str) -> SourceError:
        """Says nothing that `error` says: storage clients put signed URLs into their texts."""
        scheme = self._uri.partition(":")[0]
        what = f"{path} in {self._place}" if path else self._place
        if isinstance(error, ImportError):
            package = _PACKAGES.get(
                scheme, getattr(error, "name", None) or "the client that MLflow's documentation names"
            )
            return AccessDenied(f"{self._place} cannot be read without a package: pip install {package}")
        status, name = _status(error), type(error).__name__
        if status in (401, 403) or "Credential" in name or "Authentication" in name:
            cure = _CREDENTIALS.get(scheme, "Check the credentials of the store")
            return AccessDenied(f"{what} refuses us ({name}). {cure}, and start again.")
        if status == 404 or isinstance(error, FileNotFoundError) or "NotFound" in name:
            return ArtifactGone(f"{what} is not there.")
        return SourceUnavailable(f"{what} cannot be read ({name}). Trying again.")


def _size(file: Any) -> int | None:
    return None if file.is_dir or file.file_size is None else int(file.file_size)


def _is_in(path: str, folder: str) -> bool:
    return is_safe(path) and path.rpartition("/")[0] == folder and path != folder


def _status(error: Exception) -> int | None:
    """The HTTP status in an error of boto3, of Azure's or Google's clients, of `requests` or of MLflow."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return _number(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    candidates = (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
    )
    found = (_number(candidate) for candidate in candidates)
    return next((number for number in found if number is not None), None)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int) else None
