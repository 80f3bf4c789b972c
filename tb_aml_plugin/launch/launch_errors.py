"""Why a ``tensorboard`` did not start, from what it wrote; with the cure. Pure."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from tb_aml_plugin.errors import AmlError, LaunchFailed, SettingsError
from tb_aml_plugin.target import masked

_LINES_SHOWN = 40
_TAKEN = re.compile(r"could not bind to port \d+, it was already in use|Port \d+ is in use by another program")

_CURES = (
    (
        re.compile(r"No module named '?tensorboard'?"),
        "TensorBoard is not installed for this interpreter: {python} -m pip install tensorboard",
    ),
    (
        re.compile(r"VersionConflict|DistributionNotFound|ContextualVersionConflict|ImportError|ModuleNotFoundError"),
        "A package that TensorBoard needs is missing or of the wrong version: {python} -m pip check names it.",
    ),
    (re.compile(r"superuser|Permission denied"), "Give a port from 1024 on, such as 6006."),
    (re.compile(r"MemoryError|Cannot allocate memory"), "There is not enough memory: close other programs."),
    (re.compile(r"No space left on device"), "The disk is full: make room in the folder for temporary files."),
)
_NO_CURE = "The same happens with: {python} -m tensorboard.main --logdir . — if not, please report it."


class PortTaken(AmlError):
    """Another program was faster; the next port may be free."""


def of(exit_code: int | None, lines: Sequence[str], waited_s: float) -> AmlError:
    """The error to raise for a ``tensorboard`` that wrote `lines` and ended with `exit_code`, None if it still runs."""
    text = "\n".join(lines)
    if exit_code is not None and _TAKEN.search(text):
        return PortTaken("The port is taken.")
    if exit_code == 1 and "\nError: " in f"\n{text}":  # how TensorBoard shows a flag that cannot work
        return SettingsError(f"\n{text}".rpartition("\nError: ")[2].strip())
    happened = (
        f"ended with exit code {exit_code}" if exit_code is not None else f"did not answer within {waited_s:.0f} s"
    )
    shown = "\n".join(f"  {masked(line)}" for line in lines[-_LINES_SHOWN:]) or "  (nothing)"
    cure = next((cure for sign, cure in _CURES if sign.search(text)), _NO_CURE).format(python=sys.executable)
    return LaunchFailed(f"TensorBoard ({sys.executable}) {happened}. Its last lines:\n{shown}\n{cure}")
