"""One copied file of a native log: how far it is sound, and why it is not shown, or not whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tb_aml_plugin.native import tf_records

_DAMAGE_BYTES = 32


@dataclass(slots=True)
class CopiedFile:
    """What is known of a copy besides its content."""

    sound_to: int = 0  # bytes known to hold whole records
    damage: bytes = b""  # the first bytes of what follows, where that is damaged
    reason: str = ""  # why it is not shown, or not whole

    def cut_off(self, local: Path, breathe: Callable[[float], None]) -> int:
        """Ends the event file at `local` where it is damaged, and says so; how many bytes that were."""
        with local.open("r+b") as opened:
            if self.damage or self.sound_to == opened.seek(0, os.SEEK_END):
                return 0
            self.sound_to, is_damaged = tf_records.sound_to(opened, self.sound_to, breathe)
            if not is_damaged:
                return 0
            self.reason = f"Its record at byte {self.sound_to} is damaged. What comes before is shown."
            nbytes = opened.seek(0, os.SEEK_END) - self.sound_to
            opened.seek(self.sound_to)
            self.damage = opened.read(_DAMAGE_BYTES)
            opened.truncate(self.sound_to)
            return nbytes


def tail(path: Path, length: int) -> bytes:
    """The last `length` bytes of a file that has so many."""
    if not length:
        return b""
    with path.open("rb") as file:
        file.seek(-length, os.SEEK_END)
        return file.read(length)
