"""Looks around: what `links.find` needs to know of where this process runs."""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tb_aml_plugin.launch.links import Surroundings

_NBVM = Path("/mnt/azmnt/.nbvm")
_PROBE_TIMEOUT_S = 5.0


def look(environ: Mapping[str, str] = os.environ) -> Surroundings:
    """The surroundings of this process."""
    return Surroundings(
        environ=dict(environ),
        nbvm=_text(_NBVM),
        in_kernel="ipykernel" in sys.modules,
        jupyter_base_url=_jupyter_base_url(environ),
        has_server_proxy=importlib.util.find_spec("jupyter_server_proxy") is not None,
        spark=_spark() if "DATABRICKS_RUNTIME_VERSION" in environ else {},
        user=_user(),
    )


def answers(url: str, timeout_s: float = _PROBE_TIMEOUT_S, *, directly: bool = False) -> bool:
    """Whether something at `url` answers a GET; a redirect to a login page does, a gateway's error does not.

    Args:
      directly: past the proxies that the environment names, as for this machine's own ports.
    """
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if directly:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=timeout_s) as response:
            return bool(response.status < 500)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except (OSError, ValueError):
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _jupyter_base_url(environ: Mapping[str, str]) -> str:
    """The path of the Jupyter server that runs this kernel; "" where none does."""
    if "ipykernel" not in sys.modules:
        return ""
    if "JUPYTERHUB_SERVICE_PREFIX" in environ:
        return environ["JUPYTERHUB_SERVICE_PREFIX"]
    for server in _running_servers():
        if str(server.get("pid")) == environ.get("JPY_PARENT_PID"):
            return str(server.get("base_url", "/"))
    return ""


def _running_servers() -> list[dict[str, Any]]:
    """What Jupyter servers of this user say of themselves in Jupyter's runtime folder."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return []
    found = []
    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            server = json.loads(_text(path))
        except ValueError:
            continue
        if isinstance(server, dict):
            found.append(server)
    return found


def _spark() -> dict[str, str]:
    """Settings of the Databricks cluster, from the session that every notebook there has."""
    session_class: Any = getattr(sys.modules.get("pyspark.sql"), "SparkSession", None)
    session = session_class.getActiveSession() if session_class else None
    if session is None:
        return {}
    names = (
        "spark.databricks.clusterUsageTags.clusterOwnerOrgId",
        "spark.databricks.clusterUsageTags.clusterId",
        "spark.databricks.workspaceUrl",
    )
    return {name: value for name in names if (value := session.conf.get(name, ""))}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in a container
        return ""
