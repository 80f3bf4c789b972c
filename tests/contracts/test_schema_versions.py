"""A database of every schema that MLflow has had is read, or named as too old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base

from tb_aml_plugin import sources, target
from tb_aml_plugin.errors import NotATrackingStore
from tb_aml_plugin.model import LatestPoint, RunId
from tb_aml_plugin.sources.base import RunSource, Selection

SCRIPT = """
INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) VALUES (7, 'old', '/x', 'active');
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
    source_version, lifecycle_stage, artifact_uri, experiment_id)
  VALUES ('r', '', 'LOCAL', '', '', 'ada', 'FINISHED', 1000, 2000, '', 'active', '/x/r', 7);
INSERT INTO metrics (key, value, timestamp, run_uuid) VALUES ('loss', 0.5, 1500, 'r');
INSERT INTO params (key, value, run_uuid) VALUES ('lr', '0.1', 'r');
INSERT INTO tags (key, value, run_uuid) VALUES ('mlflow.runName', 'train', 'r')
"""
LATEST_METRICS_ADDED = "89d4b8295536"
"""Of August 2019, three years before MLflow 2.0; those before it have no table of newest points."""


def _history(uri: str) -> Iterator[str]:
    """Writes an MLflow 1.0 database to `uri` and upgrades it; each revision that it has been brought to."""
    engine = sa.create_engine(uri)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in SCRIPT.split(";"):
            connection.exec_driver_sql(statement)
    config = _get_alembic_config(uri)
    for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, script.revision)
        yield script.revision
    engine.dispose()


def _read(source: RunSource) -> object:
    (experiment,) = source.experiments()
    (run,) = source.runs(Selection((experiment.id,), filter="params.lr = '0.1'", order_by=("metrics.loss",)), {})
    ((_, points),) = source.histories("loss", [run.id])
    return experiment.name, run.id, run.display_name, run.params, run.metrics, points.values.tolist()


@pytest.mark.filterwarnings("ignore")  # of MLflow's migrations
def test_every_schema_is_read_or_named(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    expected = ("old", RunId("r"), "train", {"lr": "0.1"}, {"loss": LatestPoint(0, 1.5, 0.5)}, [0.5])
    too_old, read = [], []
    for revision in _history(uri):
        source = sources.connect(target.parse(uri), {})
        try:
            assert _read(source) == expected, revision
            read.append(revision)
        except NotATrackingStore as error:
            assert f"(revision {revision})" in str(error)
            assert "mlflow db upgrade" in str(error)
            too_old.append(revision)
        finally:
            source.close()
    assert len(too_old) == 5
    assert read[0] == LATEST_METRICS_ADDED
    assert len(read) > 20
