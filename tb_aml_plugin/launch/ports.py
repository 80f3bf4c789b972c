"""Ports of this machine: which one to serve on."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from tb_aml_plugin.errors import SettingsError

TRIED = 100
END = 65536
"""The first number that is no port."""
_FIRST_FOR_EVERYONE = 1024
_HOST = "127.0.0.1"


def checked(port: object) -> int:
    """`port`, if we could serve on it were it free.

    Raises:
      SettingsError: it is no port, or one that only the administrator may serve on.
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < END:
        raise SettingsError(f"{port!r} is no port. Give a number such as 6006, or 0 for any that is free.")
    if 0 < port < _FIRST_FOR_EVERYONE and isinstance(_failure_to_bind(port), PermissionError):
        raise SettingsError(
            f"Port {port} is for the administrator. Give one from {_FIRST_FOR_EVERYONE} on, such as 6006."
        )
    return port


def candidates(first: int) -> Iterator[int]:
    """Ports worth a try: of `first` and those after it, `TRIED` in all, the ones that are free now; 0 stays 0."""
    if not first:
        yield 0
        return
    for port in range(first, min(first + TRIED, END)):
        if not _answers(port) and _failure_to_bind(port) is None:
            yield port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((_HOST, port)) == 0


def _failure_to_bind(port: int) -> OSError | None:
    with socket.socket() as probe:
        if os.name == "posix":  # or a port that was ours a moment ago looks taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            return error
    return None
