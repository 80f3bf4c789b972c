"""The emulator itself: starts and stops all its parts, and tells clients where they are."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from tests.emulator.application import Application
from tests.emulator.authority import LOGIN_HOST, Authority, authority, certificate, emulated
from tests.emulator.azurite import azurite
from tests.emulator.blob_store import BlobStore
from tests.emulator.faults import Faults
from tests.emulator.http_server import serving
from tests.emulator.journal import Journal
from tests.emulator.mlflow_database import MlflowDatabase
from tests.emulator.proxy import Proxy, proxying
from tests.emulator.services.arm import CLOUD
from tests.emulator.state import History
from tests.emulator.tokens import TENANT, USER, Tokens
from tests.support.mlflow_server import mlflow_server


@dataclass
class MlflowEndpoint:
    """The real MLflow server, and the database that it reads.

    Attributes:
      answers: to what was asked since anything changed. Azure's servers have processors of their own; this one would
        take as long for a page of 300 runs as all that is to be measured.
    """

    url: str
    database: MlflowDatabase
    connections: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=16, retries=False))
    answers: dict[tuple[str, ...], tuple[bytes, int]] = field(default_factory=dict)
    version: int = 0

    def forget(self) -> None:
        """Something changed: no answer holds any more, not even one that is on its way."""
        self.version += 1
        self.answers.clear()


@dataclass
class Emulator:
    """A workspace. Tests look at `history` and `journal`, and tell `faults` what goes wrong.

    Attributes:
      signed_in: whether the person who was shown a device code has entered it.
      az_signed_in: whether somebody is signed in at the Azure CLI that `write_az` puts on the PATH.
      az_tenants: the directories that it was asked for tokens of, "" for its own.
    """

    authority: Authority
    subscription_id: str = "00000000-0000-4000-8000-000000000001"
    resource_group: str = "emulated-group"
    workspace_name: str = "emulated"
    workspace_id: str = "00000000-0000-4000-8000-00000000abcd"
    client_id: str = "00000000-0000-4000-8000-00000000c11e"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    identity_header: str = field(default_factory=lambda: secrets.token_hex(16))
    public_key: str = ""  # of the certificate of the service principal, once `certificate` was asked for
    user: str = USER
    signed_in: bool = False
    az_signed_in: bool = True
    az_tenants: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    tokens: Tokens = field(default_factory=Tokens)
    port: int = 0
    nonces: dict[str, str] = field(default_factory=dict)  # of browser sign-ins under way, by code
    _proxy: Proxy | None = None
    _mlflow: MlflowEndpoint | None = None
    _blobs: BlobStore | None = None

    @property
    def url(self) -> str:
        """Where every service is."""
        return f"https://localhost:{self.port}"

    @property
    def scope(self) -> str:
        """The workspace as Azure Resource Manager names it."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace_name}"

    @property
    def tracking_uri(self) -> str:
        """What SDK v2 users give to ``mlflow.set_tracking_uri``."""
        return f"azureml://localhost:{self.port}/mlflow/v2.0{self.scope}"

    @property
    def proxy(self) -> Proxy:
        """The HTTPS proxy; its `refused` says who wanted to leave the machine."""
        assert self._proxy is not None
        return self._proxy

    @property
    def mlflow(self) -> MlflowEndpoint:
        """The MLflow server behind the workspace's path."""
        assert self._mlflow is not None, "this emulator was started with mlflow=False"
        return self._mlflow

    @property
    def blobs(self) -> BlobStore:
        """The files of runs."""
        assert self._blobs is not None
        return self._blobs

    def reset(self) -> None:
        """An empty workspace again, where nothing goes wrong and nothing was asked."""
        self.faults.clear()
        self.history.clear()
        if self._mlflow:
            self._mlflow.database.clear()
            self._mlflow.forget()
        self.tokens.lifetime_s, self.signed_in, self.az_signed_in = 3600.0, False, True
        self.blobs.sas_lifetime_s = 3600.0
        self.proxy.refused.clear()
        self.az_tenants.clear()
        self.journal.clear()

    def environ(self, home: Path) -> dict[str, str]:
        """What a process needs in its environment to take the emulator for Azure; `home` is an empty folder."""
        (home / ".azure").mkdir(parents=True, exist_ok=True)
        bundle = str(self.authority.bundle)
        return {
            "HOME": str(home),
            "AZURE_CONFIG_DIR": str(home / ".azure"),
            "ARM_CLOUD_METADATA_URL": f"{self.url}/metadata/endpoints",
            "AZUREML_CURRENT_CLOUD": CLOUD,
            "AZURE_AUTHORITY_HOST": f"https://{LOGIN_HOST}",
            "REQUESTS_CA_BUNDLE": bundle,
            "SSL_CERT_FILE": bundle,
            "HTTPS_PROXY": self.proxy.url,
            "NO_PROXY": "localhost,127.0.0.1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }

    def service_principal(self) -> dict[str, str]:
        """The variables by which azure-identity finds a service principal."""
        return {
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_CLIENT_SECRET": self.client_secret,
        }

    def certificate(self, folder: Path) -> dict[str, str]:
        """The same with a certificate, which is written into `folder` with its private key, in place of the secret."""
        pem, self.public_key = certificate()
        path = folder / "principal.pem"
        path.write_bytes(pem)
        return {
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_CLIENT_CERTIFICATE_PATH": str(path),
        }

    def managed_identity(self) -> dict[str, str]:
        """The variables that a machine with an identity of its own has."""
        return {"IDENTITY_ENDPOINT": f"{self.url}/msi/token", "IDENTITY_HEADER": self.identity_header}

    def write_config(self, folder: Path) -> Path:
        """Writes the ``config.json`` that the portal offers for download."""
        path = folder / "config.json"
        config = {
            "subscription_id": self.subscription_id,
            "resource_group": self.resource_group,
            "workspace_name": self.workspace_name,
        }
        path.write_text(json.dumps(config, indent=4))
        return path

    def write_az(self, folder: Path) -> dict[str, str]:
        """Puts an ``az`` into `folder`; the PATH on which it is found first."""
        path = folder / "az"
        program = Path(__file__).with_name("az.py")
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "{self.url}" "{self.authority.bundle}" "$@"\n')
        path.chmod(0o755)
        return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}

    def browser(self) -> dict[str, str]:
        """The variable that names the web browser: one in which somebody signs in without being asked."""
        program = Path(__file__).with_name("browser.py")
        return {"BROWSER": f"{sys.executable} {program} %s &"}


@contextlib.contextmanager
def emulator(*, mlflow: bool = True, blobs: bool = True) -> Iterator[Emulator]:
    """An empty workspace on loopback.

    Args:
      mlflow: with the MLflow endpoint, whose server takes some seconds to start.
      blobs: with a blob store, without which runs have no artifacts.
    """
    with contextlib.ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="emulator-")))
        found = Emulator(authority(folder))
        parts.callback(found.faults.clear)
        (folder / "blobs").mkdir()
        found._blobs = BlobStore(found, parts.enter_context(azurite(folder / "blobs")) if blobs else None)
        found.port = parts.enter_context(serving(Application(found), found.authority.server))
        found._proxy = parts.enter_context(proxying(emulated, lambda: found.port))
        if mlflow:
            path = folder / "mlflow.db"
            server = parts.enter_context(mlflow_server(f"sqlite:///{path}", environ=_plain()))
            root = f"{found.tracking_uri}/experiments"
            found._mlflow = MlflowEndpoint(server.url, MlflowDatabase(path, found.history, root))
            parts.callback(found._mlflow.connections.clear)  # the server waits for the connections that are open
        parts.callback(found.faults.clear)
        yield found


def _plain() -> dict[str, str]:
    """The server's own environment must not take it for a client of Azure."""
    return {name: "" for name in os.environ if name.startswith("AZUREML_")}
