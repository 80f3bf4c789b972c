"""Guards that hold for every test: nothing leaks, nothing leaves the machine, nothing is read from the user's home."""

from __future__ import annotations

import ipaddress
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from tests.emulator import Emulator

_FOREIGN_ENVIRONMENT = ("MLFLOW_", "AZUREML_", "AZURE_", "TENSORBOARD_", "TB_AML_", "XDG_CACHE_HOME")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def _refuse_the_world(event: str, args: tuple[object, ...]) -> None:
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    try:
        allowed = ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        allowed = host in ("localhost", "")
    if not allowed:
        raise PermissionError(f"Tests talk to this machine only, not to {host}")


sys.addaudithook(_refuse_the_world)
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")
# Before anything imports mlflow: it would start a thread that reports to its makers.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No variable and no file of the person who runs the tests changes what they say."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN_ENVIRONMENT) or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="session")
def shared_azure() -> Iterator[Emulator]:
    """One Azure ML workspace for all tests; ask for `azure`."""
    from tests.emulator import emulator

    with emulator() as found:
        yield found


@pytest.fixture(scope="module")
def azure(shared_azure: Emulator) -> Iterator[Emulator]:
    """The emulated workspace, empty and well when the tests of a module begin."""
    shared_azure.reset()
    yield shared_azure
    shared_azure.faults.clear()


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Threads of ours and child processes end with the test that started them."""
    threads, children = set(threading.enumerate()), _children()
    yield
    assert wait_until(lambda: not _ours(set(threading.enumerate()) - threads), timeout_s=5), (
        f"threads left behind: {_ours(set(threading.enumerate()) - threads)}"
    )
    assert wait_until(lambda: not _children() - children, timeout_s=5), (
        f"processes left behind: {_children() - children}"
    )


def _ours(threads: set[threading.Thread]) -> list[threading.Thread]:
    """Those that this package or a test started.

    Libraries keep daemon threads for the life of the process, and Playwright's event loop a pool ("asyncio_0") until
    the browser, which many tests share, is closed.
    """
    return [
        thread
        for thread in threads
        if thread.name.startswith("aml-") or not (thread.daemon or thread.name.startswith("asyncio_"))
    ]


def _children() -> set[int]:
    """Process ids of this process's children. Linux; elsewhere none are seen."""
    found = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in task.read_text().split())
        except OSError:  # the thread ended meanwhile
            continue
    return found
