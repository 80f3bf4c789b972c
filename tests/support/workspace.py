"""The emulated Azure ML workspace as a source in this process is told of it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping

from tb_aml_plugin.azure_target import AzureTarget, parse_uri
from tb_aml_plugin.sources.azureml.source import AzureSource
from tests.emulator import Emulator


def workspace_target(azure: Emulator, auth: str = "token") -> AzureTarget:
    """The workspace by its MLflow URI, with a token from the environment."""
    return dataclasses.replace(parse_uri(azure.tracking_uri), auth=auth)


def workspace_environ(azure: Emulator) -> Mapping[str, str]:
    """What a source needs in its environment to find and to read it."""
    return {
        "ARM_CLOUD_METADATA_URL": f"{azure.url}/metadata/endpoints",
        "AZUREML_CURRENT_CLOUD": "LocalCloud",
        "TB_AML_ACCESS_TOKEN": azure.tokens.issue(),
    }


def mlflow_environ(azure: Emulator) -> Mapping[str, str]:
    """What MLflow's own client needs to write there, given `mlflow_url` as tracking URI."""
    return {"MLFLOW_TRACKING_TOKEN": azure.tokens.issue()}


def mlflow_url(azure: Emulator) -> str:
    """The workspace's MLflow endpoint."""
    return f"{azure.url}/mlflow/v2.0{azure.scope}"


@contextlib.contextmanager
def trusted(azure: Emulator) -> Iterator[None]:
    """This process trusts the emulator's certificates."""
    before = os.environ.get("REQUESTS_CA_BUNDLE")
    os.environ["REQUESTS_CA_BUNDLE"] = str(azure.authority.bundle)
    try:
        yield
    finally:
        if before is None:
            del os.environ["REQUESTS_CA_BUNDLE"]
        else:
            os.environ["REQUESTS_CA_BUNDLE"] = before


@contextlib.contextmanager
def workspace_source(
    azure: Emulator,
    environ: Mapping[str, str] | None = None,
    auth: str = "token",
    now_s: Callable[[], float] = time.monotonic,
) -> Iterator[AzureSource]:
    """A source that reads the workspace; `environ` besides `workspace_environ`."""
    with trusted(azure):
        source = AzureSource(workspace_target(azure, auth), {**workspace_environ(azure), **(environ or {})}, now_s)
        try:
            yield source
        finally:
            source.close()
