"""Artifacts through an MLflow tracking server, wherever it keeps them: with its credentials, not ours."""

from __future__ import annotations

from collections.abc import Sequence

from tb_aml_plugin.errors import ArtifactGone, NotATrackingStore, SourceUnavailable
from tb_aml_plugin.model import Artifact, RunId
from tb_aml_plugin.sources.artifact_paths import checked, is_safe
from tb_aml_plugin.sources.mlflow_http import Http
from tb_aml_plugin.sources.wire import Refused

_LIST = "api/2.0/mlflow/artifacts/list"
_GET = "get-artifact"
"""The endpoint of MLflow's own page. It answers ranges (Flask's ``send_file``), and reads any store that the server can,
not only ``mlflow-artifacts:`` roots."""


class ServerArtifacts:
    """The artifacts of one run, listed and fetched by the tracking server.

    Of a file in a bucket, the server fetches the whole before it sends a part: little moves over this wire, more over
    the other.
    """

    def __init__(self, http: Http, run_id: RunId) -> None:
        self._http = http
        self._run_id = run_id

    def list(self, folder: str = "") -> Sequence[Artifact]:
        if not is_safe(folder):
            return []
        found: list[Artifact] = []
        token = ""
        while True:
            query = {"run_id": self._run_id, **({"path": folder} if folder else {})}
            try:
                answer = self._http.get(_LIST, query | ({"page_token": token} if token else {}))
            except Refused as error:
                if error.code == "RESOURCE_DOES_NOT_EXIST" or folder:
                    return []
                raise
            found += [_artifact(file) for file in answer.get("files", ()) if _is_in(str(file.get("path", "")), folder)]
            token = answer.get("next_page_token", "")
            if not token:
                return sorted(found, key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        query = {"run_id": self._run_id, "path": checked(path)}
        try:
            return self._http.get_range(_GET, query, start, length)
        except (Refused, NotATrackingStore):
            raise ArtifactGone(f"{path} is not there, or {self._http.location} does not hand out artifacts.") from None
        except SourceUnavailable:
            # Before a bucket, a server fails on a file that is not there as it does when the bucket is down.
            if self._is_listed(path):
                raise
            raise ArtifactGone(f"{path} is no longer there.") from None

    def _is_listed(self, path: str) -> bool:
        return any(artifact.path == path for artifact in self.list(path.rpartition("/")[0]))


def _artifact(file: dict[str, object]) -> Artifact:
    if file.get("is_dir"):
        return Artifact(str(file["path"]), is_folder=True)
    size = file.get("file_size")
    return Artifact(str(file["path"]), size_bytes=int(size) if isinstance(size, (int, str)) else None)


def _is_in(path: str, folder: str) -> bool:
    """Whether `path` is an entry of `folder`: some stores answer with the file itself when a file is listed."""
    return is_safe(path) and path.rpartition("/")[0] == folder and path != folder
