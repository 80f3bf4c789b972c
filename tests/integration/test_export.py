"""Exported event files, read back by what reads such files, and compared with what the dashboards are served."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image
from tbparse import SummaryReader

from tb_aml_plugin import cli
from tb_aml_plugin.errors import ExportFailed, SettingsError, UnknownExperiment
from tb_aml_plugin.export import destination, export_to_tensorboard, exporting
from tb_aml_plugin.export.event_file import EventFile
from tb_aml_plugin.export.ledger import Entry, Ledger
from tb_aml_plugin.model import RunId
from tests.support.event_files import write_scalar
from tests.support.history import MAIN, write_history
from tests.support.leftovers import python
from tests.support.sweep import ALPHAS, STEPS
from tests.support.tensorboard import TensorBoard, tensorboard
from tests.support.waiting import wait_until

CHILDREN = {f"ridge-sweep/sweep/alpha {alpha}" for alpha in ALPHAS}


@dataclass(frozen=True)
class Store:
    """A written store, and the ids of its runs by name."""

    uri: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """`tests.support.history`: everything odd."""
    folder = tmp_path_factory.mktemp("odd")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    return Store(uri, write_history(uri, folder / "artifacts"))


@pytest.fixture
def store(tmp_path: Path, sweep_folder: Path) -> Iterator[MlflowClient]:
    """A store of the test's own with the sweeps in it, MLflow pointed at it."""
    shutil.copy(sweep_folder / "mlflow.db", tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    yield MlflowClient()
    mlflow.set_tracking_uri(None)


def folders(logdir: Path) -> set[str]:
    """The runs that TensorBoard would find."""
    return {path.parent.relative_to(logdir).as_posix() for path in logdir.rglob("*tfevents*")}


def half_made(logdir: Path) -> list[Path]:
    return list(logdir.rglob("*partial*"))


def curves(board: TensorBoard, float32: bool = False) -> dict[str, dict[str, list[tuple[Any, ...]]]]:
    """Run → tag → points, as the cards have them."""
    found: dict[str, dict[str, list[tuple[Any, ...]]]] = {}
    for tag in sorted({tag for tags in board.scalar_tags().values() for tag in tags}):
        for run, points in board.card(tag).items():
            found.setdefault(run, {})[tag] = [
                (p["step"], p["wallTime"], _float32(p["value"]) if float32 else p["value"]) for p in points
            ]
    return found


def _float32(value: float | str) -> float | str:
    if isinstance(value, str):
        return value
    with np.errstate(over="ignore"):
        narrow = float(np.float32(value))
    return narrow if np.isfinite(narrow) else "Infinity" if narrow > 0 else "-Infinity"


def sessions(board: TensorBoard) -> dict[str, tuple[Any, ...]]:
    """Run → params and status of its row in HParams."""
    rows = {}
    for group in board.sessions():
        (session,) = group["sessions"]
        rows[session["name"]] = (group["hparams"], session["status"], session["startTimeSecs"], session["endTimeSecs"])
    return rows


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_tensorboard_reads_back_what_the_provider_serves(odd: Store, tmp_path: Path, load_fast: str) -> None:
    """Every point of every curve and every hyperparameter; values as float32, which event files hold."""
    export_to_tensorboard("main", tmp_path / "logs", tracking_uri=odd.uri)
    flags = ("--logdir", "logs", "--load_fast", load_fast, "--samples_per_plugin", "scalars=5000")
    with tensorboard(*flags, cwd=tmp_path) as files:
        runs = {"main/sweep", "main/sweep/child", "main/odd values", "main/long", "main/nothing logged"}
        assert wait_until(lambda: set(files.runs()) == runs and len(files.scalar_tags()) == 4), files.runs()
        assert wait_until(lambda: len(files.card("loss")["main/long"]) == 3000)
        exported, exported_sessions = curves(files), sessions(files)
    flags = ("--aml_experiment", "main", "--aml_tracking_uri", odd.uri, "--samples_per_plugin", "scalars=5000")
    with tensorboard(*flags, cwd=tmp_path) as live:
        served = curves(live, float32=True)
        assert exported == served
        live_sessions = sessions(live)
        del live_sessions["main/odd values"]  # TensorBoard itself fails on its steps beyond 2**31
        assert exported_sessions == live_sessions
    assert len(served["main/long"]["loss"]) == 3000


def test_tbparse_reads_it(odd: Store, tmp_path: Path) -> None:
    export_to_tensorboard(odd.ids["long"], tmp_path, tracking_uri=odd.uri)
    frame = SummaryReader(str(tmp_path), extra_columns={"wall_time"}).scalars
    long = next(run for run in MAIN if run.name == "long").metrics["loss"]
    assert frame["step"].tolist() == [step for step, _, _ in long]
    assert frame["value"].tolist() == [float(np.float32(value)) for _, _, value in long]
    assert frame["wall_time"].tolist() == [time_ms / 1000 for _, time_ms, _ in long]


def test_the_articles_example_has_each_metric_at_its_own_steps(store: MlflowClient, tmp_path: Path) -> None:
    """alpha and mse logged in a loop: the second began where the first stopped in the old export."""
    export_to_tensorboard("ridge-sweep", tmp_path / "logs")
    frame = SummaryReader(str(tmp_path / "logs" / "ridge-sweep" / "sweep"), pivot=False).scalars
    parent = frame[frame["tag"] == "alpha"]
    assert parent["step"].tolist() == [0, 1, 2]
    assert np.float32(parent["value"]).tolist() == np.float32(ALPHAS).tolist()


def test_runs_lists_and_experiments_can_be_handed_in(store: MlflowClient, tmp_path: Path) -> None:
    sweep = store.get_experiment_by_name("ridge-sweep")
    other = store.get_experiment_by_name("baseline")
    (parent,) = store.search_runs([sweep.experiment_id], "attributes.run_name = 'sweep'")
    (one,) = store.search_runs([other.experiment_id], "params.alpha = '0.2'")
    export_to_tensorboard(parent, tmp_path / "a")
    assert folders(tmp_path / "a") == {"ridge-sweep/sweep", *CHILDREN}
    export_to_tensorboard(parent, tmp_path / "b", recursive=False)
    assert folders(tmp_path / "b") == {"ridge-sweep/sweep"}
    export_to_tensorboard([parent, one], tmp_path / "c")
    assert folders(tmp_path / "c") == {"ridge-sweep/sweep", *CHILDREN, "baseline/sweep/alpha 0.2"}
    export_to_tensorboard(other, tmp_path / "d", filter="params.alpha = '0.1'")
    assert folders(tmp_path / "d") == {"baseline/sweep/alpha 0.1"}


def test_a_home_that_no_shell_put_in_is_ones_home(odd: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in ``--logdir=~/logs``, which TensorBoard takes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli.main(["export", "main", "--logdir=~/logs", "--tracking-uri", odd.uri]) == 0
    assert len(folders(tmp_path / "logs")) == len(MAIN)


def test_a_run_named_by_an_id_like_azures_is_exported_alone_too(tmp_path: Path) -> None:
    """Such an id cannot be told from the name of an experiment."""
    for folder, meta in {
        "": "experiment_id: '1'\nname: main\n",
        "keen_plum_1": "run_id: keen_plum_1\nexperiment_id: '1'\nrun_name: parent\nstatus: 3\n",
        "keen_plum_2": "run_id: keen_plum_2\nexperiment_id: '1'\nrun_name: child\nstatus: 3\n",
    }.items():
        path = tmp_path / "mlruns" / "1" / folder
        path.mkdir(parents=True, exist_ok=True)
        (path / "meta.yaml").write_text(meta)
    (path / "tags").mkdir()
    (path / "tags" / "mlflow.parentRunId").write_text("keen_plum_1")
    store = str(tmp_path / "mlruns")
    for named, recursive, shown in (
        ("keen_plum_1", True, {"main/parent", "main/parent/child"}),
        ("keen_plum_1", False, {"main/parent"}),
        ("main", False, {"main/parent", "main/parent/child"}),
    ):
        logs = tmp_path / f"{named}-{recursive}"
        export_to_tensorboard(named, logs, recursive=recursive, tracking_uri=store)
        assert folders(logs) == shown


def test_only_what_has_changed_is_written_again(store: MlflowClient, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    order = exporting.Order(
        exporting.Settings(experiments=("ridge-sweep",), tracking_uri=mlflow.get_tracking_uri()), str(logs)
    )
    first = exporting.export(order)
    assert (first.written, first.unchanged, first.points) == (4, 0, len(ALPHAS) * (STEPS + 1 + 2))
    times = {path: path.stat().st_mtime_ns for path in logs.rglob("*tfevents*")}
    again = exporting.export(order)
    assert (again.written, again.unchanged) == (0, 4)
    assert {path: path.stat().st_mtime_ns for path in logs.rglob("*tfevents*")} == times
    (run,) = store.search_runs([store.get_experiment_by_name("ridge-sweep").experiment_id], "params.alpha = '0.2'")
    store.log_metric(run.info.run_id, "late", 1.0)
    changed = exporting.export(order)
    assert (changed.written, changed.unchanged) == (1, 3)
    assert "late" in set(SummaryReader(str(logs / "ridge-sweep" / "sweep" / "alpha 0.2")).scalars["tag"])
    next(iter(times)).unlink()
    assert exporting.export(order).written == 1


def test_a_renamed_run_moves(store: MlflowClient, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    export_to_tensorboard("ridge-sweep", logs)
    (run,) = store.search_runs([store.get_experiment_by_name("ridge-sweep").experiment_id], "params.alpha = '0.2'")
    store.set_tag(run.info.run_id, "mlflow.runName", "best")
    export_to_tensorboard("ridge-sweep", logs)
    assert folders(logs) == {"ridge-sweep/sweep", "ridge-sweep/sweep/best", *CHILDREN} - {"ridge-sweep/sweep/alpha 0.2"}
    assert not (logs / "ridge-sweep" / "sweep" / "alpha 0.2").exists()


def test_runs_of_one_name_stay_apart_when_they_are_exported_one_by_one(store: MlflowClient, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    experiment = store.create_experiment("again")
    ids = [store.create_run(experiment, run_name="train").info.run_id for _ in range(2)]
    for number, id_ in enumerate(ids):
        store.log_metric(id_, "loss", number)
        export_to_tensorboard(id_, logs)
    assert folders(logs) == {"again/train", f"again/train ({ids[1][:6]})"}
    export_to_tensorboard("again", logs)
    assert folders(logs) == {"again/train", f"again/train ({ids[1][:6]})"}


def test_two_exports_at_once_forget_nothing_of_each_other(tmp_path: Path) -> None:
    with contextlib.closing(destination.connect(str(tmp_path))) as folder:
        one, other = Ledger(folder, "events"), Ledger(folder, "events")
        one.enter(RunId("a"), Entry("e/a", "1", (), {}))
        other.enter(RunId("b"), Entry("e/b", "1", (), {}))
        one.save()
        other.save()
        assert set(Ledger(folder, "events").names().values()) == set(other.names().values()) == {"e/a", "e/b"}


def test_an_interrupted_export_leaves_whole_runs_and_goes_on(
    store: MlflowClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, whole = tmp_path / "logs", EventFile.finish
    finished: list[str] = []

    def finish(self: EventFile) -> tuple[str, ...]:
        if len(finished) == 2:
            raise KeyboardInterrupt
        finished.append(self.path)
        return whole(self)

    monkeypatch.setattr(EventFile, "finish", finish)
    with pytest.raises(KeyboardInterrupt):
        export_to_tensorboard("ridge-sweep", logs)
    assert {str(path.relative_to(logs)) for path in logs.rglob("*tfevents*")} == set(finished)
    assert half_made(logs) == []
    monkeypatch.undo()
    order = exporting.Order(
        exporting.Settings(experiments=("ridge-sweep",), tracking_uri=mlflow.get_tracking_uri()), str(logs)
    )
    assert exporting.export(order).written == 2


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_the_command_in_a_word(odd: Store, tmp_path: Path, workers: str) -> None:
    command = [sys.executable, "-m", "tb_aml_plugin", "export", "main", "--logdir", str(tmp_path / "logs")]
    command += ["--tracking-uri", odd.uri, "--workers", workers]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: half_made(tmp_path / "logs") or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) in ((130, "\ntb-aml export: interrupted.\n"), (0, ""))
    assert half_made(tmp_path / "logs") == []


def test_a_killed_export_leaves_whole_runs_and_the_next_one_cleans_up(odd: Store, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    text = (
        "import os, signal\nfrom tb_aml_plugin.export import event_file, export_to_tensorboard\n"
        "event_file.EventFile.finish = lambda self: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"export_to_tensorboard('main', {str(logs)!r}, tracking_uri={odd.uri!r})\n"
    )
    with python(text, tmp_path / "temp") as program:
        assert program.process.wait(60) == -signal.SIGKILL
    assert folders(logs) == set()
    assert half_made(logs) != []
    export_to_tensorboard("main", logs, tracking_uri=odd.uri)
    assert len(folders(logs)) == len(MAIN)
    assert half_made(logs) == []


def test_a_full_disk_is_told_and_leaves_nothing_half_made(odd: Store, tmp_path: Path) -> None:
    """A limit on the size of a file stands for it; the run "long" is beyond it."""
    logs = tmp_path / "logs"
    command = [
        sys.executable,
        "-m",
        "tb_aml_plugin",
        "export",
        "main",
        "--logdir",
        str(logs),
        "--tracking-uri",
        odd.uri,
    ]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ended = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"tb-aml export: There is no room left at {logs}. Make room" in ended.stderr
    assert "main/long" not in folders(logs)
    assert half_made(logs) == []
    before = folders(logs)
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{len(MAIN) - len(before)} runs, " in ended.stdout
    assert "main/long" in folders(logs)


@pytest.mark.parametrize(
    ("target", "said"),
    [("a file", "is a file. Give the folder"), ("a file/below", "part of the path is a file"), ("/proc/nowhere", "failed|cannot be")],
)  # fmt: skip
def test_a_folder_that_cannot_be_is_told(store: MlflowClient, tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises((SettingsError, ExportFailed), match=said):
        export_to_tensorboard("ridge-sweep", tmp_path / target)


def test_a_folder_that_may_not_be_written_is_told(
    store: MlflowClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the file system's answer is put in."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(ExportFailed, match="cannot be written to: Permission denied"):
        export_to_tensorboard("ridge-sweep", tmp_path / "logs")


def test_what_is_not_there_is_told(store: MlflowClient, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is nothing to export"):
        export_to_tensorboard([], tmp_path)
    with pytest.raises(UnknownExperiment, match="Closest: 'ridge-sweep'"):
        export_to_tensorboard("ridge-sweeep", tmp_path)
    with pytest.raises(UnknownExperiment, match="No run"):
        export_to_tensorboard("0" * 32, tmp_path)


def test_native_logs_are_copied_beside_it(store: MlflowClient, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    experiment = store.create_experiment("own logs", artifact_location=(tmp_path / "artifacts").as_uri())
    run = store.create_run(experiment, run_name="training")
    own = tmp_path / "own"
    for name in ("train", "validation"):
        write_scalar(own / name, "own/loss", [1.0, 2.0])
    store.log_artifacts(run.info.run_id, str(own), "tensorboard_logs")
    export_to_tensorboard(run, logs)
    name = "own logs/training"
    assert folders(logs) == {name, f"{name}/train", f"{name}/validation"}
    (original,) = (own / "train").iterdir()
    assert (logs / name / "train" / original.name).read_bytes() == original.read_bytes()


def test_pictures_texts_and_tables_are_exported_as_the_dashboards_show_them(
    store: MlflowClient, tmp_path: Path
) -> None:
    experiment = store.create_experiment("media", artifact_location=(tmp_path / "artifacts").as_uri())
    run = store.create_run(experiment, run_name="training")
    for step in range(3):
        store.log_image(run.info.run_id, Image.new("RGB", (4, 3), (80 * step, 0, 0)), key="sample", step=step)
    store.log_text(run.info.run_id, "# Notes\nof *mine*", "notes.md")
    store.log_table(run.info.run_id, {"x": [1.5, 2.5], "y": ["a", "b"]}, "table.json")
    store.set_terminated(run.info.run_id)
    export_to_tensorboard(run, tmp_path / "logs")
    name = "media/training"

    def shown(board: TensorBoard) -> tuple[Any, ...]:
        listing = board.get("data/plugin/timeseries/tags")
        images = sorted(listing["images"]["tagRunSampledInfo"])
        found = {tag: board.get("data/plugin/images/images", run=name, tag=tag, sample="0") for tag in images}
        pictures = {
            (tag, one["step"]): (one["wall_time"], board.fetch(f"data/plugin/images/individualImage?{one['query']}"))
            for tag, steps in found.items()
            for one in steps
        }
        texts = board.get("data/plugin/text/tags")[name]
        curves_of = board.scalar_tags()
        return pictures, sorted(texts), curves_of

    with tensorboard("--logdir", "logs", "--load_fast", "true", cwd=tmp_path) as files:
        assert wait_until(lambda: name in files.runs() and files.scalar_tags())
        exported = shown(files)
        markdown = files.get("data/plugin/text/text", run=name, tag=next(t for t in exported[1] if "notes" in t))
        assert "<em>mine</em>" in markdown[0]["text"]
    with tensorboard(
        "--aml_experiment=media", "--aml_tracking_uri", f"sqlite:///{tmp_path}/mlflow.db", cwd=tmp_path
    ) as live:
        assert wait_until(lambda: shown(live) == exported), shown(live)
    pictures, texts, curves_of = exported
    assert {step for _, step in pictures} == {0, 1, 2}
    assert any("table" in tag for tag in texts)
    assert curves_of[name] == ["table.json/x"]


def test_several_processes_write_the_same(odd: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["export", "main", "other*", "--tracking-uri", odd.uri]
    assert cli.main([*arguments, "--logdir", str(tmp_path / "one")]) == 0
    command = [sys.executable, "-m", "tb_aml_plugin", *arguments, "--logdir", str(tmp_path / "two"), "--workers", "2"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout == capsys.readouterr().out.replace("/one", "/two")

    def contents(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*tfevents*")}

    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert len(contents(tmp_path / "one")) == len(MAIN) + 1
    assert half_made(tmp_path / "two") == []


def test_a_script_that_does_not_guard_its_call_is_told_to(odd: Store, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tb_aml_plugin import export_to_tensorboard\n"
        f"export_to_tensorboard('main', {str(tmp_path / 'logs')!r}, tracking_uri={odd.uri!r}, workers=2)\n"
    )
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1
    assert 'guard the call with if __name__ == "__main__"' in ended.stderr.rpartition("ExportFailed: ")[2]
    assert half_made(tmp_path / "logs") == []


def test_the_command_tells_errors_and_is_silent_without_a_terminal(
    odd: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", "mian", "--logdir", str(tmp_path), "--tracking-uri", odd.uri]) == 1
    assert "tb-aml export: No experiment 'mian'" in capsys.readouterr().err
    assert cli.main(["export", "main", "--logdir", str(tmp_path), "--tracking-uri", odd.uri]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{len(MAIN)} runs, ")
    assert shown.err == ""


def test_a_bar_shows_runs_points_and_rate_on_a_terminal(odd: Store, tmp_path: Path) -> None:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = [
        sys.executable,
        "-m",
        "tb_aml_plugin",
        "export",
        "main",
        "--logdir",
        str(tmp_path),
        "--tracking-uri",
        odd.uri,
    ]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave) as process:
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 4096):
                shown += piece
        except OSError:  # how a terminal ends
            pass
        os.close(master)
    assert process.returncode == 0
    assert f"{len(MAIN)}/{len(MAIN)}".encode() in shown
    assert b"points/s" in shown


def test_a_damaged_ledger_costs_only_work(odd: Store, tmp_path: Path) -> None:
    for damage in (b"{", b"[]", json.dumps({"format": "events", "runs": {"x": {}}}).encode(), b"\xff"):
        (tmp_path / ".tb-aml-export.json").write_bytes(damage)
        export_to_tensorboard("main", tmp_path, tracking_uri=odd.uri)
        assert len(folders(tmp_path)) == len(MAIN)
