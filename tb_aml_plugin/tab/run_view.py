"""One run as its own page shows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tb_aml_plugin.board import Snapshot
from tb_aml_plugin.model import Run, RunId
from tb_aml_plugin.tab.views import USER_TAG, better, label, number, people_tags, status
from tb_aml_plugin.tab.wire import Fact, Pair, RunDetail

_NOTE_TAG = "mlflow.note.content"
_LONGEST = 20_000
_FACT_TAGS = (
    (USER_TAG, "User"),
    ("mlflow.source.name", "Source"),
    ("mlflow.source.git.branch", "Git branch"),
    ("azureml.compute", "Compute"),
    ("mlflow.project.entryPoint", "Entry point"),
)
_COMMIT_TAG = "mlflow.source.git.commit"
_REPOSITORY_TAG = "mlflow.source.git.repoURL"
_SSH_REPOSITORY = re.compile(r"(?:ssh://)?git@([\w.-]+)[:/](.+)")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def run_detail(snapshot: Snapshot, location: str, run_id: str) -> RunDetail | None:
    """Everything known of a run; None when the Board has no run with this id."""
    by_id = {run.id: (name, run) for name, run in snapshot.runs.items()}
    if run_id not in by_id:
        return None
    name, run = by_id[RunId(run_id)]
    experiment = snapshot.experiments.get(run.experiment_id)
    return {
        "id": run.id,
        "name": name,
        "label": label(run),
        "experiment": experiment.name if experiment else run.experiment_id,
        "children": [],
        "child_count": 0,
        "shown": True,
        "links": [],
        "uri": f"runs:/{run.id}",
        "artifact_uri": "",
        "ancestors": [{"key": above.id, "value": label(above)} for above in _ancestors(run, by_id)],
        "status": status(run),
        "start_s": run.start_time_s,
        "end_s": run.end_time_s,
        "facts": [_fact("Experiment", experiment.name if experiment else run.experiment_id), *_facts(run)],
        "params": _pairs(run.params),
        "tags": _pairs(people_tags(run)),
        "metrics": [
            {
                "metric": metric,
                "step": point.step,
                "wall_time_s": point.wall_time_s,
                "value": number(point.value),
                "better": better(metric),
            }
            for metric, point in sorted(run.metrics.items())
        ],
        "note": run.tags.get(_NOTE_TAG, "")[:_LONGEST],
        "python": _python(location, run.id),
    }


def _ancestors(run: Run, by_id: Mapping[RunId, tuple[str, Run]]) -> list[Run]:
    """The runs above, root first; those that are not on the Board end the chain."""
    found: list[Run] = []
    seen = {run.id}
    while run.parent_id and run.parent_id in by_id and run.parent_id not in seen:
        run = by_id[run.parent_id][1]
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


def _python(location: str, run_id: str) -> str:
    return f"import mlflow\n\nmlflow.set_tracking_uri({location!r})\nrun = mlflow.get_run({run_id!r})\n"
