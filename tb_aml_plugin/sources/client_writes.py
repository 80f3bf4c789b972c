"""Changes runs in a database or a folder as MLflow itself would: by its client, which knows every store's own rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tb_aml_plugin.errors import AccessDenied, SourceError
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.abilities import EVERY_ACTION, RunWriter
from tb_aml_plugin.sources.sql_errors import translated
from tb_aml_plugin.target import masked

_DENIED = ("PERMISSION_DENIED", "UNAUTHENTICATED")


class ClientWriter:
    """See `RunWriter`. MLflow is imported with the first change, which takes seconds."""

    actions = EVERY_ACTION

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._client: Any = None

    def set_tag(self, run_id: RunId, key: str, value: str) -> None:
        with self._translated() as client:
            client.set_tag(run_id, key, value)

    def delete_tag(self, run_id: RunId, key: str) -> None:
        with self._translated() as client:
            if key in client.get_run(run_id).data.tags:
                client.delete_tag(run_id, key)

    def rename(self, run_id: RunId, name: str) -> None:
        with self._translated() as client:
            client.update_run(run_id, name=name)

    def stop(self, run_id: RunId) -> None:
        with self._translated() as client:
            client.set_terminated(run_id, "KILLED")

    def archive(self, run_id: RunId) -> None:
        with self._translated() as client:
            client.delete_run(run_id)

    def restore(self, run_id: RunId) -> None:
        with self._translated() as client:
            client.restore_run(run_id)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[Any]:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient

        place = masked(self._uri)
        try:
            with translated(place):
                self._client = self._client or MlflowClient(tracking_uri=self._uri)
                yield self._client
        except MlflowException as error:
            text = masked(str(error).splitlines()[0][:300])
            kind = AccessDenied if error.error_code in _DENIED or "readonly" in text else SourceError
            raise kind(f"{place} refused the change: {text}") from None
        except PermissionError:
            raise AccessDenied(f"{place} may be read and not written by you. Check the permissions.") from None


if TYPE_CHECKING:
    _: RunWriter = ClientWriter("")
