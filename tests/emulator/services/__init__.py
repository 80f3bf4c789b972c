"""The services of the workspace; each module has its `ROUTES`, and `ALL_ROUTES` is the one line to edit for a new one."""

from __future__ import annotations

from tests.emulator.services import (
    arm,
    artifacts,
    blobs,
    discovery,
    entra,
    events,
    experiments,
    metrics,
    metrics_v1,
    mlflow,
    runs,
)

ALL_ROUTES = tuple(
    route
    for service in (arm, discovery, entra, experiments, runs, events, metrics, metrics_v1, artifacts, mlflow, blobs)
    for route in service.ROUTES
)
