"""Tags of runs in an Azure ML workspace, set through its MLflow endpoint.

What MLflow's client can change there is in Microsoft's support matrix (how-to-track-experiments-mlflow): tags it can,
deleting and restoring it cannot, and a job goes on whatever MLflow calls its state. Studio does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.abilities import RunWriter, WriteAction

_ELSEWHERE = "Azure ML does not let this be done from here; studio does."


class AzureWriter:
    """See `RunWriter`: tags, and with them notes."""

    actions: tuple[WriteAction, ...] = ("tag", "note")

    def __init__(self, endpoint: Callable[[], RunWriter]) -> None:
        """
        Args:
          endpoint: what writes through the MLflow endpoint; called with the first change, since it may sign in.
        """
        self._endpoint = endpoint

    def set_tag(self, run_id: RunId, key: str, value: str) -> None:
        self._endpoint().set_tag(run_id, key, value)

    def delete_tag(self, run_id: RunId, key: str) -> None:
        self._endpoint().delete_tag(run_id, key)

    def rename(self, run_id: RunId, name: str) -> None:
        raise AccessDenied(_ELSEWHERE)

    def stop(self, run_id: RunId) -> None:
        raise AccessDenied(_ELSEWHERE)

    def archive(self, run_id: RunId) -> None:
        raise AccessDenied(_ELSEWHERE)

    def restore(self, run_id: RunId) -> None:
        raise AccessDenied(_ELSEWHERE)


if TYPE_CHECKING:

    def _conforms(endpoint: Callable[[], RunWriter]) -> RunWriter:
        return AzureWriter(endpoint)
