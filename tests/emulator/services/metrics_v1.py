"""The metric service, version 1: metrics of many runs in one query, as azureml-tensorboard asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Response

from tests.emulator import odata
from tests.emulator.routing import Call, Route
from tests.emulator.services.experiments import find
from tests.emulator.state import Metric, Row, Run
from tests.emulator.wire import answer, iso, page

PAGE = 500


def query(call: Call, experiment: str) -> Response:
    """Pages of the metrics of an experiment's runs, chosen by a filter on ``RunId``, ``name``, …"""
    found, sent = find(call, experiment), call.json
    history, wanted = call.emulator.history, odata.parse(sent.get("filter"))
    with history.lock:
        runs = [run for run in history.runs.values() if run.experiment is found and wanted({"RunId": run.id})]
        runs.sort(key=lambda run: run.id, reverse=True)
        every = [part for run in runs for metric in run.metrics.values() for part in _parts(run, metric)]
    size = call.emulator.faults.limit(min(sent.get("top") or PAGE, PAGE))
    items, token = page(every, size, sent.get("continuationToken"))
    return answer({"value": [_document(*item) for item in items], "continuationToken": token})


def _parts(run: Run, metric: Metric) -> Iterator[tuple[Run, Metric, list[Row]]]:
    """A scalar is a document for each value; lists and tables are one with all their rows."""
    if metric.kind == "azureml.v1.scalar":
        yield from ((run, metric, [row]) for row in metric.rows)
    elif metric.rows:
        yield run, metric, metric.rows


def _document(run: Run, metric: Metric, rows: list[Row]) -> dict[str, Any]:
    properties = [{"propertyId": name, "name": name, "type": kind} for name, kind in metric.columns.items()]
    return {
        "runId": run.id,
        "metricId": rows[0].id,
        "dataContainerId": run.container,
        "metricType": metric.kind,
        "createdUtc": iso(rows[0].created),
        "name": metric.name,
        "label": metric.name,
        "numCells": len(rows),
        "dataLocation": None,
        "cells": [row.data for row in rows],
        "schema": {"numProperties": len(properties), "properties": properties},
    }


ROUTES = (Route("metrics.query", "POST", "/history/v1.0/WS/experiments/<experiment>/metrics:query", query),)
