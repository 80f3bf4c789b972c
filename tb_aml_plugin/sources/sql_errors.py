"""The seam between database drivers and our error tree."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceError, SourceUnavailable
from tb_aml_plugin.target import masked

_BY_TEXT: tuple[tuple[tuple[str, ...], type[SourceError], str], ...] = (
    (("is locked", "database table is locked", "is busy"), SourceUnavailable, "Another process holds it. Trying again."),
    (
        ("password authentication failed", "access denied", "login failed", "permission denied", "readonly database"),
        AccessDenied,
        "Check the user, the password and the rights of that user, then start again.",
    ),
    (("file is not a database", "file is encrypted"), NotATrackingStore, "It is not an SQLite file."),
    (("no such table", "no such column", "does not exist", "unknown column", "doesn't exist", "invalid object name",
      "invalid column name", "unknown database"), NotATrackingStore, ""),
    (("malformed", "is corrupt"), NotATrackingStore, "The file is damaged: put a copy of it in its place."),
)  # fmt: skip


_INSTALL = {
    "postgresql": 'For PostgreSQL: pip install "tb-aml-plugin[postgresql]".',
    "mysql": "For MySQL: pip install pymysql.",
    "mariadb": "For MariaDB: pip install pymysql.",
    "mssql": "For SQL Server: pip install pyodbc.",
}
"""By dialect, how to get a driver."""


@contextlib.contextmanager
def translated(location: str, engine: sa.Engine | None = None) -> Iterator[None]:
    """Turns what SQLAlchemy, the driver and the file system raise into `SourceError`.

    Args:
      location: the database, masked, for the text.
      engine: where given, asked for the schema's revision when a table or column is missing; what its driver raises by
        itself, as rows are fetched past SQLAlchemy, is translated too.
    """
    driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error if engine is not None else sa.exc.DBAPIError
    try:
        yield
    except FileNotFoundError:
        raise NotATrackingStore(
            f"There is no file at {location}. MLflow makes it when the first run is logged; check the path."
        ) from None
    except ImportError as error:
        cure = _INSTALL.get(location.partition(":")[0].partition("+")[0], "Install it, or name another one in the URI.")
        raise NotATrackingStore(
            f"Cannot read {location}: the database driver {error.name!r} is not installed. {cure}"
        ) from None
    except (sa.exc.DBAPIError, driver_error) as error:
        raise _translate(location, engine, str(getattr(error, "orig", error))) from None
    except sa.exc.TimeoutError:
        raise SourceUnavailable(f"{location} did not answer in time. Trying again.") from None
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise NotATrackingStore(f"{location} cannot be opened: {_first_line(str(error))}") from None
    except sa.exc.SQLAlchemyError as error:
        raise SourceUnavailable(f"{location} does not answer: {_first_line(str(error))}. Trying again.") from None
    except OSError as error:
        raise AccessDenied(f"{location} cannot be opened: {error.strerror}.") from None


def _translate(location: str, engine: sa.Engine | None, text: str) -> SourceError:
    reason, lower = _first_line(text), text.lower()
    if "unable to open database file" in lower:
        return AccessDenied(f"{location} cannot be opened. Check that you may read the file and its folder.")
    for words, error, cure in _BY_TEXT:
        if any(word in lower for word in words):
            advice = cure or (_schema_cure(engine) if error is NotATrackingStore else "")
            return error(f"{location}: {reason}. {advice}".rstrip())
    return SourceUnavailable(f"{location} does not answer: {reason}. Trying again.")


def _schema_cure(engine: sa.Engine | None) -> str:
    revision = _schema_revision(engine)
    if revision is None:
        return "It is no MLflow tracking store (MLflow's tables are not there)."
    return (
        f"Its MLflow schema (revision {revision}) lacks what is needed. "
        "MLflow 2.0 or newer writes it: run `mlflow db upgrade` on a copy, or on the store itself."
    )


def _schema_revision(engine: sa.Engine | None) -> str | None:
    """The Alembic revision of an MLflow database, or None if the database is none."""
    if engine is None:
        return None
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM experiments WHERE 1 = 0").close()
            return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    except sa.exc.SQLAlchemyError:
        return None


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return masked(lines[0].rstrip(". ")) if lines else "no reason given"
