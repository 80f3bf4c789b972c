"""The tables of an MLflow database, as far as run history needs them.

Columns as MLflow 2.0 to 3.x create them (`mlflow/store/tracking/dbmodels/models.py`). Types matter only where
SQLAlchemy would convert a value: flags are read as integers, since SQLite and SQL Server keep them so.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table

METADATA = MetaData()

EXPERIMENTS = Table(
    "experiments",
    METADATA,
    Column("experiment_id", Integer, primary_key=True),
    Column("name", String),
    Column("lifecycle_stage", String),
)

RUNS = Table(
    "runs",
    METADATA,
    Column("run_uuid", String, primary_key=True),
    Column("name", String),
    Column("user_id", String),
    Column("status", String),
    Column("start_time", BigInteger),
    Column("end_time", BigInteger),
    Column("lifecycle_stage", String),
    Column("artifact_uri", String),
    Column("experiment_id", Integer),
)

METRICS = Table(
    "metrics",
    METADATA,
    Column("key", String),
    Column("value", Float),
    Column("timestamp", BigInteger),
    Column("run_uuid", String),
    Column("step", BigInteger),
    Column("is_nan", Integer),
)

LATEST_METRICS = Table(
    "latest_metrics",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", Float),
    Column("timestamp", BigInteger),
    Column("step", BigInteger),
    Column("is_nan", Integer),
    Column("run_uuid", String, primary_key=True),
)

PARAMS = Table(
    "params",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", String),
    Column("run_uuid", String, primary_key=True),
)

TAGS = Table(
    "tags",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", String),
    Column("run_uuid", String, primary_key=True),
)

DATASETS = Table(
    "datasets",
    METADATA,
    Column("dataset_uuid", String, primary_key=True),
    Column("name", String),
    Column("digest", String),
)

INPUTS = Table(
    "inputs",
    METADATA,
    Column("input_uuid", String, primary_key=True),
    Column("source_id", String),
    Column("destination_id", String),
)

INPUT_TAGS = Table(
    "input_tags",
    METADATA,
    Column("input_uuid", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", String),
)

LOGGED_MODELS = Table(
    "logged_models",
    METADATA,
    Column("model_id", String, primary_key=True),
    Column("name", String),
    Column("creation_timestamp_ms", BigInteger),
    Column("status", Integer),
    Column("model_type", String),
    Column("source_run_id", String),
    Column("artifact_location", String),
    Column("lifecycle_stage", String),
)
"""Since MLflow 3."""

LOGGED_MODEL_PARAMS = Table(
    "logged_model_params",
    METADATA,
    Column("model_id", String, primary_key=True),
    Column("param_key", String, primary_key=True),
    Column("param_value", String),
)

LOGGED_MODEL_METRICS = Table(
    "logged_model_metrics",
    METADATA,
    Column("model_id", String, primary_key=True),
    Column("metric_name", String, primary_key=True),
    Column("metric_timestamp_ms", BigInteger, primary_key=True),
    Column("metric_step", BigInteger, primary_key=True),
    Column("metric_value", Float),
)
