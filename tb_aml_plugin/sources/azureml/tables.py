"""The metrics of a run that are no numbers, in full: rows of tables, and where in the artifacts the others are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.azureml.metric_json import LIST, TABLE, Definition, milliseconds
from tb_aml_plugin.sources.base import TypedMetric

MOST_ROWS = 10_000
_ARTIFACT = "aml://artifactId/"
_ORIGIN = "ExperimentRun/"
_OUTPUTS = "outputs/"
_FIRST_GENERATION = "azureml.v1."


def typed(definition: Definition, run_id: RunId, pages: Iterable[Mapping[str, Any]]) -> list[TypedMetric]:
    """The metric as others read it: one table or list, or one entry for each artifact that it points at."""
    if definition.kind in (LIST, TABLE):
        return [_table(definition, pages)]
    found = []
    for page in pages:
        first = str((page.get("properties") or {}).get("uxMetricType") or "").startswith(_FIRST_GENERATION)
        for row in page.get("value") or ():
            for cell in (row.get("data") or {}).values():
                path = artifact_path(str(cell), definition.kind, is_first_generation=first)
                time_ms = milliseconds(str(row.get("createdUtc") or ""))
                step = row.get("step")
                found.append(
                    TypedMetric(definition.name, definition.kind, step, time_ms / 1000.0 if time_ms else None, path)
                )
    return [metric for metric in found if metric.path]


def artifact_path(location: str, kind: str, *, is_first_generation: bool) -> str:
    """Where among the run's artifacts a metric's value is; "" where `location` names no artifact of a run.

    ``aml://artifactId/ExperimentRun/dcid.RUN/PATH``. Two forms of old SDKs are put right as azureml-core does
    (`Artifact._correct_data_location`): images without origin and container, and JSON with an ``outputs/`` too many.
    """
    if not location.startswith(_ARTIFACT):
        return ""
    rest = location.removeprefix(_ARTIFACT)
    if not rest.startswith(_ORIGIN):
        return rest if is_first_generation and kind == "image" else ""
    path = rest.removeprefix(_ORIGIN).partition("/")[2]
    if is_first_generation and kind != "image":
        return path.removeprefix(_OUTPUTS)
    return path


def _table(definition: Definition, pages: Iterable[Mapping[str, Any]]) -> TypedMetric:
    columns: dict[str, list[object]] = {name: [] for name in definition.columns}
    rows, step, time_ms = 0, None, 0
    for page in pages:
        for row in page.get("value") or ():
            data = row.get("data") if isinstance(row.get("data"), dict) else {}
            rows += 1
            step, time_ms = row.get("step"), milliseconds(str(row.get("createdUtc") or "")) or time_ms
            if rows <= MOST_ROWS:
                for name, cells in columns.items():
                    cells.append(data.get(name))
        if rows >= MOST_ROWS:
            break
    total = rows if rows > MOST_ROWS else None
    return TypedMetric(
        definition.name,
        definition.kind,
        step if isinstance(step, int) else None,
        time_ms / 1000.0 if time_ms else None,
        columns=columns,
        rows_total=total,
    )
