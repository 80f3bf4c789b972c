"""Run history: runs, their children, queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from tests.emulator import odata
from tests.emulator.routing import Call, Route
from tests.emulator.run_json import change, to_json
from tests.emulator.services.experiments import find as find_experiment
from tests.emulator.state import Run, now
from tests.emulator.wire import Refusal, answer, iso, page

PAGE = 500
"""The most runs of a page, as the service has it."""


def find(call: Call, run_id: str) -> Run:
    """The run, or a refusal as run history words it."""
    found = call.emulator.history.runs.get(run_id)
    if not found:
        raise Refusal(404, "UserError", f"RunId {run_id} was not found")
    return found


def get(call: Call, run_id: str, experiment: str = "") -> Response:
    """One run."""
    if experiment:
        find_experiment(call, experiment)
    return answer(to_json(find(call, run_id)))


def patch(call: Call, experiment: str, run_id: str) -> Response:
    """Makes a run, or changes it."""
    return answer(to_json(_add_or_modify(call, experiment, run_id, call.json)))


def patch_many(call: Call, experiment: str) -> Response:
    """Makes or changes several runs."""
    runs = {sent["runId"]: _add_or_modify(call, experiment, sent["runId"], sent) for sent in call.json["runs"]}
    return answer({"runs": {run_id: to_json(run) for run_id, run in runs.items()}, "errors": {}})


def query(call: Call, experiment: str) -> Response:
    """Pages of an experiment's runs, newest first unless ``orderby`` says otherwise."""
    found = find_experiment(call, experiment)
    history = call.emulator.history
    with history.lock:
        every = [to_json(run) for run in history.runs.values() if run.experiment is found]
    return _answer_page(call, every, call.json)


def children(call: Call, run_id: str, experiment: str = "") -> Response:
    """Pages of the runs one level below."""
    find(call, run_id)
    args = call.request.args
    sent = {
        "filter": args.get("$filter"),
        "orderby": args.get("$orderby"),
        "continuationToken": args.get("$continuationToken"),
    }
    sent["top"] = args.get("$top", type=int)
    return _answer_page(call, [to_json(run) for run in call.emulator.history.children(run_id)], sent)


def details(call: Call, run_id: str, experiment: str = "") -> Response:
    """What ``get_details`` shows: log files among others."""
    run = find(call, run_id)
    whole = to_json(run)
    keep = (
        "runId",
        "target",
        "status",
        "startTimeUtc",
        "endTimeUtc",
        "error",
        "warnings",
        "properties",
        "runDefinition",
    )
    logs = ("azureml-logs/", "logs/", "user_logs/", "system_logs/")
    files = {path: call.emulator.blobs.read_url(run, path) for path in run.artifacts if path.startswith(logs)}
    found = {key: whole[key] for key in keep}
    return answer({**found, "inputDatasets": [], "outputDatasets": [], "logFiles": files, "submittedBy": run.user})


def token(call: Call, run_id: str, experiment: str = "") -> Response:
    """A token for the run, as jobs ask for."""
    expires = now() + timedelta(seconds=call.emulator.tokens.lifetime_s)
    return answer({"token": call.emulator.tokens.issue(), "expiryTimeUtc": iso(expires)})


def delete_tags(call: Call, experiment: str, run_id: str) -> Response:
    """Takes tags from a run."""
    run = find(call, run_id)
    with call.emulator.history.lock:
        for name in call.json.get("tags") or ():
            run.tags.pop(name, None)
        call.emulator.history.changed.add(run_id)
    return answer({"errors": {}})


def _answer_page(call: Call, documents: list[dict[str, Any]], sent: dict[str, Any]) -> Response:
    try:
        test = odata.parse(sent.get("filter"))
    except ValueError as error:
        raise Refusal(400, "UserError", f"Invalid filter: {error}") from None
    found = odata.sort([document for document in documents if test(document)], sent.get("orderby") or "CreatedUtc desc")
    size = call.emulator.faults.limit(min(sent.get("top") or PAGE, PAGE))
    items, token = page(found, size, sent.get("continuationToken"))
    return answer({"value": list(items), "continuationToken": token, "nextLink": None})


def _add_or_modify(call: Call, experiment: str, run_id: str, sent: dict[str, Any]) -> Run:
    history = call.emulator.history
    if run_id not in history.runs and experiment not in history.experiments and not history.experiment(experiment):
        history.create_experiment(experiment)
    with history.lock:
        new = run_id not in history.runs
        parent_id = sent.get("parentRunId")
        run = history.create_run(find_experiment(call, experiment), run_id, parent_id)
        if new:
            run.user = call.emulator.user
        change(run, sent)
    return run


_H = "/history/v1.0/WS"
_BY_NAME = f"{_H}/experiments/<experiment>/runs/<run_id>"
_BY_ID = f"{_H}/experimentids/<experiment>/runs/<run_id>"

ROUTES = (
    Route("history.query", "POST", f"{_H}/experiments/<experiment>/runs:query", query),
    Route("history.query", "POST", f"{_H}/experimentids/<experiment>/runs:query", query),
    Route("history.patch", "PATCH", f"{_H}/experiments/<experiment>/batch/runs", patch_many),
    *(
        route
        for path in (_BY_NAME, _BY_ID)
        for route in (
            Route("history.run", "GET", path, get),
            Route("history.patch", "PATCH", path, patch),
            Route("history.children", "GET", f"{path}/children", children),
            Route("history.details", "GET", f"{path}/details", details),
            Route("history.token", "GET", f"{path}/token", token),
            Route("history.token", "POST", f"{path}/token", token),
            Route("history.tags", "DELETE", f"{path}/tags", delete_tags),
        )
    ),
    Route("history.run", "GET", f"{_H}/runs/<run_id>", get),
    Route("history.children", "GET", f"{_H}/runs/<run_id>/children", children),
    Route("history.details", "GET", f"{_H}/runs/<run_id>/details", details),
)
