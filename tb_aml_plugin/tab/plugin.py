"""The plugin as TensorBoard sees it: a tab, its page and its addresses."""

from __future__ import annotations

from typing import Any

from tensorboard.plugins import base_plugin

from tb_aml_plugin.provider import RunHistoryDataProvider
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.later import Application, Later

PLUGIN_NAME = "azureml"


class AzureMLPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The tab "Azure ML"."""

    plugin_name = PLUGIN_NAME

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get_plugin_apps(self) -> dict[str, Any]:
        page = Later(self._apps, f"/{PLUGIN_NAME}")
        return {"/index.js": page, "/assets/*": page, "/api/*": page}

    def _apps(self) -> dict[str, Application]:
        from tb_aml_plugin.tab import routes

        return routes.apps(self._desk)

    def is_active(self) -> bool:
        """Always: a place that does not answer is told in the tab."""
        return True

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Azure ML")


def load(context: base_plugin.TBContext) -> AzureMLPlugin | None:
    """The plugin of the run history that `context` shows; None when it shows none of ours."""
    for provider in getattr(context.data_provider, "providers", ()):
        if isinstance(provider, RunHistoryDataProvider) and isinstance(provider.desk, Desk):
            return AzureMLPlugin(provider.desk)
    return None
