"""A store of runs whose files are long, growing, many, or to be heard and seen."""

from __future__ import annotations

import io
import json
import math
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient
from PIL import Image

from tests.support.empty_store import empty_store
from tests.support.tab_store import START_MS
from tests.support.video import webm

EXPERIMENT = "files"
SOUND_S = 600
FILM_S = 60
RATE = 8000
TRACE = {"traceEvents": [{"name": "matmul", "ph": "X", "ts": 0, "dur": 5, "pid": 1, "tid": 1}]}
NODES = {
    "user_logs/std_log_process_0.txt": "I am rank 0\n",
    "user_logs/std_log_process_1.txt": "I am rank 1\nValueError: rank 1 gave up\n",
    "system_logs/lifecycler/execution-wrapper.log": "wrapper\n",
}
OLD_NODES = {
    "azureml-logs/55_azureml-execution-tvmps_0a1b2c3d4e5f_d.txt": "execution\n",
    "azureml-logs/70_driver_log_0.txt": "driver of node 0\n",
    "azureml-logs/70_driver_log_1.txt": "driver of node 1\n",
    "azureml-logs/75_job_post-tvmps_0a1b2c3d4e5f_d.txt": "post\n",
    "logs/azureml/0_azureml.log": "sdk\n",
}
LONG_LINES = 600_000
LONG_LETTERS = 100_000
HACK = "parent.hacked=top.hacked=window.hacked=1"
SCRIPT = f"<script>{HACK}</script><img src=x onerror={HACK}>"
SEEDS = ("seed-1", "seed-2", "seed-3")


@dataclass(frozen=True)
class FileStore:
    """The store, its runs by name, and where their files are."""

    uri: str
    ids: dict[str, str]
    folder: Path

    def path(self, run: str, artifact: str) -> Path:
        """Where a file of the run that is called `run` is."""
        return self.folder / self.ids[run] / "artifacts" / artifact

    def append(self, run: str, artifact: str, text: str) -> None:
        """Writes on at a file, as a run does that goes on."""
        with self.path(run, artifact).open("a", encoding="utf-8") as file:
            file.write(text)


def fill(folder: Path) -> FileStore:
    """The store in `folder`: one experiment, `EXPERIMENT`."""
    client = empty_store(folder / "mlflow.db")
    files = folder / EXPERIMENT
    experiment = client.create_experiment(EXPERIMENT, artifact_location=files.absolute().as_uri())
    store = FileStore(f"sqlite:///{folder / 'mlflow.db'}", {}, files)
    for name, make in _RUNS.items():
        run = client.create_run(experiment, START_MS, run_name=name)
        store.ids[name] = run.info.run_id
        for artifact, content in make().items():
            path = store.path(name, artifact)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if name != "growing":
            client.set_terminated(run.info.run_id)
    client.set_tag(store.ids["hostile"], "mlflow.note.content", f"{SCRIPT} **bold** [x](javascript:{HACK})")
    _odd(client, store)
    for place, name in enumerate(SEEDS):
        _seed(client, experiment, store, name, place)
    return store


def _odd(client: MlflowClient, store: FileStore) -> None:
    """Curves that no axis likes."""
    spike = [math.nan if step in (40, 41) else math.inf if step == 60 else math.sin(step / 9) for step in range(100)]
    wide = [0.0 if step == 0 else (-1) ** step * 10.0 ** (step % 7 - 3) for step in range(100)]
    long = [math.nan if step == 2500 else step / 5000 for step in range(5000)]
    for name, values in {"gaps": spike, "signs": wide, "long": long, "nothing": [math.nan] * 3, "one": [1.0]}.items():
        points = [Metric(name, value, START_MS + 60_000 * step, step) for step, value in enumerate(values)]
        for first in range(0, len(points), 1000):
            client.log_batch(store.ids["nodes"], points[first : first + 1000])


def _seed(client: MlflowClient, experiment: str, store: FileStore, name: str, place: int) -> None:
    """Runs that logged the same images, not all at the same steps."""
    run = client.create_run(experiment, START_MS + 1000 * place, run_name=name).info.run_id
    store.ids[name] = run
    for step in (0, 10, 20, 30)[: 4 - place]:
        client.log_image(run, _picture(step, place), key="samples", step=step)
    client.log_image(run, _picture(5, place), key="only-once", step=0)
    client.set_terminated(run)


def _picture(step: int, place: int) -> Image.Image:
    grid = np.indices((120, 160)).transpose(1, 2, 0)
    near = np.hypot(grid[..., 0] - 60, grid[..., 1] - 20 - 3 * step) < 18 + 8 * place
    picture = np.full((120, 160, 3), (40, 60 + 60 * place, 120), dtype=np.uint8)
    picture[near] = (240, 180, 40)
    return Image.fromarray(picture)


def _sound() -> bytes:
    tone = (8000 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE)).astype("<i2").tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(tone * SOUND_S)
    return file.getvalue()


def _media() -> dict[str, bytes]:
    return {
        "tone.wav": _sound(),
        "film.webm": webm(FILM_S),
        "broken.mp4": b"no film",
        "profile/host.pt.trace.json": json.dumps(TRACE).encode(),
    }


def _long() -> dict[str, bytes]:
    """Over 50 MB of log: an error in the middle, and a line of 100 kB near its end."""
    lines = [
        f"2025-06-15 12:00:00,000 INFO trainer: step {line:07} loss=0.123456789 lr=0.001 samples/s=812.5"
        for line in range(LONG_LINES)
    ]
    lines[LONG_LINES // 2] = "\x1b[31mRuntimeError: CUDA error in the middle\x1b[0m"
    lines[-5] = "dump " + "x" * (LONG_LETTERS - 10) + " end!"
    return {"user_logs/std_log.txt": "\n".join(lines).encode() + b"\n"}


def _hostile() -> dict[str, bytes]:
    """Files that try to be more than files."""
    odd = f"{SCRIPT}\u202etxt.exe\u202c\x07\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m\u0000end"
    table = {"columns": [SCRIPT, "b"], "data": [[SCRIPT, 1], ["\u202eabc", 2], ["y" * LONG_LETTERS, 3]]}
    return {
        "page.html": f"<h1>Page</h1>{SCRIPT}<meta http-equiv=refresh content='0;url=/'>".encode(),
        "picture.svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{HACK}'><script>{HACK}</script></svg>".encode(),
        "notes.md": f"{SCRIPT}\n\n<iframe src='/'></iframe><form action='/'><button>go</button></form>\n\n**kept**".encode(),
        "table.json": json.dumps(table).encode(),
        "rows.csv": f'a,b\n"{SCRIPT}",1\n=cmd|calc,2\n'.encode(),
        "odd.txt": odd.encode(),
        "one-line.json": json.dumps({"x": "z" * LONG_LETTERS}).encode(),
        f"{SCRIPT.replace('/', '∕')}\u202e.txt": b"name",
        "user_logs/std_log.txt": f"{odd}\n{'w' * LONG_LETTERS}\n".encode(),
    }


def _texts(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


_RUNS = {
    "media": _media,
    "nodes": lambda: _texts(NODES),
    "old nodes": lambda: _texts(OLD_NODES),
    "long": _long,
    "hostile": _hostile,
    "growing": lambda: {"user_logs/std_log.txt": b"first line\n"},
}
