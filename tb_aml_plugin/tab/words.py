"""What is said of runs and numbers on every page: names, states, which way is better. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from tb_aml_plugin.model import Run
from tb_aml_plugin.tab.wire import Better, NumberOrText, RunBrief, Status

USER_TAG = "mlflow.user"
_PRIVATE_TAG = re.compile(r"(mlflow|azureml)\.|_aml_system_")

_STATUS: Mapping[str, Status] = {
    "SCHEDULED": "scheduled",
    "RUNNING": "running",
    "FINISHED": "finished",
    "FAILED": "failed",
    "KILLED": "killed",
}
_LOWER = re.compile(
    r"(loss|err(or)?|mse|mae|rmse|mape|perplexity|ppl|cost|latency|seconds|time|nll|wer|cer|fid)(\b|_|$)", re.IGNORECASE
)
_HIGHER = re.compile(
    r"(acc(uracy)?|auc|f1|precision|recall|r2|score|map|bleu|rouge|iou|dice|reward|throughput|success)(\b|_|$)",
    re.IGNORECASE,
)


def is_private_tag(key: str) -> bool:
    """Whether MLflow or Azure ML keeps its own state in this tag."""
    return _PRIVATE_TAG.match(key) is not None


def people_tags(run: Run) -> dict[str, str]:
    """The tags that people set, not those that MLflow and Azure keep their own state in."""
    return {key: value for key, value in run.tags.items() if not is_private_tag(key)}


def label(run: Run) -> str:
    """What a run is called among its siblings."""
    return run.display_name.strip() or run.id


def status(run: Run) -> Status:
    """The run's status in the page's words."""
    return _STATUS.get(run.status.value, "unknown")


def brief(run: Run) -> RunBrief:
    """A run where others are spoken of."""
    return {"id": run.id, "label": label(run), "status": status(run)}


def number(value: float) -> NumberOrText:
    """`value` as JSON can hold it."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def as_number(text: str) -> float | None:
    """The number that `text` spells; None for any other text."""
    try:
        return float(text)
    except ValueError:
        return None


def guessed_better(metric: str) -> Better:
    """Which way `metric` is better, from the last word of its name that says so."""
    lower = max((match.start() for match in _LOWER.finditer(metric)), default=-1)
    higher = max((match.start() for match in _HIGHER.finditer(metric)), default=-1)
    if lower == higher:
        return "unknown"
    return "lower" if lower > higher else "higher"
