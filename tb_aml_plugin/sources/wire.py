"""HTTP that answers in JSON: taking turns, waiting, and the seam between `requests` and our error tree."""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tb_aml_plugin import __version__
from tb_aml_plugin.errors import AccessDenied, NotATrackingStore, SourceError, SourceUnavailable
from tb_aml_plugin.target import masked
from tb_aml_plugin.turns import Turns

MAX_IN_FLIGHT = 16
"""Requests under way at once, over all threads."""

_CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
"""How long the place may say nothing while an answer is waited for."""
_PATIENCE_S = 20.0
"""How long one call goes on trying while the server says "later"."""
_SHORTEST_PAUSE_S = 0.1
_BUSY = frozenset((429, 502, 503, 504))

_PARTIAL, _BEYOND_THE_END = 206, 416
_CHUNK_BYTES = 2**18


class Refused(SourceError):
    """The server understood the request and refused it as wrong.

    Attributes:
      status: 400 or 404, mostly.
      code: the server's own name for it, such as MLflow's ``RESOURCE_DOES_NOT_EXIST``; "" if it gave none.
    """

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of server speaks of what is wrong, and how we speak of it.

    Attributes:
      kind: what we take it for, "an MLflow tracking server".
      credentials: the cure where it refuses ours.
      address: the cure where it is something else.
      certificate: the cure where its certificate is not trusted.
      unreachable: what to look at where nothing answers.
      problem: (code, message) of a JSON body that tells an error; None for any other.
    """

    kind: str
    credentials: Callable[[int], str]
    address: str
    certificate: str
    unreachable: str
    problem: Callable[[Mapping[str, Any]], tuple[str, str] | None]


class Wire:
    """Requests to one place, which may be several addresses.

    **Threads.** Any number; at most `MAX_IN_FLIGHT` requests are under way, the others wait, the background longest
    (see `Turns`). When the place asks for a pause (429), all threads keep it.
    """

    def __init__(
        self,
        location: str,
        dialect: Dialect,
        renew: Callable[[requests.PreparedRequest], bool] = lambda request: False,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        """
        Args:
          location: the place for people to read, without a secret.
          renew: called with a request that was refused for its credentials (401); whether there are newer ones to try.
        """
        self.location = location
        self.session = _session()
        self.verify: bool | str | None = None
        self._dialect = dialect
        self._timeout_s = (min(_CONNECT_TIMEOUT_S, read_timeout_s), read_timeout_s)
        self._renew = renew
        self._closed = threading.Event()
        self._turns = Turns(MAX_IN_FLIGHT)
        self._resume_s = 0.0

    @property
    def paused_until_s(self) -> float | None:
        """When the place wants to be asked again, seconds since the Unix epoch; None when it may be asked now."""
        pause_s = self._resume_s - time.monotonic()
        return time.time() + pause_s if pause_s > 0 else None

    def json(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        """The JSON object that asking gives; `request` as ``requests.request`` takes it.

        Raises:
          Refused: the server says that what was asked for is wrong or is not there.
          SourceError: it does not answer in time, not as its kind does, or not to us.
        """
        with self._answer(method, url, **request) as response:
            return self._checked(response)

    def send(self, method: str, url: str, **request: Any) -> None:
        """Asks for something whose answer says no more than that it was done. Raises as `json` does."""
        with self._answer(method, url, **request) as response:
            if response.status_code >= 300:
                self._checked(response)

    def read(self, url: str, start: int, length: int | None, **request: Any) -> bytes:
        """The bytes at `url` from `start` on, at most `length`; none beyond the end. Raises as `json` does.

        A server that knows no ranges is read up to the end of the range, and no further.
        """
        if length == 0:
            return b""
        end = "" if length is None else str(start + length - 1)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-{end}"} if start or end else {})
        with self._answer("GET", url, headers=headers, stream=True, **request) as response:
            if response.status_code == _BEYOND_THE_END:
                return b""
            if response.status_code >= 300:
                self._checked(response)
            skipped = 0 if response.status_code == _PARTIAL else start
            return _cut(response.iter_content(_CHUNK_BYTES), skipped, length)

    def close(self) -> None:
        """Ends waiting and lets go of the connections. Harmless when called twice."""
        self._closed.set()
        self.session.close()

    @contextlib.contextmanager
    def _answer(self, method: str, url: str, **request: Any) -> Iterator[requests.Response]:
        """The answer, whatever it says, once the server is not busy and the credentials are not stale."""
        request |= {"timeout": self._timeout_s, "verify": self.verify}
        give_up_s = time.monotonic() + _PATIENCE_S
        may_renew = True
        for attempt in itertools.count():
            self._keep_the_pause(give_up_s)
            with self._turns.taken(), self._translated(), self._asked(method, url, **request) as response:
                is_stale = response.status_code == 401 and may_renew and self._renew(response.request)
                if response.status_code not in _BUSY and not is_stale:
                    yield response
                    return
            may_renew = may_renew and not is_stale
            if not is_stale:
                self._pause(response, attempt, give_up_s)

    def _asked(self, method: str, url: str, **request: Any) -> requests.Response:
        try:
            return self.session.request(method, url, **request)
        except requests.exceptions.ConnectionError as error:
            # A kept connection that the server had let go of meanwhile: it has read nothing of this request.
            if not _was_hung_up(error):
                raise
            return self.session.request(method, url, **request)

    def _keep_the_pause(self, give_up_s: float) -> None:
        pause_s = self._resume_s - time.monotonic()
        # Spread, so that those who waited together do not ask together.
        if pause_s > 0:
            self._sleep(pause_s + random.uniform(0, 0.1 * pause_s), give_up_s, 429)  # noqa: S311

    def _pause(self, response: requests.Response, attempt: int, give_up_s: float) -> None:
        wait_s = max(_wait_s(response, attempt), _SHORTEST_PAUSE_S)
        if response.status_code == 429:
            self._resume_s = max(self._resume_s, time.monotonic() + wait_s)
        self._sleep(wait_s, give_up_s, response.status_code)

    def _sleep(self, wait_s: float, give_up_s: float, status: int) -> None:
        if time.monotonic() + wait_s > give_up_s or self._closed.wait(wait_s):
            raise SourceUnavailable(f"{self.location} asks to come back later (HTTP {status}). Trying again.")

    def _checked(self, response: requests.Response) -> dict[str, Any]:
        status = response.status_code
        try:
            body = response.json()
        except ValueError:
            body = None
        code, message = (self._dialect.problem(body) if isinstance(body, dict) else None) or ("", "")
        if status in (401, 403):
            raise AccessDenied(f"{self.location} refuses access (HTTP {status}). {self._dialect.credentials(status)}")
        if status >= 500:
            raise SourceUnavailable(f"{self.location} failed: {_line(message) or f'HTTP {status}'}. Trying again.")
        if not isinstance(body, dict) or (status == 404 and not (code or message)):
            kind = response.headers.get("Content-Type", "nothing that says its type").partition(";")[0]
            raise self._of_another_kind(f"HTTP {status}, {kind}")
        if status >= 400:
            raise Refused(f"{self.location} refused the request: {_line(message) or f'HTTP {status}'}", status, code)
        return body

    @contextlib.contextmanager
    def understood(self) -> Iterator[None]:
        """Within it, JSON that is not made as this kind of server makes it ends in `NotATrackingStore`."""
        try:
            yield
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise self._of_another_kind(f"{type(error).__name__} in reading it") from None

    def _of_another_kind(self, how: str) -> NotATrackingStore:
        return NotATrackingStore(
            f"{self.location} answered, but not as {self._dialect.kind} ({how}). {self._dialect.address}"
        )

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except requests.exceptions.SSLError:
            raise AccessDenied(
                f"{self.location} has a certificate that is not trusted. {self._dialect.certificate}"
            ) from None
        except requests.exceptions.Timeout:
            raise SourceUnavailable(f"{self.location} did not answer in time. Trying again.") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise NotATrackingStore(
                f"{self.location} is no address that can be asked. {self._dialect.address}"
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise SourceUnavailable(
                f"{self.location} does not answer: {_reason(error)}. {self._dialect.unreachable} Trying again."
            ) from None


def _session() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = f"tb-aml-plugin/{__version__}"
    session.trust_env = True  # proxies, and the CA bundle where none is named
    # A session's cookies are its one part that threads would share and change.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=MAX_IN_FLIGHT, pool_block=True)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _was_hung_up(error: BaseException | None) -> bool:
    """Whether the connection ended before the first byte of an answer."""
    while error is not None:
        if isinstance(error, (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)):
            return True
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        error = inner or error.__context__
    return False


def _wait_s(response: requests.Response, attempt: int) -> float:
    """Seconds to wait before asking again: as the server says, else twice as long each time."""
    asked = response.headers.get("Retry-After", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(asked))
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


def _line(message: str) -> str:
    """The first line of what a server says, safe to show."""
    text = message.strip()
    return masked(text.splitlines()[0][:300].rstrip(". ")) if text else ""


def _reason(error: BaseException) -> str:
    """The innermost cause in words; the outer ones repeat the address, which may hold a password."""
    text = str(error)
    for known in ("Connection refused", "Name or service not known", "Temporary failure in name resolution"):
        if known in text:
            return known.lower()
    return "the connection broke"
