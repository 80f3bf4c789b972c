"""Where the browser finds TensorBoard, in every place people work."""

from __future__ import annotations

import pytest

from tb_aml_plugin.launch import links
from tb_aml_plugin.launch.links import Surroundings

NBVM = 'instance=ada1\ndomainsuffix="westeurope.instances.azureml.ms"\ncerturl=https://x/y?z=1\n\nnonsense\n'
HOST = "adb-12.2.azuredatabricks.net"
SPARK = {
    "spark.databricks.clusterUsageTags.clusterOwnerOrgId": "12",
    "spark.databricks.clusterUsageTags.clusterId": "0101-abc",
    "spark.databricks.workspaceUrl": HOST,
}
DATABRICKS = {"DATABRICKS_RUNTIME_VERSION": "16.4"}
SSH = {"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22"}


LOCAL = "http://localhost:6007/"
INSTANCE = "https://ada1-6007.westeurope.instances.azureml.ms/"
SPACE = {"CODESPACE_NAME": "calm-sea", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev"}
NO_HOST = {name: value for name, value in SPARK.items() if "workspaceUrl" not in name}


@pytest.mark.parametrize(
    ("around", "url", "page_url"),
    [
        (Surroundings({}), LOCAL, ""),
        (Surroundings({}, in_kernel=True), LOCAL, LOCAL),
        (Surroundings(SSH, in_kernel=True), LOCAL, ""),
        (Surroundings({"VSCODE_PID": "1"}, in_kernel=True), LOCAL, ""),
        (Surroundings({"CI_WORKSPACE": "ws"}, nbvm="garbage", in_kernel=True), LOCAL, ""),
        (Surroundings({"TENSORBOARD_PROXY_URL": "https://h/tb/%PORT%/"}), "https://h/tb/6007/", "https://h/tb/6007/"),
        (Surroundings({"TENSORBOARD_PROXY_URL": "/tb/"}, nbvm=NBVM), LOCAL, "/tb/"),
        (Surroundings({}, nbvm=NBVM), INSTANCE, INSTANCE),
        (Surroundings({}, nbvm=NBVM, jupyter_base_url="/", has_server_proxy=True), INSTANCE, INSTANCE),
        (Surroundings({"VSCODE_PROXY_URI": "https://h/proxy/{{port}}"}), "https://h/proxy/6007/", "https://h/proxy/6007/"),
        (Surroundings(SPACE), "https://calm-sea-6007.app.github.dev/", "https://calm-sea-6007.app.github.dev/"),
        (Surroundings(DATABRICKS, spark=SPARK), f"https://{HOST}/driver-proxy/o/12/0101-abc/6007/", f"https://{HOST}/driver-proxy/o/12/0101-abc/6007/"),
        (Surroundings(DATABRICKS, spark=NO_HOST), LOCAL, "/driver-proxy/o/12/0101-abc/6007/"),
        (Surroundings(DATABRICKS), LOCAL, ""),
        (Surroundings({}, in_kernel=True, jupyter_base_url="/user/ada/", has_server_proxy=True), LOCAL, "/user/ada/proxy/6007/"),
        (Surroundings({}, in_kernel=True, jupyter_base_url="/", has_server_proxy=True), LOCAL, "/proxy/6007/"),
        (Surroundings({}, in_kernel=True, jupyter_base_url="/"), LOCAL, LOCAL),
        (Surroundings({"VSCODE_PID": "1"}, in_kernel=True, jupyter_base_url="/", has_server_proxy=True), LOCAL, ""),
    ],
)  # fmt: skip
def test_the_way_for_the_browser_and_for_a_frame(around: Surroundings, url: str, page_url: str) -> None:
    link = links.find(6007, around)
    assert (link.url, link.page_url) == (url, page_url)
    assert link.is_proxied == (url != LOCAL), "what others pass on is tried before it is believed"


@pytest.mark.parametrize(
    ("around", "hint"),
    [
        (Surroundings({}), ""),
        (Surroundings(SSH, user="ada"), "From your machine: ssh -N -L 6006:localhost:6006 ada@10.0.0.2, and then open http://localhost:6006/."),
        (Surroundings({"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 2222"}), "From your machine: ssh -p 2222 -N -L 6006:localhost:6006 10.0.0.2, and then open http://localhost:6006/."),
        (Surroundings({"SSH_CONNECTION": "odd"}), ""),
        (Surroundings({**SSH, "VSCODE_IPC_HOOK_CLI": "/run/x"}), "VS Code forwards port 6006: open http://localhost:6006/."),
        (Surroundings({"VSCODE_PID": "1"}), ""),
    ],
)  # fmt: skip
def test_the_other_way_in(around: Surroundings, hint: str) -> None:
    assert links.find(6006, around).hint == hint


def test_a_compute_instance_can_be_reached_by_ssh_too() -> None:
    assert "connect-ssh --name ada1" in links.find(6006, Surroundings({}, nbvm=NBVM)).hint
    assert "-L 6006:localhost:6006" in links.find(6006, Surroundings({"CI_WORKSPACE": "ws"})).hint
