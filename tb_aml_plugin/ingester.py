"""The hook: how the run history gets into an unmodified `tensorboard` command. The only room that touches TensorBoard's inside.

TensorBoard makes its data ingester after all plugins have fixed the flags, in one of three ways; with
``--grpc_data_provider`` it calls ``server_ingester.ExistingServerDataIngester(address, channel_creds_type=…)``
(`tensorboard/program.py`, the same from 2.10 to 2.21). For that one call the name stands for a factory of ours,
which puts the original back. So the provider runs in TensorBoard's own process: doubles stay doubles, no port is
opened, and nothing goes through a proxy.
"""

from __future__ import annotations

import argparse
import copy
import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any

from tensorboard import program
from tensorboard.data import ingester, server_ingester

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.flags import PLACEHOLDER
from tb_aml_plugin.merged import MergedDataProvider

_HOOK = "ExistingServerDataIngester"
_EXPECTED = ["self", "address", "channel_creds_type"]
_hooking = threading.Lock()


class RunHistoryIngester(ingester.DataIngester):
    """Hands out the run history beside whatever TensorBoard itself would have shown.

    For ``--logdir`` and the like, TensorBoard's own ingester is made and started, in the way TensorBoard chooses:
    its fast data server where it would use it.
    """

    def __init__(
        self, flags: argparse.Namespace, run_history: Sequence[Any], start: Callable[[], None], logdir: str = ""
    ) -> None:
        """
        Args:
          flags: TensorBoard's, fixed.
          run_history: our data providers, first wins.
          start: starts filling them; called once.
          logdir: for plugins that read files by themselves, where the user gave no log directory.
        """
        self._flags = flags
        self._logdir = logdir
        self._providers = list(run_history)
        self._start = start
        self._provider: Any = None
        self._own: ingester.DataIngester | None = None  # kept: it holds the data server's life line

    @property
    def data_provider(self) -> Any:
        return self._provider

    def start(self) -> None:
        self._start()
        if _has_own_data(self._flags):
            self._own = _TensorBoardsOwn(self._flags).ingester()
            self._providers.append(self._own.data_provider)
        elif self._logdir:
            # Not before: TensorBoard must not take it for one that it is to read. Its plugins are made after this.
            self._flags.logdir = self._logdir
        self._provider = MergedDataProvider(self._providers)


_COPIES_INTERVAL_S = 1
"""How often the data server looks at copies of event files. It does not ask the place: what was copied is shown soon."""
_COPIES_SLOW_INTERVAL_S = 5
"""The same where TensorBoard's own Python reads them, at a cost, and the user wants everything read once."""


class _TensorBoardsOwn(program.TensorBoard):
    """Makes the ingester that TensorBoard would have made without us."""

    def __init__(self, flags: argparse.Namespace) -> None:
        self.flags = copy.copy(flags)
        if self.flags.grpc_data_provider == PLACEHOLDER:
            self.flags.grpc_data_provider = ""

    def ingester(self) -> ingester.DataIngester:
        return self._make_data_ingester()


class _OfCopies(_TensorBoardsOwn):
    """Makes the ingester that reads copies, which come and grow whatever ``--reload_interval`` says."""

    def _start_subprocess_data_ingester(self) -> ingester.DataIngester:
        own, self.flags = self.flags, copy.copy(self.flags)
        self.flags.reload_interval = _COPIES_INTERVAL_S
        try:
            return super()._start_subprocess_data_ingester()
        finally:
            self.flags = own


def read_event_files(flags: argparse.Namespace, logdir: str) -> ingester.DataIngester:
    """TensorBoard's own reader of event files, started on `logdir`, in the way TensorBoard chooses by its `flags`."""
    own = copy.copy(flags)
    own.logdir, own.logdir_spec, own.db, own.grpc_data_provider = logdir, "", "", ""
    own.reload_interval = flags.reload_interval or _COPIES_SLOW_INTERVAL_S
    return _OfCopies(own).ingester()


def install(make: Callable[[], ingester.DataIngester]) -> None:
    """Lets `make` provide the next data ingester that TensorBoard asks for.

    Raises:
      SettingsError: this TensorBoard is not made as expected; nothing was changed.
    """
    original = getattr(server_ingester, _HOOK, None)
    original = getattr(original, "replaces", original)  # flags fixed twice before serving: ours stands there
    if not _is_as_expected(original):
        import tensorboard.version

        raise SettingsError(
            f"TensorBoard {tensorboard.version.VERSION} is not made as --aml_* expects. "
            "Tested are TensorBoard 2.14 to 2.21: pip install 'tensorboard>=2.14,<2.22'."
        )

    def factory(*args: Any, **kwargs: Any) -> ingester.DataIngester:
        setattr(server_ingester, _HOOK, original)
        return make()

    factory.replaces = original  # type: ignore[attr-defined]
    with _hooking:
        setattr(server_ingester, _HOOK, factory)


def _is_as_expected(original: object) -> bool:
    if not inspect.isclass(original) or not hasattr(program.TensorBoard, "_make_data_ingester"):
        return False
    return list(inspect.signature(original.__init__).parameters) == _EXPECTED


def _has_own_data(flags: argparse.Namespace) -> bool:
    given = flags.grpc_data_provider if flags.grpc_data_provider != PLACEHOLDER else ""
    return bool(flags.logdir or flags.logdir_spec or flags.db or given)
