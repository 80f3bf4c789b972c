"""Where runs come from. A new place is a module here and a line in `connect`."""

from __future__ import annotations

from collections.abc import Mapping

from tb_aml_plugin.sources.base import RunSource
from tb_aml_plugin.target import FileTarget, RestTarget, SqlTarget, Target


def connect(target: Target, environ: Mapping[str, str]) -> RunSource:
    """The source that reads `target`. What it needs is imported now, and only that.

    Raises:
      TargetError: the packages that such a place takes are not installed.
      SourceError: see the source.
    """
    if isinstance(target, SqlTarget):
        from tb_aml_plugin.sources.sql import SqlSource

        return SqlSource(target)
    if isinstance(target, RestTarget):
        from tb_aml_plugin.sources.mlflow_http import tracking_server
        from tb_aml_plugin.sources.mlflow_rest import MlflowRestSource

        return MlflowRestSource(tracking_server(target, environ))
    if isinstance(target, FileTarget):
        from tb_aml_plugin.sources.file_store import FileStoreSource

        return FileStoreSource(target)
    from tb_aml_plugin.sources.azureml.source import AzureSource

    return AzureSource(target, environ)
