"""The place that the flags name: whether it answers, and how fast. Never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tb_aml_plugin import place, sources
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.doctor import workspaces
from tb_aml_plugin.doctor.findings import Finding, Verdict, timed
from tb_aml_plugin.errors import AmlError
from tb_aml_plugin.experiment_names import match, unknown_experiment
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.model import Run
from tb_aml_plugin.sources.base import HoldsArtifacts, RunSource, Selection
from tb_aml_plugin.target import FileTarget, Target, masked

ABOUT = "Place"
_NEWEST = 10


def needed(settings: Settings, cwd: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Distributions that the place cannot be read without, beside those that ours always needs."""
    try:
        found = place.find(settings, cwd, environ)
    except AmlError:
        return ()
    if not isinstance(found, AzureTarget):
        return ()
    return ("azure-identity",) if found.endpoint else ("azure-identity", "azureml-core")


def findings(settings: Settings, cwd: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Which place it is, how one gets in, and one read of everything that it has."""
    try:
        found = place.find(settings, cwd, environ)
    except AmlError as error:
        yield Finding(ABOUT, Verdict.BAD, str(error))
        return
    yield Finding(ABOUT, Verdict.OK, _described(found))
    if isinstance(found, AzureTarget):
        yield from workspaces.findings(found, environ, settings)
        return
    try:
        source = sources.connect(found, environ)
    except AmlError as error:
        yield Finding(ABOUT, Verdict.BAD, str(error))
        return
    try:
        yield from reads(source, settings)
    finally:
        source.close()


def reads(source: RunSource, settings: Settings) -> Iterator[Finding]:
    """One read of each kind; those that need what an earlier one failed to bring are left out."""
    runs: list[Run] = []
    listed = timed("Reading", lambda: _listed(source, settings, runs))
    yield listed
    measured = next((run for run in runs if run.metrics), None)
    if measured:
        metric = next(iter(measured.metrics))
        yield timed("Reading", lambda: _history(source, metric, measured))
    if runs and isinstance(source, HoldsArtifacts):
        finding = timed("Reading", lambda: _artifacts(source, runs))
        # Runs are shown without them all the same.
        is_bad = finding.verdict is Verdict.BAD
        yield Finding(finding.about, Verdict.NOTE, finding.text, seconds=finding.seconds) if is_bad else finding


def _described(found: Target) -> str:
    if isinstance(found, AzureTarget):
        source = f", from {found.config}" if found.config else ""
        return f"{found.location}, subscription {found.subscription_id}{source}"
    return str(found.path) if isinstance(found, FileTarget) else masked(found.url)


def _listed(source: RunSource, settings: Settings, runs: list[Run]) -> str:
    existing = source.experiments()
    chosen = match(settings.experiments or ("*",), existing)
    if chosen.unknown:
        raise unknown_experiment(chosen.unknown[0], existing, source.location)
    ids = tuple(experiment.id for experiment in chosen.experiments)
    runs += source.runs(Selection(ids, max_runs=_NEWEST), {})
    metrics = {metric for run in runs for metric in run.metrics}
    chosen_text = f", {len(ids)} of them chosen" if settings.experiments else ""
    return f"{len(existing)} experiments{chosen_text}; their newest {len(runs)} runs have {len(metrics)} metrics."


def _history(source: RunSource, metric: str, run: Run) -> str:
    points = dict(source.histories(metric, [run.id]))[run.id]
    return f"The history of {metric!r} of one run: {len(points)} points."


def _artifacts(source: HoldsArtifacts, runs: Sequence[Run]) -> str:
    """Of the newest run that has any; those that go on come last: they log most at their end."""
    for run in sorted(runs, key=lambda run: not run.status.is_terminal):
        found = len(source.artifacts(run).list())
        if found:
            return f"The artifacts of one run: {found} at its root."
    return f"The artifacts of {len(runs)} runs: none has any."
