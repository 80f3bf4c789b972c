"""An Azure ML workspace as people name it: an MLflow URI, a studio URL, a config.json, flags."""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tb_aml_plugin.errors import TargetError

URI_FORM = (
    "azureml://HOST/mlflow/v2.0/subscriptions/SUBSCRIPTION/resourceGroups/GROUP"
    "/providers/Microsoft.MachineLearningServices/workspaces/WORKSPACE"
)
_WHERE_TO_FIND_IT = (
    "Studio shows it under the workspace's name, top right, as 'MLflow tracking URI'; `az ml workspace show --query "
    "mlflow_tracking_uri` prints it."
)
_RESOURCE = re.compile(
    r"/?subscriptions/(?P<subscription_id>[^/\s]+)/resourceGroups/(?P<resource_group>[^/\s]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/(?P<workspace_name>[^/\s?&]+)/?",
    re.IGNORECASE,
)
_MLFLOW = re.compile(r"/mlflow/v\d+\.\d+(?=/subscriptions/)", re.IGNORECASE)
_STUDIO_HOST = re.compile(r"(?:[\w-]+\.)*ml\.azure\.(com|us|cn)", re.IGNORECASE)
_API_HOST = re.compile(r".+\.api\.(azureml\.ms|ml\.azure\.us|ml\.azure\.cn)", re.IGNORECASE)
_CLOUDS = {"ms": "AzureCloud", "com": "AzureCloud", "us": "AzureUSGovernment", "cn": "AzureChinaCloud"}
_KEYS = ("subscription_id", "resource_group", "workspace_name")
_CONFIG_FOLDERS = (".azureml", "aml_config", "")
_CONFIG_NAMES = ("config.json", "project.json")


@dataclass(frozen=True, slots=True)
class AzureTarget:
    """An Azure ML workspace.

    Attributes:
      endpoint: address of the workspace's services, such as ``https://eastus.api.azureml.ms``, where a URI told it;
        "" if Azure has to be asked.
      cloud: name of the Azure cloud, as ``az cloud list`` has it, where a host told it; "" otherwise.
      tenant_id: the directory to sign in to, where a studio URL told it.
      auth: how to sign in, one of `flags.AUTH_KINDS`.
      config: the config.json that named it, for people to read; "" where none did.
    """

    subscription_id: str
    resource_group: str
    workspace_name: str
    endpoint: str = ""
    cloud: str = ""
    tenant_id: str = ""
    auth: str = "default"
    config: str = field(default="", compare=False)

    @property
    def resource_id(self) -> str:
        """Path of the workspace in Azure's resource tree, as it stands in the address of every service."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace_name}"
        )

    @property
    def location(self) -> str:
        """The workspace for people to read."""
        return f"Azure ML workspace {self.workspace_name} (resource group {self.resource_group})"


def tracking_uri(target: AzureTarget, endpoint: str) -> str:
    """The workspace as MLflow with azureml-mlflow takes it; `endpoint` as in `AzureTarget`."""
    return f"azureml://{endpoint.partition('://')[2]}/mlflow/v2.0{target.resource_id}"


def parse_uri(uri: str) -> AzureTarget:
    """The workspace of an ``azureml://`` URI, as MLflow takes it.

    Raises:
      TargetError: it names none.
    """
    try:
        parts = _split(uri)
    except ValueError:  # its text repeats the URI
        raise TargetError(f"The azureml:// URI is malformed. Write {URI_FORM}.") from None
    path = urllib.parse.unquote(parts.path)
    if parts.netloc.lower() == "subscriptions":  # as in azureml://subscriptions/…/datastores/…
        found = _RESOURCE.match("/subscriptions" + path)
        endpoint = ""
    else:
        found = _RESOURCE.search(path)
        endpoint = _endpoint(parts)
    if not found:
        raise TargetError(f"The azureml:// URI names no workspace. Write {URI_FORM}. {_WHERE_TO_FIND_IT}")
    return AzureTarget(**found.groupdict(), endpoint=endpoint, cloud=_cloud_of(parts.hostname or ""))


def parse_http(url: str) -> AzureTarget | None:
    """The workspace of an http(s) URL: a page of studio, or the address behind an ``azureml://`` URI.

    None for the URL of anything else.

    Raises:
      TargetError: it is a page of studio that does not say which workspace it shows.
    """
    try:
        parts = _split(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    studio = _STUDIO_HOST.fullmatch(host)
    if studio and not _API_HOST.fullmatch(host):
        query = {key.lower(): values[0] for key, values in urllib.parse.parse_qs(parts.query).items()}
        found = _RESOURCE.fullmatch(query.get("wsid", ""))
        if not found:
            raise TargetError(
                "The studio URL does not say which workspace it shows: it has no ?wsid=/subscriptions/…. Open the "
                "workspace in studio and copy the address again, or give --aml_workspace_name."
            )
        cloud = _CLOUDS[studio.group(1).lower()]
        return AzureTarget(**found.groupdict(), cloud=cloud, tenant_id=query.get("tid", ""))
    path = urllib.parse.unquote(parts.path)
    mlflow = _MLFLOW.search(path)
    found = _RESOURCE.match(path, mlflow.end()) if mlflow else None
    return AzureTarget(**found.groupdict(), endpoint=_endpoint(parts), cloud=_cloud_of(host)) if found else None


def read_config(path: Path) -> AzureTarget:
    """The workspace that a config.json names, as studio, the CLI and both SDKs write it.

    Args:
      path: the file, or a folder to look in and above, as ``Workspace.from_config`` takes it.

    Raises:
      TargetError: there is no such file, or it names no workspace.
    """
    if path.is_dir():
        config = find_config(path)
        if config is None:
            raise TargetError(
                f"There is no Azure ML config.json in {path}, nor above it. Download it in studio (the workspace's "
                "name, top right), or give --aml_subscription_id, --aml_resource_group and --aml_workspace_name."
            )
        path = config
    try:
        found = _workspace_of(json.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise TargetError(f"{path} cannot be read: {error.strerror}. Check --aml_workspace_config.") from None
    except (ValueError, RecursionError):
        raise TargetError(f"{path} is not JSON. Download config.json in studio again.") from None
    if found is None:
        raise TargetError(f"{path} names no workspace: it needs {', '.join(_KEYS)}. Download it in studio again.")
    return replace(found, config=str(path))


def find_config(folder: Path) -> Path | None:
    """The config.json that ``Workspace.from_config`` would take from `folder`, or None.

    It looks for ``.azureml/config.json`` in the folder and all above it, then for ``aml_config/`` likewise, then beside.
    Other programs also write files of that name: only one that names a workspace counts.
    """
    return next((path for path in _places(folder) if _names_a_workspace(path)), None)


def completed(found: AzureTarget | None, named: Mapping[str, str]) -> AzureTarget:
    """`found` with the parts that `named` gives (by field name, "" where not given) instead.

    Raises:
      TargetError: a part is missing.
    """
    parts = {key: named.get(key, "").strip() or (getattr(found, key) if found else "") for key in _KEYS}
    missing = [f"--aml_{key}" for key, value in parts.items() if not value]
    if missing:
        raise TargetError(
            f"The workspace is not fully named: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, "
            "and no config.json was found that has the rest."
        )
    if found and all(getattr(found, key) == value for key, value in parts.items()):
        return found
    return AzureTarget(**parts, config=found.config if found else "")


def _places(folder: Path) -> Iterator[Path]:
    folder = folder.resolve()
    for below in _CONFIG_FOLDERS:
        for name in _CONFIG_NAMES:
            for above in (folder, *folder.parents):
                yield above / below / name


def _names_a_workspace(path: Path) -> bool:
    try:
        return _workspace_of(json.loads(path.read_text(encoding="utf-8-sig"))) is not None
    except (OSError, ValueError, RecursionError):
        return False


def _workspace_of(config: Any) -> AzureTarget | None:
    if not isinstance(config, dict):
        return None
    if config.get("Scope"):  # as SDKs before 1.0 wrote it
        found = _RESOURCE.fullmatch(str(config["Scope"]))
        return AzureTarget(**found.groupdict()) if found else None
    values = [config.get(key) for key in _KEYS]
    if not all(isinstance(value, str) and value for value in values):
        return None
    return AzureTarget(*map(str, values))


def _split(url: str) -> urllib.parse.SplitResult:
    parts = urllib.parse.urlsplit(url)
    parts.port  # noqa: B018 - reading it is what checks the port
    return parts


def _endpoint(parts: urllib.parse.SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    if not parts.hostname:
        raise TargetError(f"The azureml:// URI names no host. Write {URI_FORM}. {_WHERE_TO_FIND_IT}")
    return f"https://{host}"


def _cloud_of(host: str) -> str:
    found = _API_HOST.fullmatch(host)
    return _CLOUDS[found.group(1).lower().rpartition(".")[2]] if found else ""
