"""`Tensorboard` with the real command behind it."""

from __future__ import annotations

import gc
import http.server
import json
import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mlflow
import psutil
import pytest
from mlflow.tracking import MlflowClient

from tb_aml_plugin import Tensorboard
from tb_aml_plugin.errors import LaunchFailed, SettingsError
from tests.support.event_files import write_scalar
from tests.support.leftovers import python
from tests.support.ports import free_port
from tests.support.sweep import ALPHAS
from tests.support.waiting import wait_until

SWEEP = {"ridge-sweep/sweep"} | {f"ridge-sweep/sweep/alpha {alpha}" for alpha in ALPHAS}

START = """
import sys, time
from tb_aml_plugin import Tensorboard
tb = Tensorboard([], local_root={logs!r}, port=0)
print(tb.start())
"""


@pytest.fixture
def store(sweep_uri: str) -> Iterator[str]:
    """MLflow pointed at the sweep, as in a notebook."""
    mlflow.set_tracking_uri(sweep_uri)
    yield sweep_uri
    mlflow.set_tracking_uri(None)


def runs(url: str) -> set[str]:
    with urllib.request.urlopen(url + "data/runs", timeout=30) as answer:
        return set(json.load(answer))


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def test_a_run_is_shown_with_its_children_beside_a_local_root(store: str, tmp_path: Path) -> None:
    write_scalar(tmp_path / "local", "loss", [1.0, 2.0])
    parent = MlflowClient().search_runs(
        [MlflowClient().get_experiment_by_name("ridge-sweep").experiment_id], "attributes.run_name = 'sweep'"
    )[0]
    with Tensorboard([parent], local_root=tmp_path, port=free_port()) as tb:
        assert wait_until(lambda: runs(tb.url) == {"local", *SWEEP})
        command = " ".join(psutil.Process(tb._child.pid).cmdline())
        assert store not in command


def test_names_and_flags_choose_runs(store: str, sweep_uri: str) -> None:
    with Tensorboard("ridge-sweep", port=free_port(), aml_filter="params.alpha = '0.2'", aml_max_runs=3) as tb:
        assert runs(tb.url) == {"ridge-sweep/sweep/alpha 0.2"}
    mlflow.set_tracking_uri(None)
    with Tensorboard([], aml_tracking_uri=sweep_uri, aml_allow_writes=True, port=free_port()) as tb:
        assert {name.split("/")[0] for name in runs(tb.url)} == {"ridge-sweep", "baseline"}


@pytest.mark.parametrize(
    ("runs", "options", "words"),
    [
        (
            "a",
            {"aml_allow_writes": True, "aml_allow_remote_writes": False},
            ["--aml_experiment=a", "--aml_allow_writes"],
        ),
        ("a", {"aml_filter": None, "aml_max_runs": 3}, ["--aml_experiment=a", "--aml_max_runs=3"]),
        ([], {"aml_filter": "metrics.loss < 1"}, ["--aml_experiment=*", "--aml_filter=metrics.loss < 1"]),
        ([], {"aml_experiment": ["b", "c"]}, ["--aml_experiment=b", "--aml_experiment=c"]),
        ([], {"aml_run": "r1"}, ["--aml_run=r1"]),
        ("a", {"aml_run": "r1"}, ["--aml_experiment=a", "--aml_run=r1"]),
    ],
)
def test_options_are_typed_as_the_flags_they_name(runs: object, options: dict[str, object], words: list[str]) -> None:
    assert Tensorboard(runs, **options)._arguments(6006) == ["--port=6006", *words]


def test_the_article_shows_an_exported_folder(store: str, tmp_path: Path) -> None:
    """`Tensorboard([], local_root=…)` shows the folder alone, whatever MLflow is pointed at."""
    write_scalar(tmp_path / "exported", "mse", [3.0])
    tb = Tensorboard([], local_root=str(tmp_path), port=free_port())
    url = tb.start(start_browser=False)
    assert wait_until(lambda: runs(url) == {"exported"})
    tb.stop()
    assert not answers(url)


def test_start_and_stop_may_be_called_again(tmp_path: Path) -> None:
    tb = Tensorboard([], local_root=tmp_path, port=free_port())
    tb.stop()
    url = tb.start()
    assert tb.start() == url
    assert repr(tb) == f"<Tensorboard at {url}>"
    tb._child._process.kill()
    tb._child._process.wait()
    assert answers(tb.start())
    tb.stop()
    tb.stop()
    assert tb.url == ""
    assert repr(tb) == "<Tensorboard, not started>"


def test_a_port_that_another_server_answers_on_is_left_to_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            with Tensorboard([], local_root=tmp_path, port=other.server_port) as tb:
                port = int(tb.url.rstrip("/").rpartition(":")[2])
                assert port > other.server_port
                assert runs(tb.url) == set()
        finally:
            other.shutdown()
            thread.join()
    assert f"Port {other.server_port} is taken; TensorBoard is on port {port}." in capfd.readouterr().err


def test_a_port_that_is_taken_meanwhile_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        first = taken.getsockname()[1]
        monkeypatch.setattr("tb_aml_plugin.launch.ports.candidates", lambda port: iter((first, 0)))
        with Tensorboard([], local_root=tmp_path, port=first) as tb:
            assert answers(tb.url)
            assert str(first) not in tb.url


def test_where_no_port_is_free_those_that_were_tried_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_aml_plugin.launch.ports._failure_to_bind", lambda port: OSError())
    with pytest.raises(LaunchFailed, match="No port between 65500 and 65535 is free"):
        Tensorboard([], local_root=tmp_path, port=65500).start()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"runs": []}, "There is nothing to show"),
        ({"runs": [], "local_root": __file__}, "is a file. Give the folder"),
        ({"runs": "x", "port": 70000}, "70000 is no port"),
        ({"runs": "x", "port": "6006"}, "'6006' is no port"),
        ({"runs": "x", "aml_filtre": "y"}, "There is no option 'aml_filtre'. Known are .*aml_filter"),
    ],
)
def test_what_cannot_work_is_said_at_once(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Tensorboard(**arguments)


def test_a_port_of_the_administrator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_aml_plugin.launch.ports._failure_to_bind", lambda port: PermissionError())
    with pytest.raises(SettingsError, match="Port 80 is for the administrator"):
        Tensorboard("x", port=80)


def test_an_unknown_name_is_told_as_the_command_tells_it(store: str) -> None:
    tb = Tensorboard("ridge-sweeep", port=free_port())
    with pytest.raises(SettingsError, match=r"No experiment 'ridge-sweeep' at .* Closest: 'ridge-sweep'"):
        tb.start()
    assert tb.url == ""


def test_a_deleted_run_is_told(store: str) -> None:
    with pytest.raises(SettingsError, match="No run '0123456789abcdef0123456789abcdef'"):
        Tensorboard("0123456789abcdef0123456789abcdef", port=free_port()).start()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("raise ModuleNotFoundError(\"No module named 'tensorboard'\")", "-m pip install tensorboard"),
        ("print('half way'); raise ImportError('google-auth 2.0 is too new')", "half way(.|\n)*google-auth(.|\n)*pip check"),
        ("import os; os.write(2, b'killed'); os.kill(os.getpid(), 9)", "exit code -9(.|\n)*killed"),
    ],
)  # fmt: skip
def test_a_tensorboard_that_crashes_gives_no_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, said: str
) -> None:
    package = tmp_path / "path" / "tensorboard"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(broken)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    tb = Tensorboard([], local_root=tmp_path, port=free_port())
    with pytest.raises(LaunchFailed, match=said):
        tb.start()
    assert tb.url == ""


def test_a_chatty_tensorboard_is_not_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Far more than a pipe holds, before it serves."""
    (tmp_path / "sitecustomize.py").write_text("print('noise ' * 100_000)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Tensorboard([], local_root=tmp_path, port=free_port()) as tb:
        assert answers(tb.url)


def test_a_folder_in_the_way_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People keep logs in ./tensorboard and scripts in ./queue.py."""
    (tmp_path / "queue.py").write_text("raise RuntimeError")
    (tmp_path / "tensorboard").mkdir()
    monkeypatch.chdir(tmp_path)
    with Tensorboard([], local_root="tensorboard", port=free_port()) as tb:
        assert answers(tb.url)


def test_it_outlives_the_thread_that_started_it_and_a_fork(tmp_path: Path) -> None:
    tb = Tensorboard([], local_root=tmp_path, port=free_port())
    thread = threading.Thread(target=tb.start)
    thread.start()
    thread.join()
    assert answers(tb.url)
    pid = os.fork()
    if not pid:
        tb.stop()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert answers(tb.url)
    tb.stop()


def test_it_ends_when_the_object_is_dropped(tmp_path: Path) -> None:
    tb = Tensorboard([], local_root=tmp_path, port=free_port())
    url = tb.start()
    process = psutil.Process(tb._child.pid)
    del tb
    gc.collect()
    assert not process.is_running()
    assert not answers(url)


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "1 / 0", "import os; os._exit(0)", "time.sleep(1000)"])
def test_nothing_is_left_however_the_program_ends(tmp_path: Path, ending: str) -> None:
    logs = tmp_path / "logs"
    write_scalar(logs / "run", "loss", [1.0])
    with python(START.format(logs=str(logs)) + ending, tmp_path / "temp", {"PYTHONWARNINGS": "ignore"}) as program:
        url = program.line()
        assert url.startswith("http://localhost:")
        if ending == "time.sleep(1000)":
            assert answers(url)
            assert len(program.processes()) == 3  # it, TensorBoard and the data server
            program.process.kill()
        program.process.wait(30)
        assert wait_until(lambda: not program.processes(), 15), program.processes()
        assert program.temp_files() == []
        assert not answers(url)


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.2, 0.4, 0.7])
def test_ctrl_c_at_any_point_of_the_start_leaves_nothing(tmp_path: Path, delay_s: float) -> None:
    """The program interrupts itself `delay_s` seconds into the start."""
    text = (
        "import signal, sys\nfrom tb_aml_plugin import Tensorboard\n"
        f"tb = Tensorboard([], local_root={str(tmp_path)!r}, port=0)\n"
        "signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        f"signal.setitimer(signal.ITIMER_REAL, {delay_s or 1e-4})\n"
        "try:\n    tb.start()\n    signal.pause()\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
    )
    with python(text, tmp_path / "temp") as program:
        assert program.line() == "interrupted"
        program.process.wait(30)
        assert wait_until(lambda: not program.processes(), 15), program.processes()
        assert program.temp_files() == []


def test_interrupting_the_notebook_does_not_reach_tensorboard(tmp_path: Path) -> None:
    """Ctrl-C goes to the whole group of the terminal; ours is another."""
    with python(START.format(logs=str(tmp_path)) + "time.sleep(1000)", tmp_path / "temp") as program:
        url = program.line()
        (child,) = psutil.Process(program.process.pid).children()
        assert os.getpgid(child.pid) != os.getpgid(program.process.pid)
        assert answers(url)
        program.process.send_signal(signal.SIGINT)
        program.process.wait(30)
        assert wait_until(lambda: not program.processes(), 15)


def test_a_notebook_shows_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tb = Tensorboard([], local_root=tmp_path, port=free_port())
    assert tb._repr_html_() == "&lt;Tensorboard, not started&gt;"
    monkeypatch.setenv("TENSORBOARD_PROXY_URL", "/proxy/%PORT%/")
    with tb:
        port = tb.url.rstrip("/").rpartition(":")[2]
        assert answers(tb.url)
        shown = tb._repr_html_()
        assert f'<a href="/proxy/{port}/"' in shown
        assert f'<iframe src="/proxy/{port}/"' in shown


def test_a_proxy_that_does_not_answer_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The 502 of compute instances: the local address and a way in, not a dead link."""
    monkeypatch.setenv("TENSORBOARD_PROXY_URL", f"http://127.0.0.1:{free_port()}/%PORT%/")
    with Tensorboard([], local_root=tmp_path, port=free_port()) as tb:
        assert tb.url.startswith("http://localhost:")
        assert answers(tb.url)
    assert "does not answer" in capfd.readouterr().err
