"""One workspace: signed in to, found, and everything that reads it, made when it is first needed."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import AccessDenied, TargetError
from tb_aml_plugin.model import Points, RunId, SignIn
from tb_aml_plugin.sources.azureml import clouds, credential_kinds, login
from tb_aml_plugin.sources.azureml.catalog import Catalog
from tb_aml_plugin.sources.azureml.client import AZURE_ML, Client
from tb_aml_plugin.sources.azureml.clouds import Cloud
from tb_aml_plugin.sources.azureml.credential_kinds import Where
from tb_aml_plugin.sources.azureml.histories import Histories
from tb_aml_plugin.sources.azureml.login import BackgroundSignIn
from tb_aml_plugin.sources.azureml.records import Records
from tb_aml_plugin.sources.azureml.services import Discovery, Services
from tb_aml_plugin.sources.azureml.tokens import Tokens
from tb_aml_plugin.sources.mlflow_http import Http, read_timeout_s
from tb_aml_plugin.sources.mlflow_rest import MlflowRestSource
from tb_aml_plugin.sources.wire import Wire

INSTALL = 'pip install "tb-aml-plugin[azureml]"'
_INDEX_PAGE = 2000
"""Runs in one answer of MLflow's endpoint; MLflow's own ``search_runs`` asks for 10 000."""
_HISTORY_PAGE = 999
"""Points of a history in one answer of MLflow's endpoint; Azure ML refuses 1000 (mlflow#10694)."""


_PICKED_UP = "in a terminal; what you signed in to is picked up by itself."
_PRINCIPAL = "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"
_CURES = {
    "default": f"Run `tb-aml login` or `az login` {_PICKED_UP}",
    "device": f"Run `tb-aml login` {_PICKED_UP}",
    "interactive": f"Run `tb-aml login --browser` {_PICKED_UP}",
    "cli": f"Run `az login` {_PICKED_UP}",
    "msi": "Assign a managed identity to this machine; if it is a user-assigned one, name it in AZURE_CLIENT_ID.",
    "service-principal": f"Check {_PRINCIPAL}, and start again.",
    "env": f"Check {_PRINCIPAL}, and start again.",
    "token": "",  # its own problem says what to do
}
"""What to do where no credential gives a token, by `AzureTarget.auth`."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What reads a workspace that was found. `studio` is the address of its pages, "" if unknown."""

    services: Services
    studio: str
    index: MlflowRestSource
    client: Client
    histories: Histories
    records: Records
    catalog: Catalog


class Workspace:
    """A workspace that may not have been reached yet. No I/O before `cloud` or `open`. **Threads.** Any."""

    def __init__(self, target: AzureTarget, environ: Mapping[str, str]) -> None:
        """
        Raises:
          TargetError: the packages that it takes are not installed.
        """
        check_installed(target)
        self.opened: Connection | None = None
        self._target = target
        self._environ = environ
        self._lock = threading.Lock()
        self._signing_in = threading.Lock()
        self._discovery: Discovery | None = None
        self._background: BackgroundSignIn | None = None
        self.wire = Wire(target.location, AZURE_ML, self._renew, read_timeout_s(environ))

    @property
    def identity(self) -> str:
        """Whom we are signed in as; "" while that is not known. No I/O."""
        tokens = self.__dict__.get("tokens")
        return tokens.account if tokens else ""

    @property
    def sign_in(self) -> SignIn | None:
        """What a person has to do for us to read on; None while nobody has to do anything. No I/O."""
        waiting = self._background.state if self._background else None
        tokens = self.__dict__.get("tokens")
        problem = tokens.problem if tokens else ""
        return waiting or (SignIn(problem.partition(" Tried:")[0]) if problem else None)

    def begin_sign_in(self) -> None:
        """Gets a code for a person to enter; see `abilities.SignsIn`."""
        with self._signing_in:
            if self._background is None:
                self._background = BackgroundSignIn(self._sign_in, self._signed_in)
        self._background.offer()

    @functools.cached_property
    def cloud(self) -> Cloud:
        """The cloud that the workspace is in. May ask ``ARM_CLOUD_METADATA_URL``."""
        return clouds.find(self._target.cloud, self._environ, clouds.fetch)

    @functools.cached_property
    def where(self) -> Where:
        """Where to sign in."""
        return Where(self.cloud, self._target.tenant_id, self._environ)

    @functools.cached_property
    def tokens(self) -> Tokens:
        """Who we are there."""
        return Tokens(lambda: credential_kinds.steps(self._target.auth, self.where), self.cloud.scope, self._cure)

    def services(self) -> Services:
        """Where its services are. Raises `SourceError`."""
        if self._discovery is None:
            self._discovery = Discovery(self._target, self.cloud, self.tokens, self.wire)
        return self._discovery.find()

    def open(self, goes_on: Callable[[RunId], bool]) -> Connection:
        """What reads the workspace; signs in and looks for it the first time. See `Histories` for `goes_on`.

        Raises:
          SourceError: it cannot be reached, or not by us.
        """
        if self.opened:
            return self.opened
        with self._lock:
            if self.opened is None:
                self.opened = self._connect(goes_on)
            return self.opened

    def close(self) -> None:
        """Lets go of connections and threads. Harmless when called twice."""
        if self.opened:
            self.opened.catalog.close()
        self.wire.close()

    def _connect(self, goes_on: Callable[[RunId], bool]) -> Connection:
        services = self.services()
        self.wire.session.auth = self.tokens
        resource = self._target.resource_id
        http = Http(self.wire, f"{services.mlflow}/mlflow/v2.0{resource}")
        index = MlflowRestSource(http, has_bulk=False, page=_INDEX_PAGE, history_page=_HISTORY_PAGE)
        client = Client(self.wire, services.history, resource)

        def rest(name: str, run_id: RunId) -> Points:
            return dict(index.histories(name, [run_id]))[run_id]

        return Connection(
            services,
            self.cloud.studio,
            index,
            client,
            Histories(client, goes_on, rest),
            Records(client),
            Catalog(client),
        )

    def _renew(self, request: requests.PreparedRequest) -> bool:
        return self.tokens.renew(request)

    def _cure(self) -> str:
        """What a person can do when no credential works; for ``--aml_auth device`` it begins to wait for them."""
        if self._target.auth == "device":
            with contextlib.suppress(AccessDenied):
                self.begin_sign_in()
            state = self._background.state if self._background else None
            if state:
                return state.message
        return _CURES[self._target.auth]

    def _signed_in(self) -> None:
        """Someone has entered the code: their account comes before whatever else there is."""
        self.tokens.prefer(lambda: login.silent(self.where.authority, self.where.trust))

    def _sign_in(self, show: Callable[[SignIn], None]) -> str:
        where = self.where
        return login.sign_in(where.authority, where.trust, self.cloud.scope, tenant_id=where.tenant_id, show=show)


def check_installed(target: AzureTarget) -> None:
    """
    Raises:
      TargetError: the packages that reading `target` takes are not installed; names the command.
    """
    needed = ("azure.identity",) if target.endpoint else ("azure.identity", "azureml.core")
    missing = [name for name in needed if not _is_installed(name)]
    if missing:
        raise TargetError(
            f"The {target.location} needs the package{'s' if len(missing) > 1 else ''} "
            f"{' and '.join(name.replace('.', '-') for name in missing)}. Install with: {INSTALL}"
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the name space
        return False
