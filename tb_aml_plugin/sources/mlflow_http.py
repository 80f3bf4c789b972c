"""HTTP to an MLflow tracking server, with the credentials that MLflow's own client would take."""

from __future__ import annotations

import configparser
import contextlib
import urllib.parse
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests

from tb_aml_plugin.sources.wire import READ_TIMEOUT_S, Dialect, Wire
from tb_aml_plugin.target import RestTarget, masked

MLFLOW = Dialect(
    kind="an MLflow tracking server",
    credentials=lambda status: (
        "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, and start again."
    ),
    address="Check the address: it is the one that MLflow's page opens at, such as http://host:5000.",
    certificate="Set MLFLOW_TRACKING_SERVER_CERT_PATH to the CA's file.",
    unreachable="Is the server running?",
    problem=lambda body: (str(body["error_code"]), str(body.get("message", ""))) if "error_code" in body else None,
)


class Http:
    """MLflow's REST API at one address of a `Wire`. Paths are below that address."""

    def __init__(self, wire: Wire, url: str) -> None:
        self._wire = wire
        self._url = url
        self.location = wire.location

    @property
    def identity(self) -> str:
        """The user that the server takes us for; "" where a token or nothing says it."""
        auth = self._wire.session.auth
        in_url = urllib.parse.urlsplit(self._url).username or ""
        return str(auth[0]) if isinstance(auth, tuple) else urllib.parse.unquote(in_url)

    def get(self, path: str, params: Any) -> dict[str, Any]:
        """The JSON object at `path`; `params` as `requests` takes them. Raises as `Wire.json` does."""
        return self._wire.json("GET", f"{self._url}/{path}", params=params)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The JSON object that posting `body` gives; raises as `get` does."""
        return self._wire.json("POST", f"{self._url}/{path}", json=body)

    def get_range(self, path: str, params: Any, start: int, length: int | None) -> bytes:
        """The bytes at `path` from `start` on, at most `length`, as `Wire.read` has them."""
        return self._wire.read(f"{self._url}/{path}", start, length, params=params)

    def understood(self) -> AbstractContextManager[None]:
        """Within it, JSON that is not made as MLflow makes it ends in `NotATrackingStore`."""
        return self._wire.understood()

    def close(self) -> None:
        """Ends waiting and lets go of the connections. Harmless when called twice."""
        self._wire.close()


def tracking_server(target: RestTarget, environ: Mapping[str, str]) -> Http:
    """A tracking server, with credentials from `environ`.

    They are ``MLFLOW_TRACKING_USERNAME`` and ``_PASSWORD`` (or ``~/.mlflow/credentials``), ``_TOKEN``,
    ``_INSECURE_TLS``, ``_SERVER_CERT_PATH``, ``_CLIENT_CERT_PATH``; a user and password in the URL go before them.
    """
    wire = Wire(masked(target.url), MLFLOW, read_timeout_s=read_timeout_s(environ))
    wire.session.cert = environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH") or None
    wire.verify = _verify(environ)
    _authenticate(wire.session, target.url, environ)
    return Http(wire, target.url)


def read_timeout_s(environ: Mapping[str, str]) -> float:
    """How long an answer is waited for: ``MLFLOW_HTTP_REQUEST_TIMEOUT`` where it says a time, as for MLflow's client."""
    with contextlib.suppress(ValueError):
        found = float(environ.get("MLFLOW_HTTP_REQUEST_TIMEOUT", ""))
        return found if 0 < found < float("inf") else READ_TIMEOUT_S
    return READ_TIMEOUT_S


def _authenticate(session: requests.Session, url: str, environ: Mapping[str, str]) -> None:
    if "@" in url.split("/")[2]:
        return  # `requests` takes them from the URL
    user, password = _saved_credentials(environ)
    user = environ.get("MLFLOW_TRACKING_USERNAME") or user
    password = environ.get("MLFLOW_TRACKING_PASSWORD") or password
    token = environ.get("MLFLOW_TRACKING_TOKEN")
    if user and password:
        session.auth = (user, password)
    elif token:
        session.auth = _Bearer(token)


class _Bearer(requests.auth.AuthBase):
    """Sets the header itself, since `requests` lets ``~/.netrc`` replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _saved_credentials(environ: Mapping[str, str]) -> tuple[str, str]:
    """User and password of ``~/.mlflow/credentials``, where MLflow's client looks; "" if they are not there."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    parser = configparser.ConfigParser(interpolation=None)
    with contextlib.suppress(OSError, configparser.Error, UnicodeDecodeError):
        parser.read(Path(home, ".mlflow", "credentials") if home else [], encoding="utf-8")
    user, password = (parser.get("mlflow", f"mlflow_tracking_{name}", fallback="") for name in ("username", "password"))
    return user, password


def _verify(environ: Mapping[str, str]) -> bool | str | None:
    """What a request is told of certificates; None leaves it to ``REQUESTS_CA_BUNDLE`` and the system."""
    if environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("1", "true"):
        return False
    return environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None
