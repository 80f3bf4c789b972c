"""TensorBoard's way in: the entry point. Only the standard library and `base_plugin` are imported with it."""

from __future__ import annotations

import argparse
from typing import Any

from tensorboard.plugins import base_plugin

from tb_aml_plugin import flags as aml_flags

PLUGIN_NAME = "azureml"


class AzureMLLoader(base_plugin.TBLoader):  # type: ignore[misc]
    """Defines the flags and, where one of them is given, brings the run history in. Inert otherwise."""

    def define_flags(self, parser: argparse.ArgumentParser) -> None:
        aml_flags.define(parser)

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """
        Raises:
          FlagsError: what was typed cannot work; the text says why and what to do.
        """
        if not aml_flags.are_given(flags) or flags.version_tb or flags.inspect:
            return
        from tb_aml_plugin import wiring
        from tb_aml_plugin.errors import AmlError

        try:
            wiring.install(flags)
        except AmlError as error:
            raise base_plugin.FlagsError(str(error)) from None
        finally:
            aml_flags.hide_secrets(flags)

    def load(self, context: Any) -> AzureMLPlugin | None:
        return AzureMLPlugin(context) if context.flags and aml_flags.are_given(context.flags) else None


class AzureMLPlugin(base_plugin.TBPlugin):  # type: ignore[misc]
    """The plugin itself. It has no page yet: the runs appear in TensorBoard's own dashboards."""

    plugin_name = PLUGIN_NAME

    def get_plugin_apps(self) -> dict[str, Any]:
        return {}

    def is_active(self) -> bool:
        return False
