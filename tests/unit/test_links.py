"""Where the browser finds TensorBoard, in every place people work."""

from __future__ import annotations

import pytest

from tb_aml_plugin import links
from tb_aml_plugin.links import Surroundings

NBVM = 'instance=ada1\ndomainsuffix="westeurope.instances.azureml.ms"\ncerturl=https://x/y?z=1\n\nnonsense\n'
SPARK = {
    "spark.databricks.clusterUsageTags.clusterOwnerOrgId": "12",
    "spark.databricks.clusterUsageTags.clusterId": "0101-abc",
    "spark.databricks.workspaceUrl": "adb-12.2.azuredatabricks.net",
}
DATABRICKS = {"DATABRICKS_RUNTIME_VERSION": "16.4"}
SSH = {"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22"}


@pytest.mark.parametrize(
    ("around", "url"),
    [
        (Surroundings({}), "http://localhost:6007/"),
        (Surroundings({"TENSORBOARD_PROXY_URL": "https://h/tb/%PORT%/"}), "https://h/tb/6007/"),
        (Surroundings({"TENSORBOARD_PROXY_URL": "/tb/"}, nbvm=NBVM), "/tb/"),
        (Surroundings({}, nbvm=NBVM), "https://ada1-6007.westeurope.instances.azureml.ms/"),
        (Surroundings({}, nbvm=NBVM, jupyter_base_url="/", has_server_proxy=True), "https://ada1-6007.westeurope.instances.azureml.ms/"),
        (Surroundings({"CI_WORKSPACE": "ws"}, nbvm="garbage"), "http://localhost:6007/"),
        (Surroundings({"VSCODE_PROXY_URI": "https://h/proxy/{{port}}"}), "https://h/proxy/6007/"),
        (Surroundings({"CODESPACE_NAME": "calm-sea", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev"}), "https://calm-sea-6007.app.github.dev/"),
        (Surroundings(DATABRICKS, spark=SPARK), "https://adb-12.2.azuredatabricks.net/driver-proxy/o/12/0101-abc/6007/"),
        (Surroundings(DATABRICKS, spark={k: v for k, v in SPARK.items() if "workspaceUrl" not in k}), "/driver-proxy/o/12/0101-abc/6007/"),
        (Surroundings(DATABRICKS), "http://localhost:6007/"),
        (Surroundings({}, jupyter_base_url="/user/ada/", has_server_proxy=True), "/user/ada/proxy/6007/"),
        (Surroundings({}, jupyter_base_url="/", has_server_proxy=True), "/proxy/6007/"),
        (Surroundings({}, jupyter_base_url="/"), "http://localhost:6007/"),
        (Surroundings({"VSCODE_PID": "1"}, jupyter_base_url="/", has_server_proxy=True), "http://localhost:6007/"),
    ],
)  # fmt: skip
def test_url(around: Surroundings, url: str) -> None:
    assert links.find(6007, around).url == url


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


@pytest.mark.parametrize(
    ("around", "is_proxied", "in_frame"),
    [
        (Surroundings({}), False, False),
        (Surroundings({}, jupyter_base_url="/"), False, True),
        (Surroundings(SSH, jupyter_base_url="/"), False, False),
        (Surroundings({"VSCODE_PID": "1"}, jupyter_base_url="/"), False, False),
        (Surroundings({}, jupyter_base_url="/", has_server_proxy=True), False, True),
        (Surroundings({}, nbvm=NBVM, jupyter_base_url="/"), True, True),
        (Surroundings({"CI_WORKSPACE": "ws"}, jupyter_base_url="/"), False, False),
    ],
)
def test_what_is_tried_first_and_what_may_be_framed(around: Surroundings, is_proxied: bool, in_frame: bool) -> None:
    link = links.find(6006, around)
    assert (link.is_proxied, link.in_frame) == (is_proxied, in_frame)
