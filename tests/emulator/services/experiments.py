"""Run history: experiments."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from tests.emulator import odata
from tests.emulator.routing import Call, Route
from tests.emulator.state import Experiment, now
from tests.emulator.wire import Refusal, answer, iso, page


def find(call: Call, name_or_id: str) -> Experiment:
    """The experiment, or a refusal as run history words it."""
    found = call.emulator.history.experiment(name_or_id)
    if not found:
        raise Refusal(404, "UserError", f"Experiment {name_or_id} not found in workspace {call.emulator.workspace_id}.")
    return found


def get(call: Call, name: str) -> Response:
    """An experiment by name, or by id."""
    return answer(to_json(find(call, name)))


def create(call: Call, name: str) -> Response:
    """Makes an experiment, or finds it."""
    return answer(to_json(call.emulator.history.create_experiment(name)))


def update(call: Call, name: str) -> Response:
    """Changes name, description, tags; archives."""
    experiment, sent = find(call, name), call.json
    with call.emulator.history.lock:
        experiment.tags.update(sent.get("tags") or {})
        experiment.description = sent.get("description", experiment.description)
        if "archive" in sent:
            experiment.archived = now() if sent["archive"] else None
    return answer(to_json(experiment))


def query(call: Call) -> Response:
    """Pages of experiments; archived ones only when ``viewType`` asks for them."""
    sent = call.json
    view = sent.get("viewType") or call.request.args.get("viewType") or "ActiveOnly"
    with call.emulator.history.lock:
        every = [to_json(experiment) for experiment in call.emulator.history.experiments.values()]
    wanted = [document for document in every if view == "All" or ("archivedTime" in document) == (view != "ActiveOnly")]
    found = odata.sort([d for d in wanted if odata.parse(sent.get("filter"))(d)], sent.get("orderby"))
    items, token = page(found, call.emulator.faults.limit(sent.get("top") or 500), sent.get("continuationToken"))
    return answer({"value": items, "continuationToken": token})


def to_json(experiment: Experiment) -> dict[str, Any]:
    """As run history writes an experiment."""
    found = {
        "experimentId": experiment.id,
        "name": experiment.name,
        "description": experiment.description,
        "createdUtc": iso(experiment.created),
        "tags": dict(experiment.tags),
        "archivedTime": iso(experiment.archived),
    }
    return {key: value for key, value in found.items() if value is not None}


_H = "/history/v1.0/WS"

ROUTES = (
    Route("history.experiment", "GET", f"{_H}/experiments/<name>", get),
    Route("history.experiment", "POST", f"{_H}/experiments/<name>", create),
    Route("history.experiment", "GET", f"{_H}/experimentids/<name>", get),
    Route("history.experiment", "PATCH", f"{_H}/experimentids/<name>", update),
    Route("history.experiments", "POST", f"{_H}/experiments:query", query),
)
