"""The event files of 100 runs in a blob store: start to all tags, beside copying them first; and what an append moves."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.figures import Figure, interleaved, medians, ratio
from tests.emulator import Emulator, emulator, scenarios
from tests.emulator.clients import environ
from tests.emulator.state import Run
from tests.support.event_files import write_scalar
from tests.support.tensorboard import tensorboard
from tests.support.waiting import wait_until

EXPERIMENT, RUNS = "own", 100
PATH = "logs/events.out.tfevents.1700000000.host"
_POINTS = 24_000
"""About 1 MB in an event file."""
_APPENDED_POINTS = 240
_ROUNDS = 5
_PATIENCE_S = 300


def run() -> Iterable[Figure]:
    with emulator() as azure, tempfile.TemporaryDirectory(prefix="bench-native-") as folder:
        content = _event_file(Path(folder), _POINTS)
        runs = [_add_run(azure, number, content) for number in range(RUNS)]
        more = {**environ(azure, Path(folder) / "home"), **azure.service_principal()}
        sides = {"plugin": lambda: _plugin(azure, more), "copy, then tensorboard": lambda: _copied(azure, runs)}
        samples = interleaved(_ROUNDS, sides)
        yield Figure(
            f"{RUNS} runs with event files of {len(content) / 1e6:.0f} MB in Azurite: start to all tags",
            ratio(samples, "plugin", "copy, then tensorboard"),
            "×",
            at_most=1.3,
            sides=medians(samples),
            note="copied with azure-storage-blob, one after the other over one connection, signed for beforehand",
        )
        moved, appended = _append(azure, more, _event_file(Path(folder), _APPENDED_POINTS))
        yield Figure(
            f"{appended / 1024:.0f} KB appended to one event file of 1 MB: bytes read from the store",
            moved / 1024,
            "KB",
            at_most=64,
        )


def _event_file(folder: Path, points: int) -> bytes:
    write_scalar(folder / f"of-{points}", "loss", [1 / (number + 1) for number in range(points)])
    (path,) = (folder / f"of-{points}").iterdir()
    return path.read_bytes()


def _add_run(
    azure: Emulator, number: int, content: bytes, *, experiment: str = EXPERIMENT, status: str = "Completed"
) -> Run:
    run = scenarios.add_run(azure, experiment, f"{experiment}-{number}", name=f"run {number}", status=status)
    azure.blobs.put(run, PATH, content)
    return run


def _flags(azure: Emulator, experiment: str) -> tuple[str, ...]:
    return "--aml_experiment", experiment, "--aml_tracking_uri", azure.tracking_uri, "--reload_interval", "1"


def _plugin(azure: Emulator, more: Mapping[str, str]) -> float:
    """Seconds from the start, with an empty cache, until every run's tag is listed."""
    with tempfile.TemporaryDirectory(prefix="bench-native-") as cwd:
        return _until_listed(*_flags(azure, EXPERIMENT), cwd=Path(cwd), more={**more, "XDG_CACHE_HOME": cwd})


def _copied(azure: Emulator, runs: list[Run]) -> float:
    """The same with the store's own client and TensorBoard alone."""
    from azure.core.pipeline.transport import RequestsTransport
    from azure.storage.blob import BlobClient

    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-native-") as cwd:
        with RequestsTransport(connection_verify=str(azure.authority.bundle)) as transport:
            for run in runs:
                target = Path(cwd, run.id, PATH)
                target.parent.mkdir(parents=True)
                client = BlobClient.from_blob_url(azure.blobs.read_url(run, PATH), transport=transport)
                with target.open("wb") as file:
                    client.download_blob().readinto(file)
        copied_s = time.perf_counter() - begin
        return copied_s + _until_listed("--logdir", cwd, "--reload_interval", "1", cwd=Path(cwd), more={})


def _until_listed(*flags: str, cwd: Path, more: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    with tensorboard(*flags, cwd=cwd, environ=more) as board:
        assert wait_until(lambda: sum("loss" in tags for tags in board.scalar_tags().values()) == RUNS, _PATIENCE_S)
        return time.perf_counter() - begin


def _append(azure: Emulator, more: Mapping[str, str], added: bytes) -> tuple[int, int]:
    """Bytes read from the store after so many were appended to a run that goes on, and how many those were."""
    before = _event_file_of(azure)
    run = _add_run(azure, 0, before, experiment="live", status="Running")
    with tempfile.TemporaryDirectory(prefix="bench-native-") as cwd:
        flags = _flags(azure, "live")
        with tensorboard(*flags, cwd=Path(cwd), environ={**more, "XDG_CACHE_HOME": cwd}) as board:
            copies = Path(cwd)
            assert wait_until(lambda: len(before) in _sizes(copies), _PATIENCE_S)
            azure.journal.clear()
            azure.blobs.put(run, PATH, before + added)
            assert wait_until(lambda: len(before + added) in _sizes(copies), _PATIENCE_S)
            assert "Traceback" not in board.output
        return sum(entry.size_bytes for entry in azure.journal.entries if entry.kind == "blob.get"), len(added)


def _event_file_of(azure: Emulator) -> bytes:
    return azure.blobs.get(azure.history.runs[f"{EXPERIMENT}-0"], PATH)


def _sizes(folder: Path) -> set[int]:
    return {path.stat().st_size for path in folder.rglob("runs/**/*tfevents*")}
