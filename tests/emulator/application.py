"""The WSGI application: finds who answers, checks tokens, keeps the journal, lets faults strike."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from tests.emulator.authority import BLOB_SUFFIX
from tests.emulator.routing import Call, Route
from tests.emulator.services import ALL_ROUTES
from tests.emulator.wire import Refusal, problem

if TYPE_CHECKING:
    from tests.emulator.emulator import Emulator

_WORKSPACE = re.compile(
    r"^(?P<before>.*?)(?P<scope>/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<workspace>[^/]+))(?P<after>.*)$",
    re.IGNORECASE,
)


class Application:
    """Called by the server for each request."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._map = Map(
            [Rule(route.path, endpoint=route, methods=[route.method]) for route in ALL_ROUTES],
            merge_slashes=False,
            strict_slashes=False,
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        request.get_data()  # read, whoever answers: what is left in a kept connection spoils the next request
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            route, arguments = self._find(request)
        except HTTPException as error:
            route, arguments = Route("unknown", request.method, request.path, _unknown(error), open=True), {}
        kind = route.kind.format(**arguments)
        with self._emulator.journal.request(kind, request.method, request.full_path) as entry:
            answer = self._emulator.faults.answer(kind, lambda: self._serve(route, request, arguments))
            entry.status, entry.size_bytes = answer.status_code, answer.content_length or 0
        return answer

    def _find(self, request: Request) -> tuple[Route, dict[str, Any]]:
        path = request.path
        host = request.host.partition(":")[0]
        if host.endswith(f".blob.{BLOB_SUFFIX}"):
            path = f"/blob/{host.partition('.')[0]}{path}"
        elif found := _WORKSPACE.match(path):
            path = f"{found['before']}/WS{found['after']}"
        adapter = self._map.bind(request.host, path_info=path, default_method=request.method)
        endpoint, arguments = adapter.match(path, request.method)
        return endpoint, dict(arguments)

    def _serve(self, route: Route, request: Request, arguments: dict[str, Any]) -> Response:
        try:
            if not route.open:
                self._admit(request)
            self._check_workspace(request)
            return route.handler(Call(self._emulator, request), **arguments)
        except Refusal as refusal:
            assert isinstance(refusal.response, Response)
            return refusal.response

    def _admit(self, request: Request) -> None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not self._emulator.tokens.good(token):
            raise Refusal(401, "AuthenticationFailed", "The access token is missing, expired or not for this service.")

    def _check_workspace(self, request: Request) -> None:
        found = _WORKSPACE.match(request.path)
        if not found:
            return
        gone = self._emulator.faults.workspace_deleted
        if gone or found["scope"].lower() != self._emulator.scope.lower():
            text = f"The Resource 'Microsoft.MachineLearningServices/workspaces/{found['workspace']}' was not found."
            raise Refusal(404, "ResourceNotFound", text)


def _unknown(error: HTTPException) -> Callable[..., Response]:
    return lambda call: problem(error.code or 404, "NotFound", f"No service answers to {call.request.path}")
