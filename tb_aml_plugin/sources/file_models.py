"""Models that runs have logged, from the folder of an MLflow file store: ``EXPERIMENT/models/ID/``, since MLflow 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tb_aml_plugin.sources.base import LoggedModel
from tb_aml_plugin.sources.metric_file import latest, parse
from tb_aml_plugin.sources.sql_models import STATUS

FOLDER = "models"


def model_of(folder: Path, meta: Mapping[str, Any], texts: Callable[[Path], Mapping[str, str]]) -> LoggedModel:
    """The model in `folder`, whose ``meta.yaml`` says `meta`.

    Args:
      texts: gives the content of each file below a folder, by path.
    """
    metrics = {key: latest(parse(text.encode())) for key, text in texts(folder / "metrics").items()}
    created_ms = meta.get("creation_timestamp")
    return LoggedModel(
        id=str(meta["model_id"]),
        name=str(meta.get("name") or ""),
        created_s=created_ms / 1000 if isinstance(created_ms, int) else None,
        status=STATUS.get(meta.get("status", 0), ""),
        kind=str(meta.get("model_type") or ""),
        params=texts(folder / "params"),
        metrics={key: point.value for key, point in metrics.items() if point is not None},
        artifact_uri=str(meta.get("artifact_location") or ""),
    )
