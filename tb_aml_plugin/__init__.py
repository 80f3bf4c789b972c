"""Azure ML for TensorBoard: the runs of an MLflow or Azure ML experiment in TensorBoard's own dashboards.

Everything is imported when it is first used: TensorBoard imports this package at every start, wanted or not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tb_aml_plugin.export import export_to_tensorboard
    from tb_aml_plugin.launch.launcher import Tensorboard
    from tb_aml_plugin.reading import open  # noqa: A004

__version__ = "0.1.0"

__all__ = ["Tensorboard", "export_to_tensorboard", "open"]

_ROOMS = {"Tensorboard": "launch.launcher", "export_to_tensorboard": "export", "open": "reading"}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
