"""An MLflow database with nothing in it, made once: MLflow takes seconds for its migrations."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from mlflow.tracking import MlflowClient


def empty_store(path: Path) -> MlflowClient:
    """A client of a fresh SQLite store at `path`."""
    path.write_bytes(_template())
    return MlflowClient(f"sqlite:///{path}")


@functools.cache
def _template() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="empty-store-"))
    try:
        MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_experiments()
        return (folder / "mlflow.db").read_bytes()
    finally:
        shutil.rmtree(folder)
