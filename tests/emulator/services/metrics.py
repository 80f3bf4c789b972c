"""The metric service, version 2: batches in, names and whole metrics out."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.wrappers import Response

from tests.emulator.routing import Call, Route
from tests.emulator.services.runs import find
from tests.emulator.state import Metric, Row, now
from tests.emulator.wire import Refusal, answer, iso, page, parse_time

BATCH = 50
"""The most metrics of a batch."""
ROWS = 10_000
"""The most rows of a page of a whole metric."""
NAMES = 500


def post(call: Call, run_id: str) -> Response:
    """A batch of metrics."""
    find(call, run_id)
    sent = call.json.get("values") or []
    if len(sent) > BATCH:
        raise Refusal(400, "UserError", f"A batch has at most {BATCH} metrics; this one has {len(sent)}.")
    for metric in sent:
        rows = [_row(value) for value in metric.get("value") or ()]
        kind = (metric.get("properties") or {}).get("uxMetricType", "azureml.v1.scalar")
        call.emulator.history.log(run_id, metric.get("name") or "", kind, metric.get("columns") or {}, rows)
    return answer({"errors": []})


def names(call: Call, run_id: str) -> Response:
    """Pages of the names of a run's metrics."""
    run = find(call, run_id)
    with call.emulator.history.lock:
        found = [_definition(metric) for metric in run.metrics.values()]
    items, token = page(found, call.emulator.faults.limit(NAMES), call.json.get("continuationToken"))
    return answer({"value": items, "continuationToken": token})


def full(call: Call, run_id: str) -> Response:
    """Pages of the rows of one metric, by the time at which they were logged; ``startTime`` counts in."""
    run, sent = find(call, run_id), call.json
    name = sent.get("metricName") or ""
    with call.emulator.history.lock:
        metric = run.metrics.get(name)
        rows = sorted(metric.rows, key=lambda row: row.created) if metric else []
    if not metric:
        raise Refusal(404, "UserError", f"Metric {name} was not found for run {run_id}.")
    start, end = parse_time(sent.get("startTime")), parse_time(sent.get("endTime"))
    wanted = [row for row in rows if (not start or row.created >= start) and (not end or row.created <= end)]
    items, token = page(wanted, call.emulator.faults.limit(ROWS), sent.get("continuationToken"))
    return answer(
        {
            "dataContainerId": run.container,
            "name": metric.name,
            "columns": dict(metric.columns),
            "value": [_value(row) for row in items],
            "properties": {"uxMetricType": metric.kind},
            "continuationToken": token,
        }
    )


def wait(call: Call, run_id: str, experiment: str = "") -> Response:
    """Metrics are there as soon as they were taken."""
    find(call, run_id)
    return answer({})


def _row(value: dict[str, Any]) -> Row:
    return Row(
        created=parse_time(value.get("createdUtc")) or now(),
        data=value.get("data") or {},
        step=value.get("step"),
        id=value.get("metricId") or str(uuid.uuid4()),
    )


def _value(row: Row) -> dict[str, Any]:
    found = {"metricId": row.id, "createdUtc": iso(row.created), "data": row.data, "sasUri": None}
    return found if row.step is None else {**found, "step": row.step}


def _definition(metric: Metric) -> dict[str, Any]:
    return {
        "metricKey": {"namespace": "", "name": metric.name},
        "columns": dict(metric.columns),
        "uxMetricType": metric.kind,
    }


_M = "/metric/v2.0/WS/runs/<run_id>"
_INGEST = "/history/v1.0/WS/experiments/<experiment>/runs/<run_id>/metricsingest/wait"

ROUTES = (
    Route("metrics.batch", "POST", f"{_M}/batch", post),
    Route("metrics.list", "POST", f"{_M}/list", names),
    Route("metrics.full", "POST", f"{_M}/full", full),
    Route("metrics.wait", "GET", _INGEST, wait),
    Route("metrics.wait", "POST", _INGEST, wait),
    Route("metrics.wait", "GET", "/history/v1.0/WS/runs/<run_id>/metricsingest/wait", wait),
)
