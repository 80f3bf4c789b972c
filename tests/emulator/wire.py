"""How the services write things: times, pages, errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

Item = TypeVar("Item")


def answer(body: Any, status: int = 200) -> Response:
    """`body` as JSON."""
    return Response(json.dumps(body), status, mimetype="application/json")


def problem(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    """An error as Azure ML's services write theirs."""
    error = {"code": code, "message": message, "messageParameters": {}, "details": []}
    body = {"error": error, "correlation": {"operation": uuid.uuid4().hex}, "environment": "emulator"}
    found = answer(body, status)
    found.headers.update(headers or {})
    return found


class Refusal(HTTPException):
    """Raised where a request is refused; `response` says why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message, problem(status, code, message))


def iso(time: datetime | None) -> str | None:
    """A time as .NET writes it: seven digits of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond:06d}0+00:00" if time else None


def parse_time(text: Any) -> datetime | None:
    """The time that `iso`, or a client, wrote."""
    if not text:
        return None
    head, _, tail = str(text).replace("Z", "+00:00").partition(".")
    digits, plus, zone = tail.partition("+")
    time = datetime.fromisoformat(f"{head}.{digits[:6]:0<6}{plus}{zone}" if tail else head)
    return time if time.tzinfo else datetime.fromisoformat(time.isoformat() + "+00:00")


def page(items: Sequence[Item], size: int, token: Any) -> tuple[Sequence[Item], str | None]:
    """At most `size` of `items`, from where the continuation token `token` says, and the next token."""
    start = int(token) if token else 0
    end = start + size
    return items[start:end], str(end) if end < len(items) else None
