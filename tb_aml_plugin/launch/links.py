"""Where the person's browser finds a TensorBoard that runs on this machine. A pure function of the surroundings.

The forms, each from the documentation of the product that makes it:
``$TENSORBOARD_PROXY_URL`` with ``%PORT%`` (TensorBoard, `notebook.py`); ``https://{instance}-{port}.{domain}`` of an
Azure ML compute instance, both words from ``/mnt/azmnt/.nbvm``; ``$VSCODE_PROXY_URI`` with ``{{port}}`` (code-server);
``https://{name}-{port}.{domain}`` (GitHub Codespaces); ``/driver-proxy/o/{org}/{cluster}/{port}/`` (Databricks);
``{base_url}proxy/{port}/`` (jupyter-server-proxy).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What tells where we run.

    Attributes:
      environ: environment variables.
      nbvm: text of ``/mnt/azmnt/.nbvm``, "" where there is none.
      in_kernel: whether this process is the kernel of a notebook.
      jupyter_base_url: path of the Jupyter server that runs the kernel, such as "/" or "/user/ada/"; "" if none does.
      has_server_proxy: jupyter-server-proxy is installed there.
      spark: settings of the Databricks cluster.
      user: for an ``ssh`` line.
    """

    environ: Mapping[str, str]
    nbvm: str = ""
    in_kernel: bool = False
    jupyter_base_url: str = ""
    has_server_proxy: bool = False
    spark: Mapping[str, str] = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A way to a TensorBoard.

    Attributes:
      url: for the person's browser.
      is_proxied: someone else passes it on, so it is worth a try before it is believed.
      page_url: for a frame in the page of the notebook, and relative to that page where it begins with "/"; "" where no
        frame would show it.
      hint: another way, as a sentence; "" where none is needed.
    """

    url: str
    is_proxied: bool = False
    page_url: str = ""
    hint: str = ""


def find(port: int, around: Surroundings) -> Link:
    """The best way to the TensorBoard on `port` of this machine."""
    hint = _tunnel(port, around)
    proxied = next((url for way in _PROXIES if (url := way(port, around))), "")
    if proxied.startswith("/"):
        return Link(local(port), page_url=proxied, hint=hint)
    if proxied:
        return Link(proxied, is_proxied=True, page_url=proxied, hint=hint)
    is_here = "SSH_CONNECTION" not in around.environ and not on_compute_instance(around) and not _in_vs_code(around)
    return Link(local(port), page_url=local(port) if around.in_kernel and is_here else "", hint=hint)


def local(port: int) -> str:
    """The address on this machine."""
    return f"http://localhost:{port}/"


def on_compute_instance(around: Surroundings) -> bool:
    """Whether this is an Azure ML compute instance."""
    return bool(around.nbvm) or "CI_WORKSPACE" in around.environ


def nbvm_settings(text: str) -> dict[str, str]:
    """The ``name=value`` lines of ``/mnt/azmnt/.nbvm``; values may be quoted."""
    pairs = (re.fullmatch(r"""\s*(\w+)\s*=\s*["']?(.*?)["']?\s*""", line) for line in text.splitlines())
    return {pair.group(1): pair.group(2) for pair in pairs if pair}


def _by_variable(port: int, around: Surroundings) -> str:
    return around.environ.get("TENSORBOARD_PROXY_URL", "").replace("%PORT%", str(port))


def _compute_instance(port: int, around: Surroundings) -> str:
    settings = nbvm_settings(around.nbvm)
    instance, domain = settings.get("instance"), settings.get("domainsuffix")
    return f"https://{instance}-{port}.{domain}/" if instance and domain else ""


def _code_server(port: int, around: Surroundings) -> str:
    url = around.environ.get("VSCODE_PROXY_URI", "")
    return _with_slash(url.replace("{{port}}", str(port))) if "{{port}}" in url else ""


def _codespace(port: int, around: Surroundings) -> str:
    name = around.environ.get("CODESPACE_NAME")
    domain = around.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    return f"https://{name}-{port}.{domain}/" if name and domain else ""


def _databricks(port: int, around: Surroundings) -> str:
    organisation = around.spark.get("spark.databricks.clusterUsageTags.clusterOwnerOrgId")
    cluster = around.spark.get("spark.databricks.clusterUsageTags.clusterId")
    if "DATABRICKS_RUNTIME_VERSION" not in around.environ or not organisation or not cluster:
        return ""
    host = around.spark.get("spark.databricks.workspaceUrl", "")
    return (f"https://{host}" if host else "") + f"/driver-proxy/o/{organisation}/{cluster}/{port}/"


def _jupyter(port: int, around: Surroundings) -> str:
    if not around.jupyter_base_url or not around.has_server_proxy or _in_vs_code(around):
        return ""
    return f"{_with_slash(around.jupyter_base_url)}proxy/{port}/"


_PROXIES: tuple[Callable[[int, Surroundings], str], ...] = (
    _by_variable,
    _compute_instance,
    _code_server,
    _codespace,
    _databricks,
    _jupyter,
)
"""The first that knows a way wins. A new place is a function and a line here."""


def _in_vs_code(around: Surroundings) -> bool:
    """VS Code passes ports of the machine it is connected to on by itself; its notebook pages have no server to ask."""
    return any(name in around.environ for name in ("VSCODE_PID", "VSCODE_IPC_HOOK_CLI", "VSCODE_CWD"))


def _tunnel(port: int, around: Surroundings) -> str:
    """How to reach the port from another machine, where this one was reached by ssh or is a compute instance."""
    if _in_vs_code(around):
        return f"VS Code forwards port {port}: open {local(port)}." if _is_remote_vs_code(around) else ""
    if on_compute_instance(around):
        name = nbvm_settings(around.nbvm).get("instance", "COMPUTE_INSTANCE")
        return (
            f"Or through ssh, from your machine: az ml compute connect-ssh --name {name} (shows the command; "
            f"add -L {port}:localhost:{port}), then open {local(port)}."
        )
    parts = around.environ.get("SSH_CONNECTION", "").split()
    if len(parts) != 4:
        return ""
    who = f"{around.user}@{parts[2]}" if around.user else parts[2]
    port_of_ssh = "" if parts[3] == "22" else f" -p {parts[3]}"
    return f"From your machine: ssh{port_of_ssh} -N -L {port}:localhost:{port} {who}, and then open {local(port)}."


def _is_remote_vs_code(around: Surroundings) -> bool:
    return "SSH_CONNECTION" in around.environ or "VSCODE_IPC_HOOK_CLI" in around.environ


def _with_slash(url: str) -> str:
    return url if url.endswith("/") else url + "/"
