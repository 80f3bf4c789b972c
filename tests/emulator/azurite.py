"""Azurite, the blob store behind SAS URLs."""

from __future__ import annotations

import base64
import contextlib
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from tests.emulator.state import now
from tests.support.ports import free_port
from tests.support.processes import running
from tests.support.waiting import wait_until

PROGRAM = Path(__file__).with_name("node_modules") / ".bin" / "azurite-blob"
ACCOUNT, CONTAINER = "emulated", "azureml"
START_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Azurite:
    """A running blob store with one account and one container."""

    port: int
    key: str

    @property
    def url(self) -> str:
        """Below it: account, container, blob."""
        return f"http://127.0.0.1:{self.port}"

    def sas(self, blob: str, *, write: bool = False, lifetime_s: float = 3600) -> str:
        """A query that lets its bearer read, or write, `blob`; negative lifetimes are over already."""
        from azure.storage.blob import BlobSasPermissions, generate_blob_sas

        allowed = BlobSasPermissions(read=True, add=write, create=write, write=write)
        start = now() - timedelta(minutes=10)
        expiry = now() + timedelta(seconds=lifetime_s)
        return str(generate_blob_sas(ACCOUNT, CONTAINER, blob, account_key=self.key, permission=allowed,
                                     start=start, expiry=expiry))  # fmt: skip

    def put(self, blob: str, data: bytes) -> None:
        """Stores `data`, as an upload by an SDK would."""
        self._client().get_blob_client(CONTAINER, blob).upload_blob(data, overwrite=True)

    def get(self, blob: str) -> bytes:
        """The content of `blob`."""
        return bytes(self._client().get_blob_client(CONTAINER, blob).download_blob().readall())

    def delete(self, blob: str) -> None:
        """Takes `blob` away, as people do in the storage explorer."""
        self._client().get_blob_client(CONTAINER, blob).delete_blob()

    def create_container(self) -> None:
        """The container that all blobs are in."""
        self._client().create_container(CONTAINER)

    def _client(self):  # type: ignore[no-untyped-def]
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient(f"{self.url}/{ACCOUNT}", {"account_name": ACCOUNT, "account_key": self.key})


def path_of(blob: str) -> str:
    """The path of `blob` below the account, as a URL has it."""
    return f"{CONTAINER}/{quote(blob)}"


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Azurite]:
    """Starts the blob store, with its data in `folder`."""
    assert PROGRAM.exists(), f"Azurite is not installed: run `npm ci` in {PROGRAM.parents[2]}, or `make setup`"
    found = Azurite(free_port(), base64.b64encode(secrets.token_bytes(32)).decode())
    command = [str(PROGRAM), "--blobHost", "127.0.0.1", "--blobPort", str(found.port)]
    command += ["--silent", "--loose", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"]
    log = folder / "azurite.log"
    with running(command, log, environ={"AZURITE_ACCOUNTS": f"{ACCOUNT}:{found.key}"}, cwd=folder) as process:
        up = wait_until(lambda: process.poll() is not None or _listens(found.port), START_TIMEOUT_S)
        assert up and process.poll() is None, f"Azurite did not start: {log.read_text()[-3000:]}"
        found.create_container()
        yield found


def _listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
