"""What a Python caller handed in (runs, jobs, experiments, names), in the words that the ``--aml_*`` flags take.

Objects of Azure ML's and MLflow's packages are told apart by their attributes: none of the packages is imported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tb_aml_plugin.errors import SettingsError
from tb_aml_plugin.target import masked

_RUN_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KINDS = "an azureml or MLflow run, an Azure ML job, an experiment, the id of a run, or the name of an experiment"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Runs and experiments of one place.

    Attributes:
      tracking_uri: where they are, "" where nothing handed in tells. May hold a password: never show it.
      experiments: names or ids. A text that names no experiment may be the id of a run.
      run_ids: runs wanted besides, with all that is below them.
    """

    tracking_uri: str = ""
    experiments: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Chosen({masked(self.tracking_uri)!r}, {self.experiments}, {self.run_ids})"


def read(handed_in: object) -> Chosen:
    """What `handed_in` names: one thing, or an iterable of things, or nothing for an empty one.

    Raises:
      SettingsError: something is none of the kinds we know, or the things are at different places.
    """
    places: dict[str, object] = {}
    experiments: dict[str, None] = {}
    run_ids: dict[str, None] = {}
    for thing in _things(handed_in):
        one = _one(thing)
        if one.tracking_uri:
            places.setdefault(one.tracking_uri, thing)
        experiments.update(dict.fromkeys(one.experiments))
        run_ids.update(dict.fromkeys(one.run_ids))
    if len(places) > 1:
        first, second = sorted(masked(uri) for uri in places)[:2]
        raise SettingsError(
            f"The runs are at different places: {first} and {second}. One TensorBoard shows one place; start one for each."
        )
    if not experiments and not run_ids:
        return Chosen()
    return Chosen(next(iter(places), "") or _chosen_mlflow_uri(), tuple(experiments), tuple(run_ids))


def _things(handed_in: object) -> Iterable[object]:
    if handed_in is None:
        raise SettingsError(f"None was handed in where {_KINDS} is wanted, or a list of those.")
    if any(read_kind(handed_in) is not None for read_kind in _READERS):
        return [handed_in]
    if hasattr(handed_in, "columns") and "run_id" in handed_in.columns:  # what mlflow.search_runs() gives
        return list(handed_in["run_id"])  # type: ignore[index]
    if isinstance(handed_in, Iterable):
        return list(handed_in)
    raise _unknown(handed_in)


def _one(thing: object) -> Chosen:
    for read_kind in _READERS:
        found = read_kind(thing)
        if found is not None:
            return found
    raise _unknown(thing)


def _unknown(thing: object) -> SettingsError:
    return SettingsError(f"A {type(thing).__module__}.{type(thing).__qualname__} is not {_KINDS}.")


def _text(thing: Any) -> Chosen | None:
    if not isinstance(thing, str):
        return None
    if not thing.strip():
        raise SettingsError(f"An empty text was handed in where {_KINDS} is wanted.")
    return Chosen(run_ids=(thing,)) if _RUN_ID.fullmatch(thing) else Chosen(experiments=(thing,))


def _mlflow_run(thing: Any) -> Chosen | None:
    run_id = getattr(getattr(thing, "info", None), "run_id", None)
    return Chosen(_mlflow_uri(), run_ids=(run_id,)) if isinstance(run_id, str) else None


def _mlflow_experiment(thing: Any) -> Chosen | None:
    name = getattr(thing, "name", None)
    is_one = isinstance(getattr(thing, "experiment_id", None), str) and hasattr(thing, "artifact_location")
    return Chosen(_mlflow_uri(), experiments=(name,)) if is_one and isinstance(name, str) else None


def _azureml_run(thing: Any) -> Chosen | None:
    workspace = getattr(getattr(thing, "experiment", None), "workspace", None)
    run_id = getattr(thing, "id", None)
    if workspace is None or not isinstance(run_id, str):
        return None
    return Chosen(_workspace_uri(workspace), run_ids=(run_id,))


def _azureml_experiment(thing: Any) -> Chosen | None:
    workspace, name = getattr(thing, "workspace", None), getattr(thing, "name", None)
    if not hasattr(workspace, "subscription_id") or not isinstance(name, str):
        return None
    return Chosen(_workspace_uri(workspace), experiments=(name,))


def _sdk_v2_job(thing: Any) -> Chosen | None:
    """An `azure.ai.ml` job: its name is the run's id, its service "Tracking" the tracking URI."""
    name, services = getattr(thing, "name", None), getattr(thing, "services", None)
    if not isinstance(name, str) or not hasattr(thing, "experiment_name"):
        return None
    endpoint = getattr((services or {}).get("Tracking"), "endpoint", None)
    return Chosen(endpoint or "", run_ids=(name,))


_READERS: tuple[Callable[[Any], Chosen | None], ...] = (
    _text,
    _mlflow_run,
    _mlflow_experiment,
    _azureml_run,
    _azureml_experiment,
    _sdk_v2_job,
)
"""How each kind is known. A new kind is a function and a line here."""


def _workspace_uri(workspace: Any) -> str:
    if hasattr(workspace, "get_mlflow_tracking_uri"):  # comes with azureml-mlflow
        return str(workspace.get_mlflow_tracking_uri())
    return (
        f"azureml://{workspace.location}.api.azureml.ms/mlflow/v1.0/subscriptions/{workspace.subscription_id}"
        f"/resourceGroups/{workspace.resource_group}/providers/Microsoft.MachineLearningServices"
        f"/workspaces/{workspace.name}"
    )


def _mlflow_uri() -> str:
    """Where MLflow reads and logs in this process; "" where it was not imported."""
    mlflow: Any = sys.modules.get("mlflow")
    return str(mlflow.get_tracking_uri()) if hasattr(mlflow, "get_tracking_uri") else ""


def _chosen_mlflow_uri() -> str:
    """The same where someone chose it; "" leaves the choice to what is found in the folder."""
    mlflow: Any = sys.modules.get("mlflow")
    is_chosen = getattr(getattr(mlflow, "tracking", None), "is_tracking_uri_set", lambda: False)()
    return _mlflow_uri() if is_chosen else ""
