"""Signs in, in one way after the other, and reads the workspace: ``sign_in {"WAY": {"VARIABLE": "value"}}``.

azureml-core's own ``AzureCliAuthentication`` wants the package azure-cli beside it, and its ``MsiAuthentication`` asks
an address that only a machine in Azure has; both are had by azure-identity here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from azure.identity import (
    AzureCliCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
)
from azureml.core import Workspace
from azureml.core.authentication import TokenAuthentication

from tests.emulator.scripts.workspace import tell, workspace


def with_identity(credential: Any) -> Workspace:
    """The workspace, with a credential of azure-identity."""
    return Workspace.from_config(
        auth=TokenAuthentication(lambda audience: credential.get_token(f"{audience.rstrip('/')}/.default").token)
    )


WAYS: dict[str, Callable[[], Workspace]] = {
    "core-service-principal": workspace,
    "environment": lambda: with_identity(EnvironmentCredential()),
    "az": lambda: with_identity(AzureCliCredential()),
    "msi": lambda: with_identity(ManagedIdentityCredential()),
    "default": lambda: with_identity(DefaultAzureCredential()),
    "browser": lambda: with_identity(InteractiveBrowserCredential(timeout=60)),
    "device": lambda: with_identity(DeviceCodeCredential(timeout=60)),
}


def sign_in(way: str, environ: dict[str, str]) -> str:
    os.environ.update(environ)
    try:
        return str(WAYS[way]().name)
    finally:
        for name in environ.keys() - {"PATH"}:
            del os.environ[name]


if __name__ == "__main__":
    tell({way: sign_in(way, environ) for way, environ in json.loads(sys.argv[1]).items()})
