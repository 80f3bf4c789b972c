"""Artifacts through an MLflow tracking server, wherever it keeps them: with its credentials, not ours."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Sequence
from typing import TypeVar

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, NotATrackingStore, SourceUnavailable
from tb_aml_plugin.model import Artifact, Run
from tb_aml_plugin.sources.artifact_paths import checked, is_safe
from tb_aml_plugin.sources.mlflow_http import Http
from tb_aml_plugin.sources.wire import Refused

_LIST = "api/2.0/mlflow/artifacts/list"
_GET = "get-artifact"
"""The endpoint of MLflow's own page. It answers ranges (Flask's ``send_file``), and reads any store that the server can,
not only ``mlflow-artifacts:`` roots."""

_SERVED = "api/2.0/mlflow-artifacts/artifacts"
"""Where a server hands out what it keeps itself, which MLflow's client asks. It need not look up the run for that, with
all its params, metrics and tags, and takes a third of the time of the two above."""
_SERVED_ROOT = re.compile("mlflow-artifacts:(?://)?/([^/?#][^?#]*)")

T = TypeVar("T")


class ServedRoots:
    """Whether a server hands out what is at its own ``mlflow-artifacts:`` addresses: found out once for all its runs."""

    def __init__(self) -> None:
        self._are_open = True

    def of(self, run: Run) -> str:
        """Where below `_SERVED` the artifacts of `run` are; "" where they are to be asked for by the run."""
        found = _SERVED_ROOT.fullmatch(run.artifact_uri or "")
        return found.group(1).rstrip("/") if found and self._are_open else ""

    def close(self) -> None:
        """Asks by the run from now on."""
        self._are_open = False


class ServerArtifacts:
    """The artifacts of one run, listed and fetched by the tracking server.

    Of a file in a bucket, the server fetches the whole before it sends a part: little moves over this wire, more over
    the other.
    """

    def __init__(self, http: Http, run: Run, roots: ServedRoots) -> None:
        self._http = http
        self._run_id = run.id
        self._roots = roots
        self._root = roots.of(run)

    def list(self, folder: str = "") -> Sequence[Artifact]:
        if not is_safe(folder):
            return []
        try:
            found = self._first_served(lambda: self._served(folder), lambda: self._of_run(folder))
        except Refused as error:
            if error.code == "RESOURCE_DOES_NOT_EXIST" or folder:
                return []
            raise
        return sorted((one for one in found if _is_in(one.path, folder)), key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        query = {"run_id": self._run_id, "path": checked(path)}

        def of_run() -> bytes:
            return self._http.get_range(_GET, query, start, length)

        def served() -> bytes:
            place = urllib.parse.quote(f"{self._root}/{path}")
            return self._http.get_range(f"{_SERVED}/{place}", {}, start, length)

        try:
            # Not every server answers ranges there: it would send all that is before them.
            return of_run() if start else self._first_served(served, of_run)
        except (Refused, NotATrackingStore):
            raise ArtifactGone(f"{path} is not there, or {self._http.location} does not hand out artifacts.") from None
        except SourceUnavailable:
            # Before a bucket, a server fails on a file that is not there as it does when the bucket is down.
            if self._is_listed(path):
                raise
            raise ArtifactGone(f"{path} is no longer there.") from None

    def _first_served(self, served: Callable[[], T], of_run: Callable[[], T]) -> T:
        """What `served` gives, or else `of_run`: which is then asked alone, since what is there was not handed out."""
        if not self._root:
            return of_run()
        try:
            return served()
        except (Refused, AccessDenied, NotATrackingStore, SourceUnavailable):
            found = of_run()
        self._root = ""
        self._roots.close()
        return found

    def _served(self, folder: str) -> Sequence[Artifact]:
        answer = self._http.get(_SERVED, {"path": f"{self._root}/{folder}" if folder else self._root})
        with self._http.understood():
            return [_artifact(file, f"{folder}/" if folder else "") for file in answer.get("files", ())]

    def _of_run(self, folder: str) -> Sequence[Artifact]:
        found: list[Artifact] = []
        query = {"run_id": self._run_id, **({"path": folder} if folder else {})}
        while True:
            answer = self._http.get(_LIST, query)
            with self._http.understood():
                found += [_artifact(file) for file in answer.get("files", ())]
            query["page_token"] = str(answer.get("next_page_token", ""))
            if not query["page_token"]:
                return found

    def _is_listed(self, path: str) -> bool:
        return any(artifact.path == path for artifact in self.list(path.rpartition("/")[0]))


def _artifact(file: dict[str, object], before: str = "") -> Artifact:
    path = before + str(file["path"])
    if file.get("is_dir"):
        return Artifact(path, is_folder=True)
    size = file.get("file_size")
    return Artifact(path, size_bytes=int(size) if isinstance(size, (int, str)) else None)


def _is_in(path: str, folder: str) -> bool:
    """Whether `path` is an entry of `folder`: some stores answer with the file itself when a file is listed."""
    return is_safe(path) and path.rpartition("/")[0] == folder and path != folder
