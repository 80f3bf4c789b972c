"""The ways to sign in to Azure, each a credential of `azure.identity`. A new kind is a function and a line in `KINDS`.

None of them ever asks a person anything: that would hang a ``tensorboard`` that nobody watches. Those that need a person
use what ``tb-aml login`` left behind.
"""

from __future__ import annotations

import contextlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.sources.azureml import login
from tb_aml_plugin.sources.azureml.clouds import Cloud

TOKEN_VARIABLE = "TB_AML_ACCESS_TOKEN"  # noqa: S105 - a name
TOKEN_FILE_VARIABLE = "TB_AML_ACCESS_TOKEN_FILE"  # noqa: S105
JOB_VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN", "MLFLOW_RUN_ID")
"""All set inside an Azure ML job, where azureml-mlflow takes the token of the second."""

_UNKNOWN_LIFETIME_S = 300.0
_PRINTED = "`az account get-access-token --query accessToken --output tsv` prints one."


@dataclass(frozen=True, slots=True)
class Where:
    """Where to sign in.

    Attributes:
      tenant_id: the directory; "" for the account's own.
    """

    cloud: Cloud
    tenant_id: str
    environ: Mapping[str, str]

    @property
    def authority(self) -> str:
        """The host that gives tokens, as azure-identity takes it."""
        return self.environ.get("AZURE_AUTHORITY_HOST", "").strip() or self.cloud.login

    @property
    def trust(self) -> dict[str, Any]:
        """For an authority that Microsoft's list of authorities does not hold."""
        return (
            {}
            if "microsoftonline" in self.authority or "chinacloudapi" in self.authority
            else {"disable_instance_discovery": True}
        )


Steps = Sequence[tuple[str, Callable[[], Any]]]
"""Name and maker of each credential to be tried, in order."""


def steps(kind: str, where: Where) -> Steps:
    """What the kind of that name tries, in order. Imports `azure.identity`, and asks nobody anything."""
    return KINDS[kind](where)


def _default(where: Where) -> Steps:
    """In a job its own token; then the order of azure-identity; then the account of ``tb-aml login``."""
    from azure.identity import AzureCliCredential, DefaultAzureCredential

    chain = DefaultAzureCredential(authority=where.authority, **where.trust)
    # The chain's own asks in the directory that the CLI works in, whatever the address of the workspace says.
    cli = AzureCliCredential(tenant_id=where.tenant_id)
    in_a_job = all(where.environ.get(name) for name in JOB_VARIABLES)
    return [
        *([("MLFLOW_TRACKING_TOKEN", lambda: _Given(where.environ, "MLFLOW_TRACKING_TOKEN"))] if in_a_job else []),
        *(
            (type(credential).__name__, _already(cli if isinstance(credential, AzureCliCredential) else credential))
            for credential in chain.credentials
        ),
        ("tb-aml login", lambda: login.silent(where.authority, where.trust)),
    ]


def _cli(where: Where) -> Steps:
    from azure.identity import AzureCliCredential

    return [("AzureCliCredential", lambda: AzureCliCredential(tenant_id=where.tenant_id))]


def _signed_in(where: Where) -> Steps:
    return [("tb-aml login", lambda: login.silent(where.authority, where.trust))]


def _msi(where: Where) -> Steps:
    from azure.identity import ManagedIdentityCredential

    client_id = where.environ.get("AZURE_CLIENT_ID") or None
    return [("ManagedIdentityCredential", lambda: ManagedIdentityCredential(client_id=client_id))]


def _service_principal(where: Where) -> Steps:
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
    missing = [name for name in names if not where.environ.get(name)]
    if not where.environ.get("AZURE_CLIENT_SECRET") and not where.environ.get("AZURE_CLIENT_CERTIFICATE_PATH"):
        missing.append("AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH")
    if missing:
        raise AccessDenied(f"--aml_auth service-principal needs the environment variables {', '.join(missing)}.")
    return [("service principal", lambda: _principal(where))]


def _principal(where: Where) -> Any:
    from azure.identity import CertificateCredential, ClientSecretCredential

    tenant_id, client_id = where.environ["AZURE_TENANT_ID"], where.environ["AZURE_CLIENT_ID"]
    common = {"authority": where.authority, **where.trust}
    secret = where.environ.get("AZURE_CLIENT_SECRET")
    if secret:
        return ClientSecretCredential(tenant_id, client_id, secret, **common)
    return CertificateCredential(
        tenant_id,
        client_id,
        where.environ["AZURE_CLIENT_CERTIFICATE_PATH"],
        password=where.environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
        **common,
    )


def _environment(where: Where) -> Steps:
    from azure.identity import EnvironmentCredential

    return [("EnvironmentCredential", lambda: EnvironmentCredential(authority=where.authority, **where.trust))]


def _token(where: Where) -> Steps:
    name = TOKEN_FILE_VARIABLE if where.environ.get(TOKEN_FILE_VARIABLE) else TOKEN_VARIABLE
    return [(name, lambda: _Given(where.environ, name))]


KINDS: Mapping[str, Callable[[Where], Steps]] = {
    "default": _default,
    "cli": _cli,
    "interactive": _signed_in,
    "device": _signed_in,
    "msi": _msi,
    "service-principal": _service_principal,
    "token": _token,
    "env": _environment,
}
"""By the name that ``--aml_auth`` takes; `flags.AUTH_KINDS` lists the same."""


def _already(made: Any) -> Callable[[], Any]:
    return lambda: made


@dataclass(frozen=True, slots=True)
class _Token:
    """As `azure.core.credentials.AccessToken` has it."""

    token: str
    expires_on: int  # seconds since the Unix epoch


class _Given:
    """A token that someone else looks after: in a variable, or in a file that is read again when it has expired."""

    def __init__(self, environ: Mapping[str, str], name: str) -> None:
        self._name = name
        self._value = environ.get(name, "").strip()

    def get_token(self, *scopes: str, **options: Any) -> _Token:
        token = self._read()
        if not claims(token):
            raise AccessDenied(f"What is in {self._name} is no access token. {_PRINTED}")
        expires_s = expiry_s(token)
        if expires_s is not None and expires_s <= login.now_s():
            cure = "Write a new one into it" if self._name == TOKEN_FILE_VARIABLE else "Start again with a new one"
            raise AccessDenied(f"The token in {self._name} has expired. {cure}.")
        return _Token(token, int(login.now_s() + _UNKNOWN_LIFETIME_S if expires_s is None else expires_s))

    def _read(self) -> str:
        if not self._value:
            raise AccessDenied(f"There is no token in {self._name}. {_PRINTED}")
        if self._name != TOKEN_FILE_VARIABLE:
            return self._value
        try:
            return Path(self._value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise AccessDenied(f"The file that {TOKEN_FILE_VARIABLE} names cannot be read.") from None


def claims(token: str) -> Mapping[str, Any]:
    """What a JWT says of whom it is for; empty for a token that is none."""
    with contextlib.suppress(ValueError, IndexError):
        middle = token.split(".")[1]
        found = json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return found if isinstance(found, dict) else {}
    return {}


def expiry_s(token: str) -> float | None:
    """When `token` expires, seconds since the Unix epoch; None if it does not say."""
    found = claims(token).get("exp")
    return float(found) if isinstance(found, (int, float)) else None
