"""What azureml-tensorboard 1.62.0 and ours export of the same runs: the facts in ``docs/migrating.md``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.environments import python_with
from benchmarks.figures import Figure
from tests.emulator import Emulator, emulator
from tests.emulator.clients import environ, run_script

_ANCHOR = ("azureml-tensorboard==1.62.0", "tensorflow-cpu", "tensorboard")
Curves = dict[tuple[str, str], list[tuple[int, float, float]]]
"""(run folder, tag) → step, wall time, value."""


def run() -> Iterable[Figure]:
    with emulator() as azure, tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
        kinds = run_script(azure, "every_kind", "kinds")["id"]
        root = run_script(azure, "ridge_sweep")["root"]
        for name, run_id in (("a run with everything", kinds), ("the article's sweep", root)):
            theirs = _read(_anchor(azure, run_id, Path(folder) / name / "theirs"))
            ours = _read(_ours(azure, run_id, Path(folder) / name / "ours"))
            for which, curves in (("azureml-tensorboard", theirs), ("ours", ours)):
                print(f"{name}, {which}: {len(curves)} curves, {sum(map(len, curves.values()))} points")
                for (place, tag), points in sorted(curves.items()):
                    print(f"  {place} {tag}: {points[:5]}")
            yield Figure(
                f"{name}: scalar points exported",
                sum(map(len, ours.values())),
                "",
                sides={"azureml-tensorboard 1.62.0": sum(map(len, theirs.values()))},
            )


def _anchor(azure: Emulator, run_id: str, logs: Path) -> Path:
    script = Path(__file__).with_name("anchors") / "azureml_export.py"
    return _run(azure, logs, [str(python_with("azureml-tensorboard", *_ANCHOR)), str(script), run_id, str(logs)])


def _ours(azure: Emulator, run_id: str, logs: Path) -> Path:
    return _run(azure, logs, [sys.executable, "-m", "tb_aml_plugin", "export", "--run", run_id, "--logdir", str(logs)])


def _run(azure: Emulator, logs: Path, command: list[str]) -> Path:
    home = logs.parent / f"home of {logs.name}"
    logs.mkdir(parents=True)
    home.mkdir()
    azure.write_config(home)
    environment = {**environ(azure, home), **azure.service_principal()}
    ended = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    print(f"{' '.join(command[1:3])}: exit code {ended.returncode}\n{ended.stdout[-500:]}{ended.stderr[-1500:]}")
    return logs


def _read(logs: Path) -> Curves:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    found: Curves = {}
    for path in logs.rglob("*tfevents*"):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                tensor = make_ndarray(value.tensor) if value.HasField("tensor") else None
                if tensor is not None and tensor.shape == () and tensor.dtype.kind == "f":
                    key = (path.parent.relative_to(logs).as_posix(), value.tag)
                    found.setdefault(key, []).append((event.step, event.wall_time, float(tensor)))
    return found
