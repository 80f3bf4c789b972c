"""CSV, JSON lines and Parquet, read back by what people read them with."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import duckdb
import fsspec
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.export import exporting
from tb_aml_plugin.flags import Settings
from tests.support.empty_store import empty_store
from tests.support.history import MAIN, RUNS, write_history

Row = tuple[str, str, int, float, float]  # run, metric, step, wall time in s, value

WITH_METRICS = [run for run in RUNS if run.experiment in ("main", "other / 名前") and not run.deleted and run.metrics]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """The tracking URI of `tests.support.history`, and run ids by name."""
    folder = tmp_path_factory.mktemp("odd")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    return uri, write_history(uri, folder / "artifacts")


def export(store: tuple[str, dict[str, str]], target: str, format_name: str, filter_: str = "") -> exporting.Report:
    settings = Settings(experiments=("*",), tracking_uri=store[0], filter=filter_, max_runs=1000, step="logged")
    return exporting.export(exporting.Order(settings, target, format_name))


def written(ids: dict[str, str]) -> set[str]:
    """Every point that was logged, as text, since NaN is not equal to itself; of a repeated step the newest.

    SQLite itself makes 0.0 of -0.0.
    """
    found = set()
    for run in WITH_METRICS:
        for metric, points in run.metrics.items():
            for step in {point[0] for point in points}:
                _, time_ms, value = max((p for p in points if p[0] == step), key=lambda point: point[1])
                found.add(repr((ids[run.name], metric, step, time_ms / 1000, float(value) + 0.0)))
    return found


def number(value: float | str) -> float:
    return float(value)  # takes "NaN" and "Infinity" too


def test_csv_has_every_point_exactly(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    export(store, str(tmp_path), "csv")
    rows = [
        row
        for path in tmp_path.glob("scalars/*/*.csv")
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""))
    ]
    found = {
        repr((row["run_id"], row["metric"], int(row["step"]), float(row["wall_time"]), float(row["value"])))
        for row in rows
    }
    assert found == written(store[1])
    assert {row["experiment"] for row in rows} == {"main", "other / 名前"}


def test_json_lines_have_every_point_exactly(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    export(store, str(tmp_path), "jsonl")
    rows = [json.loads(line) for path in tmp_path.glob("scalars/*/*.jsonl") for line in path.open(encoding="utf-8")]
    found = {repr((row["run_id"], row["metric"], row["step"], row["wall_time"], number(row["value"]))) for row in rows}
    assert found == written(store[1])
    child = next(json.loads(line) for line in (tmp_path / "runs.jsonl").open() if '"child"' in line)
    assert child["parent_id"] == store[1]["sweep"]
    assert child["run"] == "main/sweep/child"


def test_parquet_is_one_partitioned_dataset(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    export(store, str(tmp_path), "parquet")
    table = ds.dataset(tmp_path / "scalars", partitioning="hive").to_table()
    assert table.column_names == ["metric", "step", "wall_time", "value", "experiment", "run_id"]
    found = {repr((r["run_id"], r["metric"], r["step"], r["wall_time"], r["value"])) for r in table.to_pylist()}
    assert found == written(store[1])
    assert set(table["experiment"].to_pylist()) == {"main", "other / 名前"}
    runs = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    assert {run["display_name"] for run in runs} == {run.name for run in MAIN} | {"elsewhere"}
    params = pq.read_table(tmp_path / "params.parquet").to_pylist()
    assert {(p["run_id"], p["param"], p["value"]) for p in params} == {
        (store[1][run.name], name, value) for run in RUNS if not run.deleted for name, value in run.params.items()
    }


def test_tags_are_a_table_too_those_of_people_first(tmp_path: Path) -> None:
    client = empty_store(tmp_path / "mlflow.db")
    tags = {"zoo": "9", "mlflow.note.content": "n", "a, b": 'quoted "text"'}
    run_id = client.create_run(client.create_experiment("sweep"), tags=tags, run_name="one").info.run_id
    export((f"sqlite:///{tmp_path / 'mlflow.db'}", {}), str(tmp_path / "out"), "csv")
    rows = list(csv.DictReader((tmp_path / "out" / "tags.csv").open(encoding="utf-8", newline="")))
    assert {(row["experiment"], row["run"], row["run_id"]) for row in rows} == {("sweep", "sweep/one", run_id)}
    found = [(row["tag"], row["value"]) for row in rows]
    assert found[:3] == [("a, b", 'quoted "text"'), ("zoo", "9"), ("mlflow.note.content", "n")]


def test_duckdb_joins_points_runs_and_params(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    export(store, str(tmp_path), "parquet")
    with duckdb.connect() as database:
        found = database.execute(
            f"""
            SELECT r.run, p.value, min(s.value), count(*)
            FROM read_parquet('{tmp_path}/scalars/**/*.parquet', hive_partitioning = true) s
            JOIN read_parquet('{tmp_path}/runs.parquet') r USING (run_id)
            JOIN read_parquet('{tmp_path}/params.parquet') p USING (run_id)
            WHERE p.param = 'lr' AND s.metric = 'loss' AND isfinite(s.value)
            GROUP BY ALL ORDER BY ALL
            """
        ).fetchall()
    assert found == [("main/odd values", "0.2", 5e-324, 2), ("main/sweep/child", "0.1", 0.0, 3)]


def test_tables_are_incremental_too(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    part = export(store, str(tmp_path), "parquet", "params.lr = '0.1'")
    assert (part.written, part.unchanged) == (1, 0)
    rest = export(store, str(tmp_path), "parquet")
    assert rest.unchanged == 1
    assert len(pq.read_table(tmp_path / "runs.parquet")) == len(MAIN) + 1
    other = export(store, str(tmp_path), "csv")
    assert other.unchanged == 0, "another format is another export"


def test_a_cloud_is_written_through_fsspec(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    first = export(store, "memory://bucket/runs", "parquet")
    assert first.location == "memory://bucket/runs"
    memory = fsspec.filesystem("memory")
    table = ds.dataset("/bucket/runs/scalars", filesystem=memory, partitioning="hive").to_table()
    assert {
        repr((r["run_id"], r["metric"], r["step"], r["wall_time"], r["value"])) for r in table.to_pylist()
    } == written(store[1])
    again = export(store, "memory://bucket/runs", "parquet")
    assert again.unchanged == first.unchanged + first.written
    memory.rm("/bucket", recursive=True)


def test_a_cloud_that_is_not_known_is_told(store: tuple[str, dict[str, str]]) -> None:
    with pytest.raises(SettingsError, match="nowhere://x cannot be written to"):
        export(store, "nowhere://x", "parquet")


def test_an_unknown_format_is_told(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no format 'xlsx'"):
        export(store, str(tmp_path), "xlsx")


@pytest.mark.parametrize(("format_name", "depth"), [("parquet", 4), ("csv", 3)])
def test_any_name_makes_a_path_and_is_read_back_if_it_is_short(format_name: str, depth: int, tmp_path: Path) -> None:
    short, long = ["..", "a=b%?", "Großes 100% 'x'", "学習"], ["実験" * 40, "a/" * 120]
    client = empty_store(tmp_path / "mlflow.db")
    for experiment in [*short, *long]:
        client.log_metric(client.create_run(client.create_experiment(experiment)).info.run_id, "loss", 1.0)
    export((f"sqlite:///{tmp_path / 'mlflow.db'}", {}), str(tmp_path / "out"), format_name)
    files = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out" / "scalars").rglob(f"*.{format_name}")]
    assert [len(file.parts) for file in files] == [depth] * 6
    if format_name == "parquet":
        found = set(ds.dataset(tmp_path / "out" / "scalars", partitioning="hive").to_table()["experiment"].to_pylist())
        assert found - set(short) == {"実験" * 33 + " (5)", "a_" * 100 + " (6)"}


def test_a_time_that_no_calendar_has_is_null(tmp_path: Path) -> None:
    client = empty_store(tmp_path / "mlflow.db")
    for start in (1_700_000_000_123_000_000, 10_000_000_000_000):
        client.create_run(client.create_experiment(str(start)), start_time=start)
    export((f"sqlite:///{tmp_path / 'mlflow.db'}", {}), str(tmp_path / "out"), "parquet")
    starts = pq.read_table(tmp_path / "out" / "runs.parquet")["start_time"].to_pylist()
    assert [start and start.year for start in starts] == [2286, None]


def test_values_beyond_float32_are_kept(store: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    export(store, str(tmp_path), "parquet")
    values = ds.dataset(tmp_path / "scalars").to_table()["value"].to_pylist()
    assert 16777217.123456789 in values
    assert 1e308 in values
    assert any(math.isnan(value) for value in values)
