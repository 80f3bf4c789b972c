"""The notebooks in ``examples/``, run in a real Jupyter kernel as they are, with checks put between their cells."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from tests.emulator import Emulator
from tests.emulator.clients import environ

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples"
ALPHAS = [f"alpha {alpha}" for alpha in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)]
TIMEOUT_S = 90

_SIGNED_IN = """
# Where a person would sign in in the browser that azureml-core opens.
import functools, os
from azureml.core import Workspace
from azureml.core.authentication import ServicePrincipalAuthentication

_words = [os.environ[f"AZURE_{name}"] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")]
Workspace.from_config = functools.partial(Workspace.from_config, auth=ServicePrincipalAuthentication(*_words))
"""
_SHOWN = """
import json, urllib.request
from tests.support.waiting import wait_until

def _shown(url):
    with urllib.request.urlopen(url + "data/runs") as answer:
        return sorted(json.load(answer))

assert wait_until(lambda: _shown({url}) == {runs!r}), _shown({url})
"""
_MAGIC = """
import os, signal
from tensorboard import manager
(_info,) = manager.get_all()
_url = f"http://localhost:{_info.port}/"
"""
_END = """
os.kill(_info.pid, signal.SIGTERM)
assert wait_until(lambda: not manager.get_all())
"""


def run(
    name: str, folder: Path, environment: Mapping[str, str], shown: Sequence[list[str]], magic: Sequence[str] = ()
) -> Any:
    """Runs a notebook in `folder`; after each cell that starts TensorBoard, these runs have to be shown.

    Args:
      shown: the runs to expect, one list for each cell with the tag "started".
      magic: the same for the cell with the tag "magic".
    """
    notebook = nbformat.read(EXAMPLES / name, as_version=4)
    expected = iter(shown)
    cells = [nbformat.v4.new_code_cell(_SIGNED_IN)] if "AZURE_CLIENT_ID" in environment else []
    for cell in notebook.cells:
        cells.append(cell)
        tags = cell.metadata.get("tags", [])
        if "started" in tags:
            cells.append(nbformat.v4.new_code_cell(_SHOWN.format(url="tb.url", runs=sorted(next(expected)))))
        elif "magic" in tags:
            check = _MAGIC + _SHOWN.format(url="_url", runs=sorted(magic)) + _END
            cells.append(nbformat.v4.new_code_cell(check))
    notebook.cells = cells
    assert next(expected, None) is None, "fewer cells start TensorBoard than expected"
    (folder / "temp").mkdir()
    environment = {
        **environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "TMPDIR": str(folder / "temp"),
    }
    client = NotebookClient(notebook, timeout=TIMEOUT_S, kernel_name="python3")
    client.execute(cwd=str(folder), env=environment)
    left = list((folder / "temp").rglob("*.info"))
    assert left == []
    return notebook


def output(notebook: Any, source: str) -> str:
    """What the cell with the text `source` in it has shown as a result."""
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code" and source in cell.source)
    shown = [out["data"] for out in cell.outputs if "data" in out]
    return "".join(data.get("text/html", data.get("text/plain", "")) for data in shown)


def test_a_local_store_live_exported_and_by_the_magic(tmp_path: Path) -> None:
    runs = ["ridge-sweep/sweep", *(f"ridge-sweep/sweep/{alpha}" for alpha in ALPHAS)]
    notebook = run("mlflow-local.ipynb", tmp_path, dict(os.environ), [runs, runs], runs)
    shown = next(cell for cell in notebook.cells if cell.source == "tb").outputs[-1]["data"]["text/html"]
    assert '<iframe src="http' in shown or '<iframe src="/' in shown
    assert "ridge-sweep/sweep/alpha 0.3" in output(notebook, "as history")
    (magic,) = (cell for cell in notebook.cells if "magic" in cell.metadata.get("tags", []))
    assert "tensorboard-frame" in str(magic.outputs)


def test_the_articles_first_scenario_on_azure(azure: Emulator, tmp_path: Path) -> None:
    run_ = "tensorboard-demo/training"
    azure.write_config(tmp_path)
    notebook = run(
        "azureml-watch-event-files.ipynb",
        tmp_path,
        {**environ(azure, tmp_path / "home"), **azure.service_principal()},
        [[run_, f"{run_}/train", f"{run_}/validation"]],
    )
    assert "http://localhost:" in output(notebook, "tb.start()")
    assert azure.proxy.refused == []


def test_the_articles_second_scenario_on_azure(azure: Emulator, tmp_path: Path) -> None:
    runs = ["export-to-tensorboard/ridge", *(f"export-to-tensorboard/ridge/{alpha}" for alpha in ALPHAS)]
    azure.write_config(tmp_path)
    notebook = run(
        "azureml-export-run-history.ipynb",
        tmp_path,
        {**environ(azure, tmp_path / "home"), **azure.service_principal()},
        [runs],
    )
    (live,) = (cell for cell in notebook.cells if "live" in cell.metadata.get("tags", []))
    assert "http://localhost:" in live.outputs[0]["text"]
