"""Texts compared with their case, which not every database does by itself.

SQLite and PostgreSQL compare texts byte by byte, SQLite's LIKE excepted; MySQL and SQL Server by a collation that
takes "a" for "A".
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_SQL_SERVER_COLLATION = "Latin1_General_100_BIN2"


class _Cased(FunctionElement[str]):
    """A text column, for comparing with its case."""

    type = sa.String()
    inherit_cache = True


class _Like(FunctionElement[bool]):
    """A column, a LIKE pattern and a GLOB pattern that says the same.

    Its type is left open: as a Boolean, SQLAlchemy would append ``= 1`` to it on SQL Server.
    """

    inherit_cache = True


def cased(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """`column`, so that ``==``, ``!=`` and ``in_`` heed the case of letters."""
    return _Cased(column)


def is_like(column: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    """Whether the text of `column` is as the LIKE `pattern` says, heeding the case of letters."""
    return _Like(column, sa.literal(closed(pattern), sa.String()), sa.literal(_glob(pattern), sa.String()))


def closed(pattern: str) -> str:
    """`pattern` without a lone backslash at its end, which PostgreSQL would refuse as an unfinished escape."""
    backslashes = len(pattern) - len(pattern.rstrip("\\"))
    return pattern + "\\" * (backslashes % 2)


def _glob(pattern: str) -> str:
    special = {"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"}
    return "".join(special.get(character, character) for character in pattern)


@compiles(_Cased)
def _cased(element: _Cased, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Cased, "mysql", "mariadb")
def _cased_mysql(element: _Cased, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BINARY)"


@compiles(_Cased, "mssql")
def _cased_mssql(element: _Cased, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} COLLATE {_SQL_SERVER_COLLATION}"


@compiles(_Like)
def _like(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    column, like, _ = element.clauses
    return f"{compiler.process(cased(column), **options)} LIKE {compiler.process(like, **options)}"


@compiles(_Like, "sqlite")
def _like_sqlite(element: _Like, compiler: SQLCompiler, **options: Any) -> str:
    column, _, glob = element.clauses
    return f"{compiler.process(column, **options)} GLOB {compiler.process(glob, **options)}"
