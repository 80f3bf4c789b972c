"""What the user named: a tracking URI, or the folder TensorBoard was started in. Parsed before anything is opened."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tb_aml_plugin.errors import TargetError

_SQL_DIALECTS = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql")
_FORMS = "sqlite:///mlflow.db, postgresql://user@host/db, http://host:5000 or a folder such as ./mlruns"


@dataclass(frozen=True, slots=True)
class SqlTarget:
    """A database that MLflow writes to. `url` is for SQLAlchemy and may hold a password: never show it."""

    url: str

    def __repr__(self) -> str:
        return f"SqlTarget({masked(self.url)!r})"


@dataclass(frozen=True, slots=True)
class RestTarget:
    """An MLflow tracking server. `url` has no trailing slash and may hold a password: never show it."""

    url: str

    def __repr__(self) -> str:
        return f"RestTarget({masked(self.url)!r})"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """A folder that MLflow's file store writes to."""

    path: Path


@dataclass(frozen=True, slots=True)
class AzureTarget:
    """An Azure ML workspace: a URI, or the config.json that names it."""

    uri: str


Target = SqlTarget | RestTarget | FileTarget | AzureTarget


def parse(uri: str) -> Target:
    """The target that `uri` names. Looks at the text alone.

    Raises:
      TargetError: the text names no place we know how to read.
    """
    uri = uri.strip()
    if not uri:
        raise TargetError(f"The tracking URI is empty. Give one such as {_FORMS}.")
    scheme = _scheme(uri)
    if scheme is None or re.match(r"^[A-Za-z]:[\\/]", uri):
        return FileTarget(Path(os.path.expanduser(uri)))  # noqa: PTH111 - pathlib raises for a user who is not there
    if scheme == "file":
        return FileTarget(_path_of_file_uri(uri))
    if scheme in ("http", "https"):
        return _parse_http(uri)
    if scheme.split("+")[0] in _SQL_DIALECTS:
        return _parse_sql(uri, scheme)
    if scheme == "azureml":
        return AzureTarget(uri)
    raise TargetError(f"Unknown scheme {scheme!r} in the tracking URI {masked(uri)!r}. Known forms: {_FORMS}.")


def masked(text: str) -> str:
    """`text` with the password of every URL in it, and every signature in a query, replaced by ``***``."""
    text = re.sub(r"(\w[\w+.-]*://)([^/?#\s]*)@", _mask_userinfo, text)
    return re.sub(r"(?i)([?&](?:sig|token|password|passwd|pwd|secret|sslpassword)=)[^&#\s'\"]+", r"\1***", text)


def find_default(cwd: Path, environ: Mapping[str, str]) -> Target:
    """The place to read when none was named.

    In this order: ``$MLFLOW_TRACKING_URI``, an Azure ML ``config.json`` (where the SDK looks for it: the
    folder and its parents, each with ``.azureml/``), ``./mlflow.db``, ``./mlruns``.

    Raises:
      TargetError: none of them is there.
    """
    uri = environ.get("MLFLOW_TRACKING_URI", "").strip()
    if uri:
        return parse(uri)
    config = find_workspace_config(cwd)
    if config is not None:
        return AzureTarget(str(config))
    if (cwd / "mlflow.db").is_file():
        return SqlTarget("sqlite:///" + str(cwd / "mlflow.db"))
    if (cwd / "mlruns").is_dir():
        return FileTarget(cwd / "mlruns")
    raise TargetError(
        f"No tracking store found. Give --aml_tracking_uri (such as {_FORMS}), or set MLFLOW_TRACKING_URI. "
        f"Looked for an Azure ML config.json, mlflow.db and mlruns in {cwd}."
    )


def find_workspace_config(cwd: Path) -> Path | None:
    """The Azure ML ``config.json`` that the SDK would take from `cwd`, or None.

    Other programs also write files of that name: only one that names a workspace counts.
    """
    for folder in (cwd, *cwd.parents):
        for relative in (".azureml/config.json", "aml_config/config.json", "config.json"):
            path = folder / relative
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and {"subscription_id", "resource_group", "workspace_name"} <= found.keys():
                return path
    return None


def _scheme(uri: str) -> str | None:
    match = re.match(r"^([A-Za-z][A-Za-z0-9+.-]*):", uri)
    return match.group(1).lower() if match else None


def _mask_userinfo(match: re.Match[str]) -> str:
    user, colon, _ = match.group(2).partition(":")
    return match.group(1) + user + (":***" if colon else "") + "@"


def _path_of_file_uri(uri: str) -> Path:
    parts = urllib.parse.urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise TargetError(f"{uri!r} names a host. Write file:///absolute/path or a plain path.")
    path = urllib.parse.unquote(parts.path)
    if not path:
        raise TargetError(f"{uri!r} has no path. Write file:///absolute/path or a plain path.")
    return Path(path.lstrip("/") if re.match(r"^/[A-Za-z]:", path) else path)


def _parse_http(uri: str) -> RestTarget:
    try:
        parts = urllib.parse.urlsplit(uri)
        parts.port  # noqa: B018 - reading it is what checks the port
    except ValueError as error:
        raise TargetError(f"The tracking URI {masked(uri)!r} is malformed: {error}.") from None
    if not parts.hostname:
        raise TargetError(f"The tracking URI {masked(uri)!r} has no host. Write http://host:5000.")
    return RestTarget(urllib.parse.urlunsplit(parts._replace(query="", fragment="")).rstrip("/"))


def _parse_sql(uri: str, scheme: str) -> SqlTarget:
    if not uri[len(scheme) :].startswith("://"):
        raise TargetError(f"The tracking URI {masked(uri)!r} is malformed: write {scheme}://, then the database.")
    if scheme == "postgres":  # MLflow and SQLAlchemy want the long name; everyone types the short one
        uri = "postgresql" + uri[len(scheme) :]
    if scheme.startswith("sqlite") and not uri[len(scheme) + 3 :].lstrip("/"):
        raise TargetError("The tracking URI sqlite:// names no file. Write sqlite:///mlflow.db.")
    return SqlTarget(uri)
