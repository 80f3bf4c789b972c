"""The addresses of the tab without a TensorBoard around them, over what a `BoardBuilder` holds."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.test import Client, TestResponse

from tb_aml_plugin.board import Board
from tb_aml_plugin.follower import Follower
from tb_aml_plugin.scalars import StepMode
from tb_aml_plugin.series_cache import SeriesCache
from tb_aml_plugin.tab import routes
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.permission import Permission
from tb_aml_plugin.visibility import Visibility
from tb_aml_plugin.wanted import Wanted
from tests.support.board_builder import BoardBuilder

PREFIX = "/data/plugin/azureml"

Query = Mapping[str, str | Sequence[str]]


class Tab:
    """What the page asks, and what it gets.

    Attributes:
      desk: all that the addresses work on. Its follower runs on its own thread and polls only when asked to.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        apps = routes.apps(desk)

        def dispatch(environ: dict[str, Any], start_response: Any) -> Any:
            path = environ["PATH_INFO"].removeprefix(PREFIX)
            wildcard = next((key for key in apps if key.endswith("/*") and path.startswith(key[:-1])), path)
            return apps[wildcard](environ, start_response)

        self._client = Client(dispatch)

    def ask(self, path: str, query: Query | None = None, **more: Any) -> TestResponse:
        """The answer to GET, whatever its code."""
        return self._client.get(f"{PREFIX}{path}", query_string=dict(query or {}), **more)

    def get(self, path: str, /, **query: str | Sequence[str]) -> Any:
        """The JSON of an answer that is good."""
        return _good(self.ask(path, query))

    def refused(self, path: str, /, **query: str | Sequence[str]) -> tuple[int, str]:
        """Code and message of an answer that is an error."""
        return refusal(self.ask(path, query))

    def send(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> TestResponse:
        """The answer to POST with JSON, whatever its code."""
        return self._client.post(f"{PREFIX}{path}", json=body, headers=dict(headers or {}))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of an answer that is good."""
        return _good(self.send(path, body, headers))

    def method(self, method: str, path: str, **more: Any) -> TestResponse:
        """The answer to any method."""
        return self._client.open(f"{PREFIX}{path}", method=method, **more)

    def poll(self) -> None:
        """Shows what is there now."""
        self.post("/api/poll", {})


@contextlib.contextmanager
def tab(
    built: BoardBuilder,
    *,
    wanted: Wanted | None = None,
    permission: Permission | None = None,
    budget_bytes: int = 2**24,
) -> Iterator[Tab]:
    """The tab over `built` (all of it unless `wanted` says otherwise), until the end of the context."""
    source, board = built.source, Board(built.source.location)
    cache = SeriesCache(source, StepMode.AUTO, budget_bytes)
    follower = Follower(
        source, board, wanted or Wanted(("*",), max_runs=100_000), interval_s=3600, report=lambda line: None
    )
    desk = Desk(board, cache, Visibility(), follower, source, permission=permission or Permission())
    follower.start()
    try:
        assert board.wait_until(lambda snapshot: snapshot.health.polls > 0, 30)
        yield Tab(desk)
    finally:
        follower.stop()
        cache.close()
        cache.join(10)


def refusal(response: TestResponse) -> tuple[int, str]:
    """Code and message of an answer, which must have the one shape of an error."""
    body = json.loads(response.data)
    assert response.status_code >= 400, body
    assert response.mimetype == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"message", "position"}
    return response.status_code, str(body["error"]["message"])


def _good(response: TestResponse) -> Any:
    assert response.status_code == 200, response.data[:2000]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return json.loads(response.data)
