"""What can be drawn from the files of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tb_aml_plugin.media import Dashboard, MediaPoint, MediaSeries, RunMedia, Table
from tb_aml_plugin.model import Artifact, NotShown, RunId
from tests.support.board_builder import EPOCH_S, BoardBuilder, id_of
from tests.support.memory_artifacts import MemoryArtifacts, hold
from tests.support.rich_run import ACCURACY_TABLE, CONFUSION_MATRIX, PREDICTIONS, RESIDUALS
from tests.support.tab import Tab, tab

RUN = id_of("a")
TABLE = {
    "columns": ["name", "score", "note"],
    "data": [["b", 2, None], ["<b>a</b>", 10.5, {"x": [1]}], ["c", None, True], ["d", float("nan"), "z" * 5000]],
}
FILES: dict[str, bytes] = {
    "images/val+step+0+timestamp+1+abc.png": b"\x89PNG",
    "images/val+step+5+timestamp+2+def.png": b"\x89PNG",
    "plots/curve.svg": b"<svg/>",
    "notes/readme.md": b"# hi",
    "eval/table.json": json.dumps(TABLE).encode(),
    "eval/rows.csv": b"n,text\n10,x\n9,y\n-1,X\n",
    "confusion.json": json.dumps(CONFUSION_MATRIX).encode(),
    "accuracy.json": json.dumps(ACCURACY_TABLE).encode(),
    "residuals": json.dumps(RESIDUALS).encode(),
    "predictions.json": json.dumps(PREDICTIONS).encode(),
    "sample.wav": b"RIFF",
    "clip.mp4": b"mp4",
    "report.html": b"<p>",
    "prof/a.pt.trace.json": b"{}",
    "user_logs/std_log.txt": b"hello",
    "model.bin": b"\0",
}


@pytest.fixture
def running() -> Iterator[Tab]:
    built = BoardBuilder().experiment("ridge").run("a", end=EPOCH_S + 1)
    hold(built, "a", dict(FILES))
    with tab(built) as running:
        yield running


def stored(running: Tab) -> MemoryArtifacts:
    found: MemoryArtifacts = running.desk.source.artifacts(running.desk.board.snapshot.runs["ridge/a"])  # type: ignore[attr-defined]
    return found


def test_every_panel_learns_what_it_has_to_show(running: Tab) -> None:
    found = running.get("/api/media", run=RUN)
    by_kind: dict[str, list[Any]] = {}
    for series in found["series"]:
        by_kind.setdefault(series["kind"], []).append((series["key"], [frame["step"] for frame in series["frames"]]))
    assert by_kind == {
        "image": [("plots/curve.svg", [None]), ("val", [0, 5])],
        "text": [("notes/readme.md", [0])],
        "table": [("eval/rows.csv", [0]), ("eval/table.json", [0])],
        "matrix": [("confusion.json", [0])],
        "accuracy": [("accuracy.json", [0])],
        "residuals": [("residuals", [0])],
        "predictions": [("predictions.json", [0])],
        "audio": [("sample.wav", [None])],
        "video": [("clip.mp4", [None])],
        "html": [("report.html", [None])],
        "trace": [("prof/a.pt.trace.json", [None])],
    }
    assert (found["logs"], found["files"], found["complete"]) == (1, len(FILES), True)


def test_what_the_index_knows_is_not_looked_at_again(running: Tab) -> None:
    run = running.desk.board.snapshot.runs["ridge/a"]
    running.desk.media.put(RunMedia(run.id, files=(Artifact("only.wav", size_bytes=3),), complete=True))
    stored(running).problem = RuntimeError("asked")
    (series,) = running.get("/api/media", run=RUN)["series"]
    assert series == {
        "key": "only.wav",
        "kind": "audio",
        "frames": [{"path": "only.wav", "step": None, "size_bytes": 3}],
    }


def test_a_matrix_comes_with_its_labels_as_they_are(running: Tab) -> None:
    found = running.get("/api/matrix", run=RUN, path="confusion.json")
    assert found["labels"] == ["cat", "dog", "<b>bird</b>", "fish & chips"]
    assert found["counts"] == CONFUSION_MATRIX["data"]["matrix"]  # type: ignore[index]


def test_an_accuracy_table_comes_as_curves(running: Tab) -> None:
    one, other = running.get("/api/accuracy", run=RUN, path="accuracy.json")["classes"]
    assert one["label"] == "0"
    assert one["thresholds"] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert one["recall"] == pytest.approx([1, 75 / 82, 66 / 82, 46 / 82, 0])
    assert one["precision"][:4] == pytest.approx([82 / 200, 75 / 106, 66 / 75, 46 / 48])
    assert one["precision"][4] is None
    assert one["false_positive_rate"] == pytest.approx([1, 31 / 118, 9 / 118, 2 / 118, 0])
    assert 0.9 < one["area"] < 1
    assert 0.8 < one["average_precision"] < 1
    assert other["area"] == pytest.approx(_sklearn_area(1), abs=1e-12)


def _sklearn_area(number: int) -> float:
    """The same by scikit-learn's own rule for a curve given by points."""
    from sklearn.metrics import auc

    rates = ACCURACY_TABLE["data"]["probability_tables"][number]  # type: ignore[index]
    x = [fp / (fp + tn) for _, fp, tn, _ in rates]
    y = [tp / (tp + fn) for tp, _, _, fn in rates]
    return float(auc(x[::-1], y[::-1]))


def test_bins_come_with_what_they_have(running: Tab) -> None:
    found = running.get("/api/bins", run=RUN, path="residuals")
    assert (found["edges"], found["counts"]) == ([-100, -50, 0, 50, 100], [5, 30, 25.5, 3])
    assert (found["averages"], found["errors"]) == ([], [])
    assert running.get("/api/bins", run=RUN, path="predictions.json")["averages"] == [0.2, 0.45, 0.9]


def test_a_table_keeps_numbers_and_texts_apart(running: Tab) -> None:
    found = running.get("/api/table", run=RUN, path="eval/table.json")
    assert found["columns"] == [
        {"name": "name", "numeric": False},
        {"name": "score", "numeric": True},
        {"name": "note", "numeric": False},
    ]
    assert found["rows"][:3] == [["b", 2.0, None], ["<b>a</b>", 10.5, '{"x": [1]}'], ["c", None, "true"]]
    assert found["rows"][3][1] == "NaN"
    assert len(found["rows"][3][2]) == 2001
    assert (found["first"], found["found"], found["total"], found["truncated"]) == (0, 4, 4, False)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"sort": "1"}, ["b", "<b>a</b>", "c", "d"]),
        ({"sort": "1", "descending": "1"}, ["<b>a</b>", "b", "c", "d"]),
        ({"sort": "0"}, ["<b>a</b>", "b", "c", "d"]),
        ({"sort": "99"}, ["b", "<b>a</b>", "c", "d"]),
        ({"find": "A"}, ["<b>a</b>", "d"]),  # NaN has an a
        ({"first": "1", "count": "2"}, ["<b>a</b>", "c"]),
        ({"first": "99"}, []),
    ],
)
def test_a_table_is_filtered_sorted_and_cut(running: Tab, query: dict[str, str], names: list[str]) -> None:
    found = running.get("/api/table", run=RUN, path="eval/table.json", **query)
    assert [row[0] for row in found["rows"]] == names


def test_numbers_sort_as_numbers(running: Tab) -> None:
    found = running.get("/api/table", run=RUN, path="eval/rows.csv", sort="0")
    assert [row[0] for row in found["rows"]] == [-1, 9, 10]
    assert running.get("/api/table", run=RUN, path="eval/rows.csv", find="x")["found"] == 2


def test_a_table_that_is_in_no_file_is_read_by_its_series(running: Tab) -> None:
    run = running.desk.board.snapshot.runs["ridge/a"]
    table = Table(("k", "v"), (("a", "1"), ("b", "2")), note="The first 2 of 9 rows.")
    series = MediaSeries(Dashboard.TEXT, "log_row", (MediaPoint(3, EPOCH_S, table),))
    running.desk.media.put(RunMedia(run.id, (series,), complete=True))
    (found,) = running.get("/api/media", run=RUN)["series"]
    assert found == {"key": "log_row", "kind": "table", "frames": [{"path": "", "step": 3, "size_bytes": None}]}
    page = running.get("/api/table", run=RUN, series="log_row", step="3")
    assert (page["rows"], page["truncated"]) == ([["a", "1"], ["b", "2"]], True)
    assert page["columns"][1]["numeric"]
    assert running.refused("/api/table", run=RUN, series="log_row", step="4")[0] == 404


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("table", "notes/readme.md"),
        ("table", "model.bin"),
        ("matrix", "accuracy.json"),
        ("matrix", "eval/rows.csv"),
        ("accuracy", "confusion.json"),
        ("bins", "confusion.json"),
        ("bins", "model.bin"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(running: Tab, address: str, path: str) -> None:
    code, message = running.refused(f"/api/{address}", run=RUN, path=path)
    assert code == 415
    assert message


@pytest.mark.parametrize("address", ["table", "matrix", "accuracy", "bins"])
def test_paths_and_runs_that_are_not_there_are_refused(running: Tab, address: str) -> None:
    assert running.refused(f"/api/{address}", run=RUN, path="../x")[0] == 404
    assert running.refused(f"/api/{address}", run=RUN, path="gone.json")[0] == 410
    assert running.refused(f"/api/{address}", run="gone", path="x")[0] == 404


def test_what_is_not_shown_is_counted_and_listed(running: Tab) -> None:
    assert running.get("/api/health")["not_shown"] == 0
    running.desk.media.put(RunMedia(RUN, not_shown=(NotShown("x.tif", "It is too large."),), complete=True))
    assert running.get("/api/health")["not_shown"] == 1
    assert running.get("/api/not_shown") == {
        "total": 1,
        "rows": [{"run": RUN, "label": "a", "what": "x.tif", "reason": "It is too large."}],
    }
    assert running.get("/api/health")["troubles"] == []


def test_artifacts_that_cannot_be_read_at_all_are_a_trouble(running: Tab) -> None:
    running.desk.media.note(RUN, NotShown("artifacts", "They cannot be read: sign in first."))
    (trouble,) = running.get("/api/health")["troubles"]
    assert (trouble["about"], trouble["message"]) == (
        "artifacts",
        "Artifacts of 1 run: They cannot be read: sign in first.",
    )
    assert running.get("/api/health")["troubles"] == [trouble]
    running.desk.media.put(RunMedia(RunId(RUN), files=(Artifact("artifacts", size_bytes=1),), complete=True))
    running.desk.media.put(RunMedia(RunId(RUN), complete=True))
    assert running.get("/api/health")["troubles"] == []
