"""The workspace's MLflow endpoint: a real MLflow server, fed with run history, and run history fed with what is logged.

No endpoint reads several metrics, or several runs' histories, at once, and none sorts by metrics: as Azure ML has it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from werkzeug.wrappers import Response

from tests.emulator.mlflow_database import STATUS
from tests.emulator.routing import Call, Route
from tests.emulator.services.runs import find
from tests.emulator.state import Row, Run, now
from tests.emulator.wire import answer

_FROM_MLFLOW = {
    "RUNNING": "Running",
    "FINISHED": "Completed",
    "FAILED": "Failed",
    "KILLED": "Canceled",
    "SCHEDULED": "NotStarted",
}
_UNKNOWN = ("metrics/get-history-bulk", "metrics/get-history-bulk-interval")


def relay(call: Call, path: str) -> Response:
    """Asks the real server; what was written goes to run history as well."""
    if path in _UNKNOWN:
        return _error(404, "ENDPOINT_NOT_FOUND", f"No API found for {path}")
    size, most = int(call.request.args.get("max_results") or 0), call.emulator.faults.most_points
    if path == "metrics/get-history" and most and size >= most:
        return _error(400, "BAD_REQUEST", f"MaxResults = {size} is invalid: MaxResults must be less than {most}.")
    if any("metric" in key for key in call.json.get("order_by") or ()):
        return _error(400, "BAD_REQUEST", "Ordering runs by metrics is not supported.")
    _update(call)
    found = forward(call, path)
    apply = _WRITES.get(path)
    if apply and found.status_code == 200:
        with call.emulator.history.lock:
            apply(call, call.json)
    return found


def forward(call: Call, path: str, method: str | None = None, args: dict[str, str] | None = None) -> Response:
    """What the real server answers, with the ids of experiments as run history has them."""
    numbers = {e.id: str(e.number) for e in call.emulator.history.experiments.values()}
    ids = {number: id_ for id_, number in numbers.items()}
    query = dict(call.request.args) if args is None else args
    query = {key: numbers.get(value, value) if key == "experiment_id" else value for key, value in query.items()}
    sent = _translate(call.json, numbers)
    limit = call.emulator.faults.page_size
    if limit and path.endswith(("search", "get-history")):
        sent, query = _smaller(sent, limit), _smaller(query, limit) if not call.json else query
    data, status = _ask(call, method or call.request.method, path, query, json.dumps(sent))
    try:
        return answer(_translate(json.loads(data), ids), status)
    except ValueError:
        return Response(data, status, mimetype="text/html")


def _ask(call: Call, method: str, path: str, query: dict[str, str], sent: str) -> tuple[bytes, int]:
    """The real server's answer, or what it answered to the same before anything changed."""
    server = call.emulator.mlflow
    question = (str(server.version), method, path, json.dumps(query), sent)
    reads = method == "GET" or path.endswith("/search")
    if reads and question in server.answers:
        return server.answers[question]
    found = server.connections.request(
        method,
        f"{server.url}/api/2.0/mlflow/{path}",
        fields=query if method == "GET" else None,
        body=None if method == "GET" else sent.encode(),
        headers={"Content-Type": "application/json"},
    )
    if reads and found.status == 200:
        server.answers[question] = found.data, found.status
    elif not reads:
        server.forget()
    return found.data, found.status


def _update(call: Call) -> None:
    """Brings the real server's database up to date."""
    if call.emulator.mlflow.database.flush():
        call.emulator.mlflow.forget()


def create_experiment(call: Call) -> Response:
    """Made in run history first: an experiment's id is run history's."""
    history, name = call.emulator.history, call.json.get("name")
    if not name or name in history.experiments:
        return relay(call, "experiments/create")
    return answer({"experiment_id": history.create_experiment(name).id})


def create_run(call: Call) -> Response:
    """Made in run history first: a run's id is run history's."""
    history, sent = call.emulator.history, call.json
    experiment = history.experiment(str(sent.get("experiment_id")))
    if not experiment:
        return relay(call, "runs/create")
    with history.lock:
        tags = {tag["key"]: tag["value"] for tag in sent.get("tags") or ()}
        run = history.create_run(experiment, parent_id=tags.get("mlflow.parentRunId"))
        run.status, run.user = "Running", call.emulator.user
        run.started = _time(sent.get("start_time")) or now()
        run.display_name = sent.get("run_name") or tags.get("mlflow.runName")
        run.properties["azureml.runsource"] = "mlflow"
        run.tags.update(tags)
    _update(call)
    return forward(call, "runs/get", "GET", {"run_id": run.id})


def log_batch_async(call: Call) -> Response:
    """Azure ML's own: takes a batch now, and has it in a while; here it has it at once."""
    found = relay(call, "runs/log-batch")
    return answer({"batch_tracking_id": uuid.uuid4().hex}) if found.status_code == 200 else found


def run_data_status(call: Call) -> Response:
    """Whether that batch is there."""
    return answer({"is_complete": True})


def _error(status: int, code: str, message: str) -> Response:
    error = {"Code": "UserError", "Severity": None, "Message": message, "Details": []}
    body = {"Error": error, "ComponentName": "mlflow", "statusCode": status, "error_code": code, "message": message}
    return answer(body, status)


def _translate(body: Any, ids: dict[str, str]) -> Any:
    if isinstance(body, list):
        return [_translate(item, ids) for item in body]
    if not isinstance(body, dict):
        return body
    found = {key: _translate(value, ids) for key, value in body.items()}
    if str(found.get("experiment_id")) in ids:
        found["experiment_id"] = ids[str(found["experiment_id"])]
    if "experiment_ids" in found:
        found["experiment_ids"] = [ids.get(str(value), value) for value in found["experiment_ids"]]
    return found


def _smaller(sent: dict[str, Any], limit: int) -> dict[str, Any]:
    return {**sent, "max_results": min(int(sent.get("max_results") or limit), limit)}


def _time(milliseconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(milliseconds) / 1000, timezone.utc) if milliseconds else None


def _log_metric(call: Call, sent: dict[str, Any], run_id: str | None = None) -> None:
    run_id, name = run_id or sent.get("run_id") or sent["run_uuid"], sent["key"]
    value = sent["value"]
    row = Row(_time(sent.get("timestamp")) or now(), {name: value}, int(sent.get("step") or 0))
    call.emulator.history.log(run_id, name, "azureml.v1.scalar", {name: "Double"}, [row])


def _log_batch(call: Call, sent: dict[str, Any]) -> None:
    run = find(call, sent["run_id"])
    for metric in sent.get("metrics") or ():
        _log_metric(call, metric, run.id)
    run.params.update({param["key"]: param["value"] for param in sent.get("params") or ()})
    for tag in sent.get("tags") or ():
        _tag(run, tag)
    call.emulator.history.changed.add(run.id)


def _log_param(call: Call, sent: dict[str, Any]) -> None:
    _log_batch(call, {"run_id": sent.get("run_id") or sent["run_uuid"], "params": [sent]})


def _set_tag(call: Call, sent: dict[str, Any]) -> None:
    _log_batch(call, {"run_id": sent.get("run_id") or sent["run_uuid"], "tags": [sent]})


def _delete_tag(call: Call, sent: dict[str, Any]) -> None:
    find(call, sent["run_id"]).tags.pop(sent["key"], None)


def _end_or_rename(call: Call, sent: dict[str, Any]) -> None:
    run = find(call, sent.get("run_id") or sent["run_uuid"])
    run.status = _FROM_MLFLOW.get(sent.get("status", ""), run.status)
    run.ended = _time(sent.get("end_time")) or run.ended
    run.display_name = sent.get("run_name") or run.display_name
    call.emulator.history.changed.add(run.id)


def _delete_experiment(call: Call, sent: dict[str, Any]) -> None:
    experiment = call.emulator.history.experiment(str(sent["experiment_id"]))
    if experiment:
        experiment.archived = now()


def _restore_experiment(call: Call, sent: dict[str, Any]) -> None:
    experiment = call.emulator.history.experiment(str(sent["experiment_id"]))
    if experiment:
        experiment.archived = None


def _tag(run: Run, tag: dict[str, str]) -> None:
    if tag["key"] == "mlflow.runName":
        run.display_name = tag["value"]
    run.tags[tag["key"]] = tag["value"]


_WRITES: dict[str, Callable[[Call, dict[str, Any]], None]] = {
    "experiments/delete": _delete_experiment,
    "experiments/restore": _restore_experiment,
    "runs/log-metric": _log_metric,
    "runs/log-batch": _log_batch,
    "runs/log-parameter": _log_param,
    "runs/set-tag": _set_tag,
    "runs/delete-tag": _delete_tag,
    "runs/update": _end_or_rename,
}
assert set(_FROM_MLFLOW) == {*STATUS.values(), "SCHEDULED"}

_PATH = "/mlflow/v2.0/WS/api/2.0/mlflow"
_PREVIEW = "/mlflow/v2.0/WS/api/2.0/preview/mlflow"

ROUTES = (
    Route("mlflow.experiments/create", "POST", f"{_PATH}/experiments/create", create_experiment),
    Route("mlflow.runs/create", "POST", f"{_PATH}/runs/create", create_run),
    *(
        Route("mlflow.runs/log-batch-async", "POST", f"{p}/runs/log-batch-async", log_batch_async)
        for p in (_PATH, _PREVIEW)
    ),
    *(Route("mlflow.runs/status", "GET", f"{p}/runs/get-run-data-status", run_data_status) for p in (_PATH, _PREVIEW)),
    *(Route("mlflow.{path}", method, f"{_PATH}/<path:path>", relay) for method in ("GET", "POST", "PATCH", "DELETE")),
)
