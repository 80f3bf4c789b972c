"""Run history: what happens to a run is posted as events, which set its status and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from tests.emulator.routing import Call, Route
from tests.emulator.services.runs import find
from tests.emulator.state import ENDED, Run, now
from tests.emulator.wire import answer, parse_time

if TYPE_CHECKING:
    from tests.emulator.emulator import Emulator

PREFIX = "Microsoft.MachineLearning.Run."
STATUS = {
    "Queued": "Queued",
    "Start": "Running",
    "Completed": "Completed",
    "Failed": "Failed",
    "Canceled": "Canceled",
    "CancelRequested": "CancelRequested",
}


def post(call: Call, run_id: str, experiment: str = "") -> Response:
    """One event of a run."""
    run = find(call, run_id)
    with call.emulator.history.lock:
        apply(run, call.json)
        call.emulator.history.changed.add(run_id)
    return answer({})


def post_many(call: Call, experiment: str) -> Response:
    """Events of several runs."""
    with call.emulator.history.lock:
        for event in call.json.get("events") or ():
            run_id = (event.get("data") or {})["RunId"]
            apply(find(call, run_id), event)
            call.emulator.history.changed.add(run_id)
    return answer({"errors": []})


def apply(run: Run, event: dict[str, Any]) -> None:
    """What `event` does to `run`."""
    name, data = str(event["name"]).removeprefix(PREFIX), event.get("data") or {}
    run.status = STATUS.get(name, run.status)
    time = parse_time(data.get("StartTime") or data.get("EndTime") or event.get("timestamp")) or now()
    if name == "Start":
        run.started = time
    elif run.status in ENDED and name in STATUS:
        run.started = run.started or time
        run.ended = time
    elif name == "Error":
        run.error = data.get("ErrorResponse")
    elif name == "Warning":
        run.warnings.append({"source": data.get("Source"), "message": data.get("Message")})


def cancel(call: Call, run_id: str) -> Response:
    """What a job's ``cancelUri`` does: the service that runs it ends it, and says nothing more about that."""
    run = find(call, run_id)
    with call.emulator.history.lock:
        apply(run, {"name": "Canceled"})
        call.emulator.history.changed.add(run_id)
    return Response(status=202)


def cancel_url(emulator: Emulator, run_id: str) -> str:
    """Where the job `run_id` is cancelled."""
    return f"{emulator.url}/execution/v1.0{emulator.scope}/runs/{run_id}/cancel"


_H = "/history/v1.0/WS"

ROUTES = (
    Route("history.event", "POST", f"{_H}/experiments/<experiment>/runs/<run_id>/events", post),
    Route("history.event", "POST", f"{_H}/experimentids/<experiment>/runs/<run_id>/events", post),
    Route("history.event", "POST", f"{_H}/runs/<run_id>/events", post),
    Route("history.event", "POST", f"{_H}/experiments/<experiment>/batch/events", post_many),
    Route("execution.cancel", "POST", "/execution/v1.0/WS/runs/<run_id>/cancel", cancel),
)
