"""Models that were logged: a summary of each as a text, instead of a text for each of its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import File, Found
from tb_aml_plugin.kinds.json_rows import loads
from tb_aml_plugin.media import Dashboard, Table
from tb_aml_plugin.sources.base import LoggedModel

_MODEL = "MLmodel"
_MOST_BYTES = 2**20
_MOST_ROWS = 200  # of params, and of metrics
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Models:
    """The file ``MLmodel`` that ``log_model`` writes; it speaks for all files of its folder."""

    name = "model"

    def claims(self, file: File) -> bool:
        folder = file.path
        while folder:
            folder = folder.rpartition("/")[0]
            if (f"{folder}/{_MODEL}" if folder else _MODEL) in file.beside:
                return True
        return False

    def find(self, file: File) -> Iterable[Found]:
        folder, _, name = file.path.rpartition("/")
        return (Found(Dashboard.TEXT, folder or "model"),) if name == _MODEL else ()

    def payload(self, file: File, part: str) -> Table:
        return Table(("model", ""), document_rows(file.whole(_MOST_BYTES)))


Facts = tuple[tuple[str, str], ...]
"""What is said of a model: rows of a name and a text."""


def document_rows(document: bytes) -> Facts:
    """What a file ``MLmodel`` says.

    Raises:
      CannotShow: it is none.
    """
    try:
        found = yaml.load(document, _LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CannotShow("It is no MLmodel file that can be read.")
    return tuple((name, text[:1000]) for name, text in _summary(found) if text)


def summary_of(model: LoggedModel, document: Facts = ()) -> Table:
    """What MLflow 3 says of a model that it keeps beside the artifacts of its run, and what its ``MLmodel`` says."""
    created = "" if model.created_s is None else dt.datetime.fromtimestamp(model.created_s, dt.timezone.utc).isoformat()
    facts = (("id", model.id), ("status", model.status), ("type", model.kind), ("created", created))
    params = [(f"param: {key}", value[:1000]) for key, value in sorted(model.params.items())[:_MOST_ROWS]]
    metrics = [(f"metric: {key}", f"{value:.6g}") for key, value in sorted(model.metrics.items())[:_MOST_ROWS]]
    said = [fact for fact in document if fact[0] not in ("id", "created")]
    return Table(("model", model.name), tuple(fact for fact in (*facts, *said, *params, *metrics) if fact[1]))


def _summary(model: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    flavors = model.get("flavors")
    yield "flavors", ", ".join(_flavors(flavors)) if isinstance(flavors, dict) else ""
    yield "created", str(model.get("utc_time_created") or "")
    yield "MLflow", str(model.get("mlflow_version") or "")
    yield "size in bytes", str(model.get("model_size_bytes") or "")
    yield "id", str(model.get("model_id") or model.get("model_uuid") or "")
    signature = model.get("signature")
    if isinstance(signature, dict):
        for side in ("inputs", "outputs", "params"):
            yield side, _columns(signature.get(side))
    metadata = model.get("metadata")
    if isinstance(metadata, dict):
        yield from ((f"metadata: {key}", str(value)) for key, value in metadata.items())


def _flavors(flavors: Mapping[Any, Any]) -> Iterable[str]:
    for name, flavor in flavors.items():
        versions = (
            [str(v) for key, v in flavor.items() if str(key).endswith("_version")] if isinstance(flavor, dict) else []
        )
        yield f"{name} {versions[0]}" if versions else str(name)


def _columns(text: Any) -> str:
    """A side of a signature, which is JSON in YAML: ``a: double, b: long (optional)``."""
    if not isinstance(text, str):
        return ""
    try:
        found = loads(text.encode())
    except CannotShow:
        return text
    if not isinstance(found, list):
        return text
    return ", ".join(_column(column) for column in found if isinstance(column, dict))


def _column(column: Mapping[str, Any]) -> str:
    tensor = column.get("tensor-spec")
    shape = f"{tensor.get('dtype')} {tensor.get('shape')}" if isinstance(tensor, dict) else str(column.get("type"))
    name = f"{column['name']}: " if column.get("name") else ""
    return f"{name}{shape}{'' if column.get('required', True) else ' (optional)'}"
