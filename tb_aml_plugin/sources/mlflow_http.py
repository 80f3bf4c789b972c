"""HTTP to an MLflow tracking server: credentials, waiting, and the seam between `requests` and our error tree."""

from __future__ import annotations

import configparser
import contextlib
import http.cookiejar
import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tb_aml_plugin import __version__
from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceError, SourceUnavailable
from tb_aml_plugin.target import RestTarget, masked

MAX_IN_FLIGHT = 16
"""Requests under way at once, over all threads."""

_CONNECT_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 30.0
_PATIENCE_S = 20.0
"""How long one call goes on trying while the server says "later"."""
_BUSY = frozenset((429, 502, 503, 504))

_PARTIAL, _BEYOND_THE_END = 206, 416
_CHUNK_BYTES = 2**18

_CREDENTIALS = "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, and start again."


class Refused(SourceError):
    """The server understood the request and refused it as wrong.

    Attributes:
      status: 400 or 404.
      code: MLflow's error code, such as ``RESOURCE_DOES_NOT_EXIST``; "" if it gave none.
    """

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Http:
    """Requests to one tracking server, with the credentials that MLflow's own client would take.

    From `environ`: ``MLFLOW_TRACKING_USERNAME`` and ``_PASSWORD`` (or ``~/.mlflow/credentials``), ``_TOKEN``,
    ``_INSECURE_TLS``, ``_SERVER_CERT_PATH``, ``_CLIENT_CERT_PATH``; a user and password in the URL go before them.

    **Threads.** Any number; at most `MAX_IN_FLIGHT` requests are under way, the others wait.
    """

    def __init__(self, target: RestTarget, environ: Mapping[str, str]) -> None:
        self.location = masked(target.url)
        self._url = target.url
        self._closed = threading.Event()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"tb-aml-plugin/{__version__}"
        # A session's cookies are its one part that threads would share and change.
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=MAX_IN_FLIGHT, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._session.cert = environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH") or None
        self._verify = _verify(environ)
        _authenticate(self._session, target.url, environ)

    def get(self, path: str, params: Any) -> dict[str, Any]:
        """The JSON object at `path`, below the server's address; `params` as `requests` takes them.

        Raises:
          Refused: the server says that what was asked for is wrong or is not there.
          SourceError: it does not answer in time, not as a tracking server does, or not to us.
        """
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The JSON object that posting `body` gives; raises as `get` does."""
        return self._ask("POST", path, json=body)

    def get_range(self, path: str, params: Any, start: int, length: int | None) -> bytes:
        """The bytes at `path` from `start` on, at most `length`; none beyond the end. Raises as `get` does.

        A server that knows no ranges is read up to the end of the range, and no further.
        """
        end = "" if length is None else str(start + length - 1)
        wanted = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-{end}"} if start or end else {})
        if length == 0:
            return b""
        response = self._answer("GET", path, params=params, headers=wanted, stream=True)
        with response, self._translated():
            if response.status_code == _BEYOND_THE_END:
                return b""
            if response.status_code >= 300:
                self._checked(response)
            skipped = 0 if response.status_code == _PARTIAL else start
            return _cut(response.iter_content(_CHUNK_BYTES), skipped, length)

    def close(self) -> None:
        """Ends waiting and lets go of the connections. Harmless when called twice."""
        self._closed.set()
        self._session.close()

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return self._checked(self._answer(method, path, **request))

    def _answer(self, method: str, path: str, **request: Any) -> requests.Response:
        """The answer, whatever it says, once the server is not busy."""
        request |= {"timeout": (_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S), "verify": self._verify}
        give_up_s = time.monotonic() + _PATIENCE_S
        for attempt in itertools.count():
            with self._translated():
                response = self._session.request(method, f"{self._url}/{path}", **request)
            if response.status_code not in _BUSY:
                return response
            response.close()
            wait_s = _wait_s(response, attempt)
            if time.monotonic() + wait_s > give_up_s or self._closed.wait(wait_s):
                break
        raise SourceUnavailable(f"{self.location} asks to come back later (HTTP {response.status_code}). Trying again.")

    def _checked(self, response: requests.Response) -> dict[str, Any]:
        status = response.status_code
        if status in (401, 403):
            raise AccessDenied(f"{self.location} refuses the credentials (HTTP {status}). {_CREDENTIALS}")
        try:
            body = response.json()
        except ValueError:
            body = None
        if status >= 500:
            raise SourceUnavailable(f"{self.location} failed: {_message(body) or f'HTTP {status}'}. Trying again.")
        if not isinstance(body, dict) or (status == 404 and "error_code" not in body):
            kind = response.headers.get("Content-Type", "nothing that says its type").partition(";")[0]
            raise NotATrackingStore(
                f"{self.location} answered, but not as an MLflow tracking server (HTTP {status}, {kind}). "
                "Check the address: it is the one that MLflow's page opens at."
            )
        if status >= 400:
            text = _message(body) or f"HTTP {status}"
            raise Refused(f"{self.location} refused the request: {text}", status, str(body.get("error_code", "")))
        return body

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except requests.exceptions.SSLError:
            raise AccessDenied(
                f"{self.location} has a certificate that is not trusted. "
                "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the CA's file."
            ) from None
        except requests.exceptions.Timeout:
            raise SourceUnavailable(f"{self.location} did not answer in time. Trying again.") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise NotATrackingStore(
                f"{self.location} is no address that can be asked. Write http://host:5000."
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            reason = _reason(error)
            raise SourceUnavailable(
                f"{self.location} does not answer: {reason}. Is the server running? Trying again."
            ) from None


def _authenticate(session: requests.Session, url: str, environ: Mapping[str, str]) -> None:
    session.trust_env = True  # proxies, and the CA bundle where none is named below
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


def _wait_s(response: requests.Response, attempt: int) -> float:
    """Seconds to wait before asking again: as the server says, else twice as long each time."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdigit():
        return float(asked)
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    return float(min(0.25 * 2**attempt, 5.0))


def _cut(chunks: Iterator[bytes], skipped: int, length: int | None) -> bytes:
    """At most `length` bytes of `chunks` behind the first `skipped`; what lies beyond is not waited for."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk[skipped:]
        skipped = max(0, skipped - len(chunk))
        if length is not None and len(kept) >= length:
            return bytes(kept[:length])
    return bytes(kept)


def _message(body: object) -> str:
    text = str(body.get("message", "")) if isinstance(body, dict) else ""
    return masked(text.strip().splitlines()[0][:300].rstrip(". ")) if text.strip() else ""


def _reason(error: BaseException) -> str:
    """The innermost cause in words; the outer ones repeat the address, which may hold a password."""
    text = str(error)
    for known in ("Connection refused", "Name or service not known", "Temporary failure in name resolution"):
        if known in text:
            return known.lower()
    return "the connection broke"
