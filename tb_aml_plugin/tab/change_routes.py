"""The addresses that change something: what is on the Board, what is shown, what is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug import Request, Response

from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.abilities import SignsIn
from tb_aml_plugin.tab import actions, choosing, health
from tb_aml_plugin.tab.desk import Desk
from tb_aml_plugin.tab.not_shown import NotShownView
from tb_aml_plugin.tab.requests import body_of
from tb_aml_plugin.tab.responses import RefusedError, json_of, route
from tb_aml_plugin.tab.table import version
from tb_aml_plugin.tab.wire_changes import Shown

FOLLOWED_TIMEOUT_S = 10.0
"""How long a change waits for the poll that follows it."""


class ChangeRoutes:
    """What the page can change."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._not_shown = NotShownView(desk.media)

    def apps(self) -> dict[str, Callable[..., Any]]:
        return {
            "/api/shown": route("POST", self.show),
            "/api/chosen": route("POST", self.choose),
            "/api/paused": route("POST", self.pause),
            "/api/poll": route("POST", self.poll),
            "/api/tasks/cancel": route("POST", self.cancel),
            "/api/sign_in": route("POST", self.sign_in),
            "/api/writes": route("GET", self.writes),
            "/api/write": route("POST", self.write),
        }

    def show(self, request: Request) -> Response:
        snapshot = self._desk.board.snapshot
        choice = choosing.show(self._desk.visibility, snapshot, body_of(request))
        answer: Shown = {
            "version": version(snapshot, choice),
            "shown": sum(choice.shows(run.id) for run in snapshot.runs.values()),
            "runs": len(snapshot.runs),
        }
        return json_of(request, lambda: answer)

    def choose(self, request: Request) -> Response:
        desk, body = self._desk, body_of(request)
        change = choosing.change_of(body, desk.follower, desk.board.snapshot.existing)
        self._check(body.get("add_runs", ()))
        self._followed(desk.follower.want(change))
        return json_of(request, lambda: choosing.chosen(desk.board.snapshot, desk.visibility.choice, desk.follower))

    def pause(self, request: Request) -> Response:
        wanted = body_of(request).get("paused")
        if not isinstance(wanted, bool):
            raise RefusedError(400, '{"paused": true} or {"paused": false} is expected.')
        if wanted:
            self._desk.follower.pause()
        else:
            self._followed(self._desk.follower.resume())
        return self._health(request)

    def poll(self, request: Request) -> Response:
        body_of(request)
        self._followed(self._desk.follower.ask(afresh=True))
        return self._health(request)

    def cancel(self, request: Request) -> Response:
        if not health.cancel(self._desk, str(body_of(request).get("id", ""))):
            raise RefusedError(404, "This has ended already.")
        return json_of(request, lambda: {"tasks": health.tasks(self._desk)})

    def sign_in(self, request: Request) -> Response:
        body_of(request)
        if not isinstance(self._desk.source, SignsIn):
            raise RefusedError(404, "Nobody has to sign in to this kind of place.")
        self._desk.source.begin_sign_in()
        return self._health(request)

    def writes(self, request: Request) -> Response:
        return json_of(request, lambda: actions.access(self._desk, dict(request.headers)))

    def write(self, request: Request) -> Response:
        desk, rejection = self._desk, self._desk.permission.rejection(dict(request.headers))
        if rejection:
            raise RefusedError(403, rejection)
        action, run_id = actions.write(desk, body_of(request))
        self._followed(desk.follower.ask(afresh=True))
        at = version(desk.board.snapshot, desk.visibility.choice)
        return json_of(request, lambda: {"action": action, "run": run_id, "version": at})

    def _check(self, run_ids: list[str]) -> None:
        """Refuses runs that the place does not have."""
        found = {run.id for run in self._desk.source.find_runs([RunId(id_) for id_ in run_ids])} if run_ids else set()
        missing = [id_ for id_ in run_ids if id_ not in found]
        if missing:
            raise RefusedError(404, f"There is no run {missing[0][:100]!r} at {self._desk.board.location}.")

    def _followed(self, asked: int) -> None:
        self._desk.board.wait_until(lambda snapshot: snapshot.health.asked >= asked, FOLLOWED_TIMEOUT_S)

    def _health(self, request: Request) -> Response:
        writes = not self._desk.permission.refusal(dict(request.headers))
        return json_of(
            request, lambda: health.health(self._desk, self._not_shown.summary(self._desk.board.snapshot), writes)
        )
