"""The queries in ``docs/scale.md`` run as they stand there, on an exported dataset."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tb_aml_plugin.export import exporting
from tb_aml_plugin.flags import Settings
from tests.support.history import write_history

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
BEST = [("0.1", 0.0, 1), ("0.2", 5e-324, 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset ``history``."""
    folder = tmp_path_factory.mktemp("scale")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    write_history(uri, folder / "artifacts")
    settings = Settings(experiments=("*",), tracking_uri=uri, max_runs=1000)
    exporting.export(exporting.Order(settings, str(folder / "history"), "parquet"))
    return folder


def blocks(kind: str) -> list[str]:
    """The code in the page under that name."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_duckdb_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    question, compacting = blocks("sql duckdb")
    with duckdb.connect() as database:
        assert database.execute(question).fetchall() == BEST
        database.execute(compacting)
        again = question.replace("history/scalars", "compact")
        assert database.execute(again).fetchall() == BEST
    assert len(list(Path("compact").rglob("*.parquet"))) < len(list(Path("history").rglob("points.parquet")))


def test_spark_answers_the_same(folder: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on this machine")
    pytest.importorskip("pyspark", reason='pip install "tb-aml-plugin[spark]" for this one test: Spark is 400 MB')
    (code,) = blocks("python pyspark")
    program = (
        "from pyspark.sql import SparkSession\n"
        "spark = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false').getOrCreate()\n"
        f"{code}\nprint('BEST', [tuple(row) for row in best.collect()])\nspark.stop()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert f"BEST {BEST}" in ended.stdout, ended.stderr[-3000:]
