"""TensorBoard's way in: the entry point. Only the standard library and `base_plugin` are imported with it."""

from __future__ import annotations

import argparse
import contextlib
import gc
from collections.abc import Iterator

from tensorboard.plugins import base_plugin

from tb_aml_plugin import flags as aml_flags


class AzureMLLoader(base_plugin.TBLoader):
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
        try:
            with _collector_at_rest():
                _install(flags)
        finally:
            aml_flags.hide_secrets(flags)

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin | None:
        """The tab; nothing at all where no ``--aml_*`` flag was given."""
        if not context.flags or not aml_flags.are_given(context.flags):
            return None
        with _collector_at_rest():
            from tb_aml_plugin.tab import plugin

            return plugin.load(context)


def _install(flags: argparse.Namespace) -> None:
    from tb_aml_plugin import wiring
    from tb_aml_plugin.errors import AmlError

    try:
        wiring.install(flags)
    except AmlError as error:
        raise base_plugin.FlagsError(str(error)) from None


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Imports leave no garbage, but make Python's collector walk all that TensorBoard has loaded: a tenth of their time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
