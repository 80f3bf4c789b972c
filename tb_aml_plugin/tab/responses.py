"""Answers over HTTP: JSON with an ETag, files, and the one shape of an error."""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tensorboard.backend import http_util
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException

from tb_aml_plugin.errors import (
    AccessDenied,
    AmlError,
    ArtifactGone,
    ArtifactTooLarge,
    CannotShow,
    FilterError,
    NotATrackingStore,
    SettingsError,
    SourceError,
    SourceUnavailable,
)
from tb_aml_plugin.tab.wire import Refusal
from tb_aml_plugin.tasks import Cancelled

JSON = "application/json"
YEAR_S = 365 * 24 * 3600

_CODES = (
    (SettingsError, 400),
    (AccessDenied, 403),
    (Cancelled, 409),
    (ArtifactGone, 410),
    (ArtifactTooLarge, 413),
    (CannotShow, 415),
    (NotATrackingStore, 502),
    (SourceUnavailable, 503),
    (SourceError, 502),
)
_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request that cannot be answered; the text is for people and says the cure."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


def json_of(
    request: Request, make: Callable[[], Mapping[str, Any]], *, tag: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """What `make` returns, as JSON; nothing but a 304 where the browser has it already.

    Where `tag` is given, it changes whenever the answer does, and `make` need not be called to know.
    """
    text = "" if tag else _dumped(make())
    etag = f'"{hashlib.sha256((tag or text).encode()).hexdigest()[:20]}"'
    extra = [("ETag", etag), *(headers or {}).items()]
    if etag in request.headers.get("If-None-Match", ""):
        return _unchanged(JSON, extra)
    return _respond(request, text or _dumped(make()), JSON, headers=extra)


def file_of(request: Request, content: bytes, content_type: str, *, forever: bool) -> Response:
    """A file; `forever` for one whose name changes with its content."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _unchanged(content_type, [("ETag", etag)])
    expires = YEAR_S if forever else 0
    return _respond(request, content, content_type, expires=expires, headers=[("ETag", etag)])


def stream_of(chunks: Iterable[bytes], content_type: str, name: str) -> Response:
    """A download that is made while it is sent; `name` is what the browser calls the file."""
    return raw(chunks, content_type, [("Content-Disposition", attachment(name)), ("Cache-Control", "no-store")])


def attachment(name: str) -> str:
    """The header's value for a download called `name`, whatever characters are in it."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".")[-150:] or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name[-150:], safe='', errors='replace')}"


def refusal(request: Request, code: int, message: str, position: int | None = None) -> Response:
    """The one JSON shape of an error."""
    body: Refusal = {"error": {"message": message, "position": position}}
    return _respond(request, json.dumps(body), JSON, code=code)


def route(method: str, answer: Callable[[Request], Response]) -> Callable[..., Any]:
    """A WSGI application that answers `method`, as its attribute of that name says, and why where `answer` refuses."""

    @Request.application
    @functools.wraps(answer)
    def application(request: Request) -> Response:
        if request.method not in (method, "HEAD" if method == "GET" else method):
            return refusal(request, 405, f"This address answers {method} only.")
        try:
            return answer(request)
        except FilterError as error:
            return refusal(request, 400, str(error).split("\n", 1)[0], error.position)
        except RefusedError as error:
            return refusal(request, error.code, str(error))
        except AmlError as error:
            return refusal(request, _code(error), str(error))
        except HTTPException as error:  # werkzeug's own: a body that cannot be read
            return refusal(request, error.code or 400, error.description or "The request cannot be understood.")
        # A defect in one view must be told in the page, in the shape that it can show.
        except Exception as error:  # noqa: BLE001
            _log.exception("Answering %s failed", request.path)
            text = f"The plugin failed ({type(error).__name__}). What happened is in TensorBoard's terminal."
            return refusal(request, 500, text)

    application.method = method  # type: ignore[attr-defined]
    return application


class _Unchanged(Response):
    """A 304 that keeps its Content-Type, without which TensorBoard warns at every poll."""

    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        headers["Content-Type"] = self.content_type
        return headers


def _unchanged(content_type: str, headers: Iterable[tuple[str, str]]) -> Response:
    always = [("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache, must-revalidate")]
    return _Unchanged(b"", 304, [*always, *headers], content_type=content_type)


def _code(error: AmlError) -> int:
    return next((code for kind, code in _CODES if isinstance(error, kind)), 500)


def raw(
    content: Iterable[bytes] | bytes, content_type: str, headers: Iterable[tuple[str, str]], code: int = 200
) -> Response:
    """What TensorBoard's `Respond` has no word for: streams, parts, a policy of its own."""
    return Response(
        content,
        code,
        [("X-Content-Type-Options", "nosniff"), *headers],
        content_type=content_type,
        direct_passthrough=not isinstance(content, bytes),
    )


def _respond(request: Request, content: bytes | str, content_type: str, **more: Any) -> Response:
    response: Response = http_util.Respond(request, content, content_type, **more)
    return response


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
