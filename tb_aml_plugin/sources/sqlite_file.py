"""An SQLite file, opened for reading only; a file that takes its place is noticed."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from tb_aml_plugin.target import expanded

_BUSY_TIMEOUT_S = 5


def path_of(url: sa.URL) -> Path | None:
    """The file that `url` names; None for other databases, and where the URL says itself how SQLite is to open it."""
    if url.get_backend_name() != "sqlite" or not url.database or url.query.get("uri"):
        return None
    return expanded(url.database).absolute()


def engine(path: Path) -> sa.Engine:
    """Connections to the file that stands at `path` now: those to one that stood there before are let go.

    Connecting raises OSError where there is no file.
    """
    made = sa.create_engine("sqlite://", creator=lambda: _open(path), poolclass=sa.pool.QueuePool)

    @sa.event.listens_for(made, "checkout")
    def check(connection: object, record: sa.pool.ConnectionPoolEntry, proxy: object) -> None:
        if record.info.setdefault("file", number(path)) != number(path):
            raise sa.exc.DisconnectionError  # SQLAlchemy connects anew

    return made


def number(path: Path) -> int:
    """Tells the file at `path` from any other that is open; OSError where there is none."""
    return path.stat().st_ino


def _open(path: Path) -> sqlite3.Connection:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    number(path)  # SQLite's own words for a file that is absent are those for one that may not be read
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
