"""A file among artifacts as Python's own file objects, for libraries that jump about in one."""

from __future__ import annotations

import io
from typing import Any

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File


class RangedFile(io.RawIOBase):
    """Reads what is asked for, and no more."""

    def __init__(self, file: File) -> None:
        """
        Raises:
          CannotShow: the place does not say how large `file` is.
        """
        super().__init__()
        if file.artifact.size_bytes is None:
            raise CannotShow("Its store does not say how large it is.")
        self._file = file
        self._size = file.artifact.size_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        content = self._file.read(self._position, len(buffer))
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
