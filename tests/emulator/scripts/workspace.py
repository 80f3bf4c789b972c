"""What all scripts begin with: the workspace that ``./config.json`` names, as a service principal."""

from __future__ import annotations

import json
import os
from typing import Any

from azureml.core import Workspace
from azureml.core.authentication import ServicePrincipalAuthentication


def workspace() -> Workspace:
    """The workspace, found as the SDK finds it."""
    auth = ServicePrincipalAuthentication(
        os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"]
    )
    return Workspace.from_config(auth=auth)


def tell(result: Any) -> None:
    """The last line of a script's output."""
    print(json.dumps(result, default=str))
