"""Changes of runs in an Azure ML workspace.

Tags, and with them notes, go through its MLflow endpoint. What MLflow's client cannot do there, run history does, as
Microsoft's own SDKs ask it: azureml-core 1.61 renames (`Run.display_name`) and cancels (`Run.cancel`), and leaves runs
that are ``hidden`` out of its listings (`azureml._restclient.clientbase`); promptflow-azure archives and restores runs by
that field.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.abilities import EVERY_ACTION, RunWriter
from tb_aml_plugin.sources.azureml.workspace import Connection


class AzureWriter:
    """See `RunWriter`. A job that is stopped takes a while to end, and says until then that it goes on."""

    actions = EVERY_ACTION

    def __init__(self, connection: Callable[[], Connection]) -> None:
        """
        Args:
          connection: what reaches the workspace; called with the first change, since it may sign in.
        """
        self._connection = connection

    def set_tag(self, run_id: RunId, key: str, value: str) -> None:
        self._connection().index.writer().set_tag(run_id, key, value)

    def delete_tag(self, run_id: RunId, key: str) -> None:
        self._connection().index.writer().delete_tag(run_id, key)

    def rename(self, run_id: RunId, name: str) -> None:
        self._connection().client.change(run_id, displayName=name)

    def stop(self, run_id: RunId) -> None:
        now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
        self._connection().client.cancel(run_id, now)
        self._connection().records.forget(run_id)

    def archive(self, run_id: RunId) -> None:
        self._hide(run_id, hidden=True)

    def restore(self, run_id: RunId) -> None:
        self._hide(run_id, hidden=False)

    def _hide(self, run_id: RunId, *, hidden: bool) -> None:
        self._connection().client.change(run_id, hidden=hidden)
        self._connection().records.forget(run_id)


if TYPE_CHECKING:

    def _conforms(connection: Callable[[], Connection]) -> RunWriter:
        return AzureWriter(connection)
