"""Answers over HTTP: JSON with an ETag, files, and the one shape of an error."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from tensorboard.backend import http_util
from werkzeug import Request, Response

from tb_aml_plugin.errors import FilterError
from tb_aml_plugin.tab.wire import Refusal

JSON = "application/json"
YEAR_S = 365 * 24 * 3600


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
        return _respond(request, b"", JSON, code=304, headers=extra, content_encoding="identity")
    return _respond(request, text or _dumped(make()), JSON, headers=extra)


def file_of(request: Request, content: bytes, content_type: str, *, forever: bool) -> Response:
    """A file; `forever` for one whose name changes with its content."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    if etag in request.headers.get("If-None-Match", ""):
        return _respond(request, b"", content_type, code=304, headers=[("ETag", etag)], content_encoding="identity")
    expires = YEAR_S if forever else 0
    return _respond(request, content, content_type, expires=expires, headers=[("ETag", etag)])


def refusal(request: Request, code: int, message: str, position: int | None = None) -> Response:
    """The one JSON shape of an error."""
    body: Refusal = {"error": {"message": message, "position": position}}
    return _respond(request, json.dumps(body), JSON, code=code)


def route(method: str, answer: Callable[[Request], Response]) -> Callable[..., Any]:
    """A WSGI application that answers `method`, and says why where `answer` refuses."""

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

    return application


def _respond(request: Request, content: bytes | str, content_type: str, **more: Any) -> Response:
    response: Response = http_util.Respond(request, content, content_type, **more)
    return response


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
