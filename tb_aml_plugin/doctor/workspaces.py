"""An Azure ML workspace: each way to sign in with its reason, and one read of each service. Never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.doctor.findings import Finding, Verdict, timed
from tb_aml_plugin.errors import AmlError, SourceError
from tb_aml_plugin.experiment_names import match, unknown_experiment
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.model import Experiment, Run, RunId
from tb_aml_plugin.sources.azureml.workspace import Connection, Workspace
from tb_aml_plugin.sources.base import Selection

_SIGN_IN = "Sign-in"
_SERVICES = "Services"
_NEWEST = 10


def findings(target: AzureTarget, environ: Mapping[str, str], settings: Settings) -> Iterator[Finding]:
    """Packages, cloud, credentials, discovery, and the four services that are read."""
    try:
        workspace = Workspace(target, environ)
    except AmlError as error:
        yield Finding(_SIGN_IN, Verdict.BAD, str(error))
        return
    try:
        cloud = timed(_SIGN_IN, lambda: f"Cloud {workspace.cloud.name}, sign-in at {workspace.where.authority}")
        yield cloud
        if cloud.verdict is Verdict.OK:
            yield from _credentials(workspace, target.auth)
        if workspace.tokens.name if cloud.verdict is Verdict.OK else "":
            yield from _services(workspace, settings)
    finally:
        workspace.close()


def _credentials(workspace: Workspace, auth: str) -> Iterator[Finding]:
    try:
        attempts = workspace.tokens.attempt()
    except SourceError as error:
        yield Finding(_SIGN_IN, Verdict.BAD, str(error))
        return
    for attempt in attempts[:-1]:
        yield Finding(_SIGN_IN, Verdict.NOTE, f"{attempt.name}: {attempt.problem}")
    last = attempts[-1]
    if last.problem:
        yield Finding(_SIGN_IN, Verdict.BAD, f"{last.name}: {last.problem}")
        cure = "Run `tb-aml login` or `az login`, or choose another way with --aml_auth."
        yield Finding(_SIGN_IN, Verdict.BAD, f"No credential of --aml_auth {auth} gives a token.", cure=cure)
        return
    yield Finding(
        _SIGN_IN, Verdict.OK, f"{last.name} gave a token" + (f" for {last.account}" if last.account else "") + "."
    )


def _services(workspace: Workspace, settings: Settings) -> Iterator[Finding]:
    found: list[Connection] = []
    discovery = timed(_SERVICES, lambda: _opened(workspace, found))
    yield discovery
    if discovery.verdict is Verdict.BAD:
        return
    (connection,) = found
    experiments: list[Experiment] = []
    yield timed(_SERVICES, lambda: _experiments(connection, experiments))
    chosen = match(settings.experiments or ("*",), experiments)
    for name in chosen.unknown:
        problem = unknown_experiment(name, experiments, workspace.wire.location)
        yield Finding(_SERVICES, Verdict.BAD, str(problem))
    runs: list[Run] = []
    if chosen.experiments:
        yield timed(_SERVICES, lambda: _runs(connection, chosen.experiments, runs))
    names = {experiment.id: experiment.name for experiment in experiments}
    if runs:
        newest, names = runs[0], {experiment.id: experiment.name for experiment in experiments}
        yield timed(_SERVICES, lambda: _history(connection, names[newest.experiment_id]))
        yield timed(_SERVICES, lambda: _metrics(connection, newest.id))
        yield timed(_SERVICES, lambda: _artifacts(connection, newest.id))


def _opened(workspace: Workspace, found: list[Connection]) -> str:
    found.append(workspace.open(goes_on=lambda run_id: False))
    return f"Services at {found[0].services.history}"


def _experiments(connection: Connection, found: list[Experiment]) -> str:
    found += connection.index.experiments()
    return f"MLflow's endpoint: {len(found)} experiments"


def _runs(connection: Connection, experiments: Sequence[Experiment], found: list[Run]) -> str:
    ids = tuple(experiment.id for experiment in experiments)
    found += connection.index.runs(Selection(ids, max_runs=_NEWEST), {})
    return f"MLflow's endpoint: the newest {len(found)} runs of {len(ids)} experiments"


def _history(connection: Connection, experiment: str) -> str:
    page = next(connection.client.runs(experiment), [])
    return f"Run history: {len(page)} runs on the first page of {experiment!r}"


def _metrics(connection: Connection, run_id: RunId) -> str:
    return f"Metrics: {len(next(connection.client.metrics(run_id), []))} of the newest run"


def _artifacts(connection: Connection, run_id: RunId) -> str:
    return (
        f"Artifacts: {len(next(connection.client.artifacts(f'dcid.{run_id}'), []))} on the first page of the newest run"
    )
