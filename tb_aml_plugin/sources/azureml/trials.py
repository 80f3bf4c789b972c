"""The arguments of a trial of a sweep, which Azure ML keeps in tags. Pure.

HyperDrive writes them to the tags of the sweep, one per trial: ``_aml_system_<trial>``, or ``<trial>`` in older versions
(azureml-train-core, `HyperDriveRun.get_hyperparameters`). Sweeps of SDK v2 and AutoML write them to the tag
``hyperparameters`` of the trial.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

_OWN_TAGS = ("hyperparameters", "_aml_system_hyperparameters")
_PREFIX = "_aml_system_"


def arguments(run_id: str, tags: Mapping[str, str], parent_tags: Mapping[str, str]) -> dict[str, str]:
    """Name → value, as a person would write both: ``--lr`` is ``lr``; empty for a run that is no trial."""
    texts = [parent_tags.get(_PREFIX + run_id), parent_tags.get(run_id), *(tags.get(name) for name in _OWN_TAGS)]
    for text in texts:
        found = _parse(text) if text else None
        if found:
            return {name.lstrip("-") or name: _text(value) for name, value in found.items()}
    return {}


def _parse(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
