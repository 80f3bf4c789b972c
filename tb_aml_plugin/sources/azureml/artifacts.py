"""The artifacts of a run: listed by the artifact service, read at the addresses that it signs."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.model import Artifact
from tb_aml_plugin.sources.artifact_paths import checked, is_safe
from tb_aml_plugin.sources.azureml.client import Client
from tb_aml_plugin.sources.wire import Refused


class AzureArtifacts:
    """The artifacts of one run.

    All paths are learnt in one listing, and kept. A signed address is kept until the store refuses it, and asked for
    anew once.
    """

    def __init__(self, client: Client, container: str) -> None:
        self._client = client
        self._container = container
        self._lock = threading.Lock()
        self._paths: tuple[str, ...] | None = None
        self._signed: dict[str, str] = {}

    def list(self, folder: str = "") -> Sequence[Artifact]:
        if not is_safe(folder):
            return []
        before = f"{folder}/" if folder else ""
        below = {path.removeprefix(before) for path in self._all() if path.startswith(before)}
        folders = {path.partition("/")[0] for path in below if "/" in path}
        found = [Artifact(before + name, is_folder=True) for name in folders]
        found += [Artifact(before + name) for name in below if "/" not in name and name not in folders]
        return sorted(found, key=lambda artifact: artifact.path)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        path = checked(path)
        for _ in range(2):
            if path not in self._signed:
                self._signed[path] = self._client.artifact_url(self._container, path)
            try:
                return self._client.read(self._signed[path], path, start, length)
            except AccessDenied:  # it has expired, most often: a new one once
                self._signed.pop(path, None)
        raise AccessDenied(
            f"The storage account refuses {path}, although the workspace has signed for it. It may be closed to this "
            "network (firewall, private endpoint): try from a network that studio shows the file in."
        )

    def _all(self) -> tuple[str, ...]:
        with self._lock:
            if self._paths is None:
                try:
                    pages = list(self._client.artifacts(self._container))
                except Refused:  # a run that has none has no container
                    pages = []
                paths = (str(element.get("path", "")) for page in pages for element in page)
                self._paths = tuple(sorted({path for path in paths if path and is_safe(path)}))
            return self._paths
