"""A folder of MLflow's file store with files that are odd, half written, unreadable or gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_aml_plugin.errors import NotATrackingStore
from tb_aml_plugin.model import ExperimentId, Run, RunId, RunStatus
from tb_aml_plugin.sources.base import Selection
from tb_aml_plugin.sources.file_store import FileStoreSource
from tb_aml_plugin.target import FileTarget

MAIN = Selection((ExperimentId("1"),))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store with one experiment and one run."""
    folder = tmp_path / "mlruns"
    write(folder / "1" / "meta.yaml", "experiment_id: '1'\nname: main\nlifecycle_stage: active\n")
    meta = "run_id: r\nexperiment_id: '1'\nrun_name: train\nstatus: 3\nstart_time: 1000\nend_time: 2000\n"
    write(folder / "1" / "r" / "meta.yaml", meta + "lifecycle_stage: active\n")
    write(folder / "1" / "r" / "metrics" / "loss", "1000 0.5 0\n2000 0.25 1\n")
    write(folder / "1" / "r" / "params" / "lr", "0.1")
    return folder


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read(root: Path) -> dict[str, Run]:
    source = FileStoreSource(FileTarget(root))
    return {run.display_name: run for run in source.runs(MAIN, {})}


def test_a_run_is_read_as_it_lies_there(root: Path) -> None:
    run = read(root)["train"]
    assert (run.id, run.status, run.start_time_s, run.end_time_s) == ("r", RunStatus.FINISHED, 1.0, 2.0)
    assert run.params == {"lr": "0.1"}
    assert (run.metrics["loss"].step, run.metrics["loss"].value) == (1, 0.25)


def test_a_metric_without_a_whole_line_is_not_there_yet(root: Path) -> None:
    write(root / "1" / "r" / "metrics" / "empty", "")
    write(root / "1" / "r" / "metrics" / "begun", "1000 0.5")
    assert set(read(root)["train"].metrics) == {"loss"}
    source = FileStoreSource(FileTarget(root))
    assert [len(points) for _, points in source.histories("empty", [RunId("r")])] == [0]


@pytest.mark.parametrize("meta", ["", "run_id: [", "- a list", "lifecycle_stage: active", "\x00\x01", "&a [*a"])
def test_a_run_whose_description_is_spoilt_is_left_out(root: Path, meta: str) -> None:
    write(root / "1" / "spoilt" / "meta.yaml", meta)
    assert set(read(root)) == {"train"}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("status: RUNNING", "status", RunStatus.RUNNING),
        ("status: 99", "status", RunStatus.UNKNOWN),
        ("start_time: soon", "start_time_s", None),
        ("end_time: null", "end_time_s", None),
        ("run_name: 7", "display_name", "7"),
    ],
)
def test_odd_fields_are_taken_as_not_known(root: Path, line: str, field: str, value: object) -> None:
    write(root / "1" / "odd" / "meta.yaml", f"run_id: odd\nexperiment_id: '1'\n{line}\n")
    (run,) = (run for run in read(root).values() if run.id == "odd")
    assert getattr(run, field) == value


def test_texts_that_are_not_utf8_can_be_shown(root: Path) -> None:
    (root / "1" / "r" / "params" / "latin").write_bytes("größe".encode("latin-1"))
    assert read(root)["train"].params["latin"] == "gr\ufffd\ufffde"


def test_keys_that_are_not_utf8_can_be_written_down_and_read(root: Path) -> None:
    for name in (b"l\xf6ss", b"a\xff/b"):
        write(root / "1" / "r" / "metrics" / os.fsdecode(name), "1000 0.5 7\n")
    source = FileStoreSource(FileTarget(root))
    assert set(read(root)["train"].metrics) == {"loss", "l\ufffdss", "a\ufffd/b"}
    for metric in ("l\ufffdss", "a\ufffd/b"):
        assert [points.steps.tolist() for _, points in source.histories(metric, [RunId("r")])] == [[7]]


def test_keys_with_slashes_are_folders(root: Path) -> None:
    write(root / "1" / "r" / "metrics" / "val" / "loss", "1000 0.5 0\n")
    assert set(read(root)["train"].metrics) == {"loss", "val/loss"}


def test_a_file_that_changed_is_read_again_and_one_that_did_not_is_not(root: Path) -> None:
    source = FileStoreSource(FileTarget(root))
    before = source.runs(MAIN, {})
    assert source.runs(MAIN, {})[0].metrics["loss"] is before[0].metrics["loss"]
    write(root / "1" / "r" / "metrics" / "loss", "1000 0.5 0\n2000 0.25 1\n3000 0.125 2\n")
    assert source.runs(MAIN, {})[0].metrics["loss"].step == 2


def test_a_run_that_goes_while_it_is_looked_at_is_gone(root: Path) -> None:
    source = FileStoreSource(FileTarget(root))
    source.runs(MAIN, {})
    for path in sorted((root / "1" / "r").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert source.runs(MAIN, {}) == []
    assert [len(points) for _, points in source.histories("loss", [RunId("r")])] == [0]


@pytest.mark.parametrize("run_id", ["../1/r", "..", ".", "", "1/r", "r\\..", "absent"])
def test_an_id_leads_nowhere_else(root: Path, run_id: str) -> None:
    source = FileStoreSource(FileTarget(root))
    assert source.find_runs([RunId(run_id)]) == []


def test_a_metric_leads_nowhere_else(root: Path) -> None:
    write(root / "secret", "1000 0.5 0\n")
    source = FileStoreSource(FileTarget(root))
    assert [len(points) for _, points in source.histories("../../../secret", [RunId("r")])] == [0]


def test_deleted_and_trashed_experiments_and_runs_are_not_there(root: Path) -> None:
    write(root / "2" / "meta.yaml", "experiment_id: '2'\nname: gone\nlifecycle_stage: deleted\n")
    write(root / ".trash" / "3" / "meta.yaml", "experiment_id: '3'\nname: trashed\n")
    write(root / "1" / "d" / "meta.yaml", "run_id: d\nrun_name: deleted\nlifecycle_stage: deleted\n")
    source = FileStoreSource(FileTarget(root))
    assert [experiment.name for experiment in source.experiments()] == ["main"]
    assert set(read(root)) == {"train"}


def test_a_folder_of_something_else_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with pytest.raises(NotATrackingStore, match=r"no folder in it has a meta\.yaml"):
        FileStoreSource(FileTarget(tmp_path)).experiments()
    with pytest.raises(NotATrackingStore, match="There is no folder or SQLite file"):
        FileStoreSource(FileTarget(tmp_path / "absent")).experiments()
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotATrackingStore):
        FileStoreSource(FileTarget(tmp_path / "file")).experiments()
