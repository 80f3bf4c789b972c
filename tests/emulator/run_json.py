"""A run as run history writes and reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulator.state import Run
from tests.emulator.tokens import TENANT, USER_ID
from tests.emulator.wire import iso, parse_time

_TEXTS = {
    "status": "status",
    "name": "name",
    "displayName": "display_name",
    "description": "description",
    "runType": "run_type",
    "target": "target",
    "scriptName": "script",
    "primaryMetricName": "primary_metric",
    "hidden": "hidden",
    "cancelUri": "cancel_url",
    "runDefinition": "definition",
}
_TIMES = {"startTimeUtc": "started", "endTimeUtc": "ended"}
_MAPS: dict[str, Callable[[Run], dict[str, str]]] = {
    "properties": lambda run: run.properties,
    "tags": lambda run: run.tags,
}


def to_json(run: Run) -> dict[str, Any]:
    """As run history writes `run`; there are no metrics in it."""
    return {
        "runNumber": run.number,
        "rootRunId": run.root_id,
        "experimentId": run.experiment.id,
        "createdUtc": iso(run.created),
        "createdBy": {"userObjectId": USER_ID, "userTenantId": TENANT, "userName": run.user},
        "userId": USER_ID,
        "token": None,
        "tokenExpiryTimeUtc": None,
        "error": run.error,
        "warnings": run.warnings or None,
        "runId": run.id,
        "parentRunId": run.parent_id,
        "runUuid": run.id,
        "rootRunUuid": run.root_id,
        "parentRunUuid": run.parent_id,
        "status": run.status,
        "startTimeUtc": iso(run.started),
        "endTimeUtc": iso(run.ended),
        "heartbeatEnabled": False,
        "options": {"generateDataContainerIdIfNotSpecified": True},
        "name": run.name,
        "displayName": run.label,
        "dataContainerId": run.container,
        "description": run.description,
        "hidden": run.hidden,
        "runType": run.run_type or run.properties.get("azureml.runsource"),
        "runTypeV2": {"orchestrator": "Execution", "traits": []},
        "properties": dict(run.properties),
        "parameters": dict(run.params),
        "scriptName": run.script,
        "target": run.target,
        "tags": dict(run.tags),
        "inputDatasets": [],
        "outputDatasets": [],
        "runDefinition": run.definition,
        "primaryMetricName": run.primary_metric,
        "cancelUri": run.cancel_url,
        "diagnosticsUri": None,
    }


def change(run: Run, sent: dict[str, Any]) -> None:
    """Changes `run` as the JSON `sent` says; what is not in it stays."""
    for key, name in _TEXTS.items():
        if sent.get(key) is not None:
            setattr(run, name, sent[key])
    for key, name in _TIMES.items():
        if sent.get(key):
            setattr(run, name, parse_time(sent[key]))
    for key, read in _MAPS.items():
        read(run).update({name: str(value) for name, value in (sent.get(key) or {}).items() if value is not None})
