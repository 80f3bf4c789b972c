"""What the user named: a tracking URI, or the folder TensorBoard was started in. Parsed before anything is opened."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tb_aml_plugin import azure_target
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import TargetError

_SQL_DIALECTS = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql")
_MASKED_NAME = r"(?:sig|odbc_connect|[\w.-]*(?:token|password|passwd|pwd|secret|accountkey|api_?key))"
_NO_SECRET_YET = rf"(?!(?i:[?&]{_MASKED_NAME}=))"
_FORMS = (
    "sqlite:///mlflow.db, postgresql://user@host/db, http://host:5000, azureml://…, a URL of Azure ML studio "
    "or a folder such as ./mlruns"
)

_ESCAPE = "In a password write / ? # @ as %2F %3F %23 %40."


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


Target = SqlTarget | RestTarget | FileTarget | AzureTarget


def parse(uri: str) -> Target:
    """The target that `uri` names. Looks at the text alone, and whether a path is a file's.

    Raises:
      TargetError: the text names no place we know how to read.
    """
    uri = uri.strip()
    if not uri:
        raise TargetError(f"The tracking URI is empty. Give one such as {_FORMS}.")
    scheme = _scheme(uri)
    if scheme is None or re.match(r"^[A-Za-z]:[\\/]", uri):
        return _place_of(_path_of_text(uri))
    if scheme == "file":
        return FileTarget(_path_of_file_uri(uri))
    if scheme in ("http", "https"):
        return azure_target.parse_http(uri) or _parse_http(uri)
    if scheme.split("+")[0] in _SQL_DIALECTS:
        return _parse_sql(uri, scheme)
    if scheme == "azureml":
        return azure_target.parse_uri(uri)
    raise TargetError(f"Unknown scheme {scheme!r} in the tracking URI {_masked_url(uri)!r}. Known forms: {_FORMS}.")


def masked(text: str) -> str:
    """`text` with the password of every URL in it, and every password or signature in a query, replaced by ``***``.

    A password may hold anything, "/", "#", "@" and, where `text` is a URL and nothing else, spaces: people paste them
    unescaped, and SQLAlchemy takes them. So all from the first ":" to the last "@" is taken for one; rather too much is
    masked than too little.
    """
    if re.match(r"\s*\w[\w+.-]*:(//|\S*$)", text):
        return _masked_url(text)
    text = re.sub(rf"(\w[\w+.-]*://(?:{_NO_SECRET_YET}[^\s:])*:)\S*@", r"\1***@", text)
    return re.sub(rf"(?i)((?:^|[?&;,\s]){_MASKED_NAME}=)[^&\s'\"]+", r"\1***", text)


def _masked_url(url: str) -> str:
    """The same for a text that is one URL, or would be one if it were written well."""
    url = re.sub(rf"(?s)^(\s*[^:]*:(?:(?!//)|//(?:{_NO_SECRET_YET}[^:])*:)).*@", r"\1***@", url)
    return re.sub(rf"(?i)([?&;]{_MASKED_NAME}=)[^&]+", r"\1***", url)


def find_default(cwd: Path, environ: Mapping[str, str]) -> Target:
    """The place to read when none was named.

    In this order: ``$MLFLOW_TRACKING_URI``, an Azure ML ``config.json`` (where the SDK looks for it, see
    `azure_target.find_config`), ``./mlflow.db``, ``./mlruns``.

    Raises:
      TargetError: none of them is there.
    """
    uri = environ.get("MLFLOW_TRACKING_URI", "").strip()
    if uri:
        return parse(uri)
    config = azure_target.find_config(cwd)
    if config is not None:
        return azure_target.read_config(config)
    if (cwd / "mlflow.db").is_file():
        return SqlTarget("sqlite:///" + str(cwd / "mlflow.db"))
    if (cwd / "mlruns").is_dir():
        return FileTarget(cwd / "mlruns")
    raise TargetError(
        f"No tracking store found. Give --aml_tracking_uri (such as {_FORMS}), or set MLFLOW_TRACKING_URI. "
        f"Looked for an Azure ML config.json, mlflow.db and mlruns in {cwd}."
    )


def _scheme(uri: str) -> str | None:
    match = re.match(r"^([A-Za-z][A-Za-z0-9+.-]*):", uri)
    return match.group(1).lower() if match else None


def expanded(path: str) -> Path:
    """`path` with the home folder for "~", which no shell puts in where it follows a "="; as it is for no one's home."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - pathlib raises for a user who is not there


def _path_of_text(text: str) -> Path:
    try:
        return expanded(text)
    except ValueError:  # a NUL behind "~"
        raise TargetError(f"{text!r} is no path. Give a tracking URI such as {_FORMS}.") from None


def _place_of(path: Path) -> SqlTarget | FileTarget:
    """A file can only be meant as an SQLite database; what is not there is meant as MLflow means a path."""
    return SqlTarget(f"sqlite:///{path.absolute()}") if os.path.isfile(path) else FileTarget(path)  # noqa: PTH113 - it takes any text


def _path_of_file_uri(uri: str) -> Path:
    parts = _split(uri)
    if parts.netloc not in ("", "localhost"):
        raise TargetError(f"{_masked_url(uri)!r} names a host. Write file:///absolute/path or a plain path.")
    path = urllib.parse.unquote(parts.path)
    if not path:
        raise TargetError(f"{_masked_url(uri)!r} has no path. Write file:///absolute/path or a plain path.")
    return Path(path.lstrip("/") if re.match(r"^/[A-Za-z]:", path) else path)


def _split(uri: str) -> urllib.parse.SplitResult:
    try:
        return urllib.parse.urlsplit(uri)
    except ValueError:  # its text repeats what may be a password
        raise TargetError(f"The tracking URI {_masked_url(uri)!r} is malformed. Known forms: {_FORMS}.") from None


def _parse_http(uri: str) -> RestTarget:
    parts = _split(uri)
    try:
        parts.port  # noqa: B018 - reading it is what checks the port
    except ValueError:
        raise TargetError(
            f"The tracking URI {_masked_url(uri)!r} has no valid port. Write http://host:5000. {_ESCAPE}"
        ) from None
    if not parts.hostname:
        raise TargetError(f"The tracking URI {_masked_url(uri)!r} has no host. Write http://host:5000.")
    if ":" in parts.netloc and "@" in parts.path + parts.query + parts.fragment:
        raise TargetError(
            f"It is unclear where the host in {_masked_url(uri)!r} begins: it has an @ too many. {_ESCAPE}"
        )
    return RestTarget(urllib.parse.urlunsplit(parts._replace(query="", fragment="")).rstrip("/"))


def _parse_sql(uri: str, scheme: str) -> SqlTarget:
    if not uri[len(scheme) :].startswith("://"):
        raise TargetError(f"The tracking URI {_masked_url(uri)!r} is malformed: write {scheme}://, then the database.")
    if scheme == "postgres":  # MLflow and SQLAlchemy want the long name; everyone types the short one
        uri = "postgresql" + uri[len(scheme) :]
    if scheme.startswith("sqlite") and not uri[len(scheme) + 3 :].lstrip("/"):
        raise TargetError("The tracking URI sqlite:// names no file. Write sqlite:///mlflow.db.")
    return SqlTarget(uri)
