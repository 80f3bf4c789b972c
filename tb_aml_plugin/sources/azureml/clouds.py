"""The clouds of Azure: where each has its sign-in, its Resource Manager and its studio."""

from __future__ import annotations

import configparser
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tb_aml_plugin.errors import AccessDenied, SourceUnavailable

METADATA_VARIABLE = "ARM_CLOUD_METADATA_URL"
NAME_VARIABLE = "AZUREML_CURRENT_CLOUD"
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of Azure's clouds. Addresses have no trailing slash.

    Attributes:
      name: as ``az cloud list`` has it.
      login: where tokens come from.
      resource_manager: where resources are looked up; tokens are for it, whatever service of the workspace is asked.
      studio: Azure ML's pages.
    """

    name: str
    login: str
    resource_manager: str
    studio: str

    @property
    def scope(self) -> str:
        """What a token is asked for; Azure ML's own clients ask for the same (azureml-mlflow, `get_host_credentials`)."""
        return f"{self.resource_manager}/.default"


CLOUDS = (
    Cloud("AzureCloud", "https://login.microsoftonline.com", "https://management.azure.com", "https://ml.azure.com"),
    Cloud(
        "AzureUSGovernment",
        "https://login.microsoftonline.us",
        "https://management.usgovcloudapi.net",
        "https://ml.azure.us",
    ),
    Cloud(
        "AzureChinaCloud",
        "https://login.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
        "https://studio.ml.azure.cn",
    ),
)
"""Those with Azure ML in them. Any other is looked up where ``ARM_CLOUD_METADATA_URL`` says, as the SDKs do."""


def find(told: str, environ: Mapping[str, str], fetch: Callable[[str], Any]) -> Cloud:
    """The cloud that the workspace is in.

    Named by what the workspace's address `told`, else by ``AZUREML_CURRENT_CLOUD``, else by the choice of the Azure
    CLI (``az cloud set``), else the public one.

    Args:
      fetch: the JSON at a URL; raises `SourceError`.

    Raises:
      AccessDenied: no cloud of that name is known.
      SourceError: see `fetch`.
    """
    name = told or environ.get(NAME_VARIABLE, "").strip() or _of_the_cli(environ) or CLOUDS[0].name
    known = {cloud.name: cloud for cloud in CLOUDS}
    url = environ.get(METADATA_VARIABLE, "").strip()
    if name not in known and url:
        known |= {cloud.name: cloud for cloud in described(fetch(url))}
    if name not in known:
        raise AccessDenied(
            f"There is no Azure cloud called {name!r} ({NAME_VARIABLE}). Known are {', '.join(sorted(known))}; "
            f"{METADATA_VARIABLE} names the address that describes another."
        )
    return known[name]


def fetch(url: str) -> Any:
    """What ``ARM_CLOUD_METADATA_URL`` answers. Raises `SourceUnavailable`."""
    try:
        return requests.get(url, timeout=_TIMEOUT_S).json()
    except (requests.RequestException, ValueError):
        raise SourceUnavailable(
            f"{METADATA_VARIABLE} names an address that does not describe Azure's clouds now. Trying again."
        ) from None


def described(metadata: Any) -> Sequence[Cloud]:
    """The clouds of an answer of ``/metadata/endpoints``; those that are not told whole are left out."""
    found = []
    for element in metadata if isinstance(metadata, list) else [metadata]:
        with contextlib.suppress(LookupError, TypeError, AttributeError):
            found.append(
                Cloud(
                    str(element["name"]),
                    str(element["authentication"]["loginEndpoint"]).rstrip("/"),
                    str(element["resourceManager"]).rstrip("/"),
                    _studio(str(element.get("portal", ""))),
                )
            )
    return found


def _studio(portal: str) -> str:
    """Studio beside the cloud's portal: ``portal.azure.us`` → ``ml.azure.us``."""
    return portal.rstrip("/").replace("://portal.", "://ml.")


def _of_the_cli(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    folder = environ.get("AZURE_CONFIG_DIR") or (str(Path(home, ".azure")) if home else "")
    parser = configparser.ConfigParser(interpolation=None)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read([Path(folder, "config")] if folder else [], encoding="utf-8")
    return parser.get("cloud", "name", fallback="")
