"""Run history's JSON of a run as values of `model`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tb_aml_plugin.model import NOTE_TAG, RunStatus

STATUSES: Mapping[str, RunStatus] = {
    "NotStarted": RunStatus.SCHEDULED,
    "Starting": RunStatus.SCHEDULED,
    "Provisioning": RunStatus.SCHEDULED,
    "Preparing": RunStatus.SCHEDULED,
    "Queued": RunStatus.SCHEDULED,
    "Unapproved": RunStatus.SCHEDULED,
    "Pausing": RunStatus.SCHEDULED,
    "Paused": RunStatus.SCHEDULED,
    "Running": RunStatus.RUNNING,
    "Finalizing": RunStatus.RUNNING,
    "CancelRequested": RunStatus.RUNNING,
    "NotResponding": RunStatus.RUNNING,
    "Completed": RunStatus.FINISHED,
    "Failed": RunStatus.FAILED,
    "Canceled": RunStatus.KILLED,
}
"""azureml-core's statuses (`azureml._restclient.constants.RunStatus`) in MLflow's words."""

STATUS_TAG = "azureml.status"
COMPUTE_TAG = "azureml.compute"
TYPE_TAG = "azureml.runType"
ERROR_TAG = "azureml.error"
USER_TAG = "mlflow.user"


@dataclass(frozen=True, slots=True)
class Record:
    """What run history knows of a run beyond what MLflow's endpoint tells.

    Attributes:
      tags: to be added to the run's own, under names that the tab knows.
      parent_id: "" for a root.
      hidden: it is archived.
    """

    status: RunStatus
    tags: Mapping[str, str]
    parent_id: str = ""
    hidden: bool = False


def record_of(found: Mapping[str, Any]) -> Record:
    """The record of an element of ``runs:query``."""
    error = found.get("error")
    inner = error.get("error") if isinstance(error, dict) and isinstance(error.get("error"), dict) else error
    message = inner.get("message") if isinstance(inner, dict) else None
    created_by = found.get("createdBy")
    told = {
        STATUS_TAG: found.get("status"),
        COMPUTE_TAG: found.get("target"),
        TYPE_TAG: found.get("runType"),
        USER_TAG: created_by.get("userName") if isinstance(created_by, dict) else None,
        ERROR_TAG: message,
        NOTE_TAG: found.get("description"),
    }
    return Record(
        STATUSES.get(str(found.get("status")), RunStatus.UNKNOWN),
        {name: str(value) for name, value in told.items() if value},
        str(found.get("parentRunId") or ""),
        found.get("hidden") is True,
    )
