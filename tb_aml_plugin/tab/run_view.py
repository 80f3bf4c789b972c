"""One run as its own page shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import NOTE_TAG, Run
from tb_aml_plugin.tab.goals import Goals, better, goals
from tb_aml_plugin.tab.snippet import snippet
from tb_aml_plugin.tab.wire import Fact, LastPoint, Link, Pair, RunDetail
from tb_aml_plugin.tab.words import USER_TAG, brief, label, number, people_tags, status
from tb_aml_plugin.target import masked
from tb_aml_plugin.visibility import Choice

_LONGEST = 20_000
_MOST_CHILDREN = 1000
_FACT_TAGS = (
    (USER_TAG, "User"),
    ("mlflow.source.name", "Source"),
    ("mlflow.source.type", "Source type"),
    ("mlflow.source.git.branch", "Git branch"),
    ("azureml.compute", "Compute"),
    ("azureml.runType", "Type"),
    ("azureml.nodeCount", "Nodes"),
    ("azureml.pipelineComponent", "Component"),
    ("mlflow.project.entryPoint", "Entry point"),
    ("mlflow.databricks.cluster.id", "Cluster"),
)
"""Tags in which MLflow, Azure ML and Databricks keep where a run ran and from what."""
_COMMIT_TAG = "mlflow.source.git.commit"
_REPOSITORY_TAG = "mlflow.source.git.repoURL"
_SSH_REPOSITORY = re.compile(r"(?:ssh://)?git@([\w.-]+)[:/](.+)")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def run_detail(snapshot: Snapshot, uri: str, run: Run, choice: Choice, page: tuple[str, str] | None) -> RunDetail:
    """Everything known of `run`, which is on the Board or above a run that is.

    Args:
      uri: of the place as MLflow takes it, for the snippet.
      page: name and address of the place's own page about the run.
    """
    name = next((name for name, other in snapshot.runs.items() if other.id == run.id), "")
    children = [other for other in snapshot.runs.values() if other.parent_id == run.id and other.id != run.id]
    names = {experiment.id: experiment.name for experiment in (*snapshot.existing, *snapshot.experiments.values())}
    experiment = names.get(run.experiment_id, str(run.experiment_id))
    return {
        "id": run.id,
        "name": name,
        "label": label(run),
        "experiment": experiment,
        "ancestors": [{"key": above.id, "value": label(above)} for above in _ancestors(run, snapshot)],
        "children": [brief(child) for child in children[:_MOST_CHILDREN]],
        "child_count": len(children),
        "status": status(run),
        "start_s": run.start_time_s,
        "end_s": run.end_time_s,
        "shown": bool(name) and choice.shows(run.id),
        "facts": [_fact("Experiment", experiment), *_facts(run)],
        "links": _links(page),
        "uri": f"runs:/{run.id}",
        "artifact_uri": masked(run.artifact_uri),
        "params": _pairs(run.params),
        "tags": _pairs(people_tags(run)),
        "metrics": _metrics(run, goals(snapshot)),
        "note": run.tags.get(NOTE_TAG, "")[:_LONGEST],
        "python": snippet(uri, run.id),
    }


def _metrics(run: Run, said: Goals) -> list[LastPoint]:
    return [
        {
            "metric": metric,
            "step": point.step,
            "wall_time_s": point.wall_time_s,
            "value": number(point.value),
            "better": better(metric, said),
        }
        for metric, point in sorted(run.metrics.items())
    ]


def _links(page: tuple[str, str] | None) -> list[Link]:
    if page is None or not _WEB.match(page[1]):
        return []
    return [{"label": page[0], "href": page[1]}]


def _ancestors(run: Run, snapshot: Snapshot) -> list[Run]:
    """The runs above, root first; one that is not known ends the chain."""
    by_id = {**snapshot.parents, **{other.id: other for other in snapshot.runs.values()}}
    found: list[Run] = []
    seen = {run.id}
    while run.parent_id and run.parent_id in by_id and run.parent_id not in seen:
        run = by_id[run.parent_id]
        seen.add(run.id)
        found.append(run)
    return found[::-1]


def _facts(run: Run) -> Iterator[Fact]:
    for tag, name in _FACT_TAGS:
        if run.tags.get(tag):
            yield _fact(name, run.tags[tag])
    commit = run.tags.get(_COMMIT_TAG)
    if commit:
        yield _fact("Git commit", commit, _commit_address(run.tags.get(_REPOSITORY_TAG, ""), commit))
    yield _fact("Run id", run.id)


def _fact(name: str, value: str, href: str | None = None) -> Fact:
    return {"label": name, "value": value[:_LONGEST], "href": href}


def _commit_address(repository: str, commit: str) -> str | None:
    """Where the commit can be read; None unless the repository is on the web."""
    ssh = _SSH_REPOSITORY.fullmatch(repository)
    address = f"https://{ssh[1]}/{ssh[2]}" if ssh else repository
    if not _WEB.match(address) or "@" in address or not commit.isalnum():
        return None
    return f"{address.removesuffix('/').removesuffix('.git')}/commit/{commit}"


def _pairs(values: Mapping[str, str]) -> list[Pair]:
    return [{"key": key, "value": value[:_LONGEST]} for key, value in sorted(values.items())]
