"""The files of runs: where a run's artifact is in the blob store, and the URLs that let one at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.emulator.authority import BLOB_SUFFIX
from tests.emulator.azurite import ACCOUNT, Azurite, path_of
from tests.emulator.state import Artifact, Run
from tests.emulator.wire import Refusal

if TYPE_CHECKING:
    from tests.emulator.emulator import Emulator

ORIGIN = "ExperimentRun"
HOST = f"{ACCOUNT}.blob.{BLOB_SUFFIX}"
"""The account's host name. The SDKs write to it only, and take it apart; the proxy knows it."""


@dataclass
class BlobStore:
    """`sas_lifetime_s` is how long the URLs are good that are handed out from now on."""

    emulator: Emulator
    azurite: Azurite | None
    sas_lifetime_s: float = 3600.0
    _seen: set[str] = field(default_factory=set)

    def read_url(self, run: Run, path: str) -> str:
        """A URL that anyone may read with, for a while. It needs no proxy."""
        blob = blob_name(run, path)
        lifetime_s = -60.0 if self.emulator.faults.sas_is_expired() else self.sas_lifetime_s
        sas = self._store().sas(blob, lifetime_s=lifetime_s)
        return f"{self.emulator.url}/blob/{ACCOUNT}/{path_of(blob)}?{sas}"

    def write_url(self, run: Run, path: str) -> str:
        """A URL to write with, on the account's own host: the SDKs put it together anew from its parts."""
        blob = blob_name(run, path)
        # Blanks stay as they are: azureml-core takes the path out of the URL and quotes it, quoted or not.
        return f"https://{HOST}/{path_of(blob).replace('%20', ' ')}?{self._store().sas(blob, write=True)}"

    def put(self, run: Run, path: str, data: bytes) -> None:
        """Stores a file of `run` and lists it."""
        self._store().put(blob_name(run, path), data)
        run.artifacts.setdefault(path, Artifact(path))

    def get(self, run: Run, path: str) -> bytes:
        """The content of a file of `run`."""
        return self._store().get(blob_name(run, path))

    def _store(self) -> Azurite:
        if self.azurite is None:
            raise Refusal(503, "ServiceUnavailable", "This emulator was started without a blob store.")
        return self.azurite


def blob_name(run: Run, path: str) -> str:
    """The blob of the artifact `path` of `run`."""
    return f"{ORIGIN}/{run.container}/{path}"
