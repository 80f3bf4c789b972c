"""The plugin as TensorBoard sees it: a tab, its page and its addresses."""

from __future__ import annotations

from typing import Any

from tensorboard.plugins import base_plugin

from tb_aml_plugin.provider import RunHistoryDataProvider
from tb_aml_plugin.tab.routes import Routes

PLUGIN_NAME = "azureml"


class AzureMLPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The tab "Azure ML"."""

    plugin_name = PLUGIN_NAME

    def __init__(self, history: RunHistoryDataProvider) -> None:
        self._routes = Routes(history.board, history.cache, history.visibility)

    def get_plugin_apps(self) -> dict[str, Any]:
        return self._routes.apps()

    def is_active(self) -> bool:
        """Always: a place that does not answer is told in the tab."""
        return True

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Azure ML")


def load(context: base_plugin.TBContext) -> AzureMLPlugin | None:
    """The plugin of the run history that `context` shows; None when it shows none of ours."""
    for provider in getattr(context.data_provider, "providers", ()):
        if isinstance(provider, RunHistoryDataProvider):
            return AzureMLPlugin(provider)
    return None
