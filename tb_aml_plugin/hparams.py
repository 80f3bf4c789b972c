"""Params, status and duration of runs as the metadata that TensorBoard's HParams plugin reads. Pure.

One run is one session: a tag ``_hparams_/session_start_info`` with its params, ``_hparams_/session_end_info`` with
its status. A tag ``_hparams_/experiment`` on one run names the columns. TensorBoard reads the tags' metadata only,
never their tensors (`tensorboard/plugins/hparams/backend_context.py`).
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from google.protobuf.message import DecodeError
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

from tb_aml_plugin.model import SYSTEM_PREFIX, Experiment, ExperimentId, Run, RunStatus

PLUGIN = metadata.PLUGIN_NAME
EXPERIMENT_TAG = metadata.EXPERIMENT_TAG
START_TAG = metadata.SESSION_START_INFO_TAG
END_TAG = metadata.SESSION_END_INFO_TAG

DURATION_TAG = "run duration (s)"
"""Scalar tag that is read like a metric but never listed: a column of the HParams table without a card of its own."""


Contents = dict[str, dict[str, bytes]]
"""Run name → tag → plugin content."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLS = {"true": True, "false": False}
_NO_NUMBER = {"", "nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "-infinity"}
_EXACT_INTEGER = 2**53

_STATUS = {
    RunStatus.FINISHED: api_pb2.STATUS_SUCCESS,
    RunStatus.FAILED: api_pb2.STATUS_FAILURE,
    RunStatus.KILLED: api_pb2.STATUS_FAILURE,
    RunStatus.RUNNING: api_pb2.STATUS_RUNNING,
}


class _Type(enum.Enum):
    """What the text of a param is taken for."""

    NONE = enum.auto()  # fits every type: empty, NaN or infinite
    BOOL = enum.auto()
    NUMBER = enum.auto()
    TEXT = enum.auto()


EXPERIMENT_COLUMN = "experiment"


def contents(
    runs: Mapping[str, Run], experiments: Mapping[ExperimentId, Experiment] = MappingProxyType({})
) -> Contents:
    """Plugin contents of every run in `runs` (run name → run), the experiment's on the first of them.

    Every run has a session, even one without params: the Time Series run table matches sessions by name prefix, and
    a run without one would show the params of ``r1`` in the row of ``r10``. A param has one type over all runs:
    number if each of its values is one, else true/false if each is, else text. A value that is NaN, infinite or
    empty where the others are numbers is left out, since it would poison the column's range.

    Where no run has a param there is one column all the same, the experiment's name of `experiments`: without any,
    HParams shows a page that says that there is no data (`tf-hparams-query-pane.ts`), and no metrics either.
    """
    types = _types(runs.values())
    found: Contents = {}
    starts = []
    for name, run in runs.items():
        start = _start_info(run, types)
        if not types and run.experiment_id in experiments:
            start.hparams[EXPERIMENT_COLUMN].string_value = _written(experiments[run.experiment_id].name)
        starts.append(start)
        found[name] = {
            START_TAG: _content(session_start_info=start),
            END_TAG: _content(session_end_info=_end_info(run)),
        }
    if found:
        tags = {tag for run in runs.values() for tag in run.metrics}
        experiment = api_pb2.Experiment(hparam_infos=hparam_infos(starts), metric_infos=_metric_infos(tags))
        next(iter(found.values()))[EXPERIMENT_TAG] = _content(experiment=experiment)
    return found


def merged(parts: Sequence[tuple[Contents, Mapping[str, Iterable[str]]]]) -> Contents:
    """The contents of several providers as one, with a single experiment that names the columns of all.

    Without that, the first experiment TensorBoard finds would hide every column it does not name.

    Args:
      parts: for each provider its contents, and its scalar tags by run name, from which the columns are inferred
        where it has sessions and no experiment. For the same run and tag the earlier provider wins.
    """
    together: Contents = {}
    experiments = []
    for found, scalar_tags in parts:
        readable = {
            run: {tag: by_tag[tag] for tag in by_tag if _is_readable(tag, by_tag[tag])} for run, by_tag in found.items()
        }
        for run, by_tag in readable.items():
            for tag, content in by_tag.items():
                together.setdefault(run, {}).setdefault(tag, content)
        experiments.append(_experiment_of(readable, scalar_tags))
    for by_tag in together.values():
        by_tag.pop(EXPERIMENT_TAG, None)
    if not together:
        return {}
    union = _union(experiments)
    _retype(together, _mixed(experiments, union))
    next(iter(together.values()))[EXPERIMENT_TAG] = _content(experiment=union)
    return {run: by_tag for run, by_tag in together.items() if by_tag}


def hparam_infos(starts: Iterable[plugin_data_pb2.SessionStartInfo]) -> list[api_pb2.HParamInfo]:
    """A column for each param of `starts`, with its type and the values or range that occur."""
    values: dict[str, list[bool | float | str]] = {}
    for start in starts:
        for name, value in start.hparams.items():
            kind = value.WhichOneof("kind")
            if kind in ("bool_value", "number_value", "string_value"):
                values.setdefault(name, []).append(getattr(value, kind))
    return [_hparam_info(name, found) for name, found in values.items()]


_FIELDS = {EXPERIMENT_TAG: "experiment", START_TAG: "session_start_info", END_TAG: "session_end_info"}


def _is_readable(tag: str, content: bytes) -> bool:
    """Whether HParams can parse it: one broken content of one run would fail its whole dashboard."""
    try:
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
    except DecodeError:
        return False
    return data.version == metadata.PLUGIN_DATA_VERSION and tag in _FIELDS and bool(data.HasField(_FIELDS[tag]))


def _experiment_of(found: Contents, scalar_tags: Mapping[str, Iterable[str]]) -> api_pb2.Experiment:
    sessions = {run: by_tag[START_TAG] for run, by_tag in found.items() if START_TAG in by_tag}
    inferred = hparam_infos(metadata.parse_session_start_info_plugin_data(content) for content in sessions.values())
    for by_tag in found.values():
        if EXPERIMENT_TAG in by_tag:
            return _with_domains(metadata.parse_experiment_plugin_data(by_tag[EXPERIMENT_TAG]), inferred)
    return api_pb2.Experiment(
        hparam_infos=inferred,
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(group=group, tag=tag))
            for group, tag in sorted(_session_metrics(sessions, scalar_tags))
        ],
    )


def _with_domains(experiment: api_pb2.Experiment, inferred: Iterable[api_pb2.HParamInfo]) -> api_pb2.Experiment:
    """`experiment`, where a column was declared by its name alone with the values that occur.

    Else the values of another provider would be all, and HParams would hide the rows that have others.
    """
    known = {info.name: info for info in inferred}
    for info in experiment.hparam_infos:
        if info.WhichOneof("domain") is None and info.name in known:
            declared = api_pb2.HParamInfo.FromString(info.SerializeToString())
            info.CopyFrom(known[info.name])
            info.MergeFrom(declared)
    return experiment


def _session_metrics(sessions: Iterable[str], scalar_tags: Mapping[str, Iterable[str]]) -> set[tuple[str, str]]:
    """(group, tag) of each scalar of a session run ("" as group) or of a run below one (the path below it)."""
    names = set(sessions)
    found: set[tuple[str, str]] = set()
    for run, tags in scalar_tags.items():
        parts = run.split("/")
        for end in range(len(parts), 0, -1):
            if "/".join(parts[:end]) in names:
                found.update(("/".join(parts[end:]), tag) for tag in tags)
                break
    return found


def _union(experiments: Iterable[api_pb2.Experiment]) -> api_pb2.Experiment:
    hparams: dict[str, api_pb2.HParamInfo] = {}
    metrics: dict[tuple[str, str], api_pb2.MetricInfo] = {}
    for experiment in experiments:
        for info in experiment.hparam_infos:
            hparams[info.name] = _wider(hparams[info.name], info) if info.name in hparams else info
        for metric in experiment.metric_infos:
            metrics.setdefault((metric.name.group, metric.name.tag), metric)
    return api_pb2.Experiment(hparam_infos=hparams.values(), metric_infos=metrics.values())


def _mixed(experiments: Iterable[api_pb2.Experiment], union: api_pb2.Experiment) -> set[str]:
    """Params that are text in the union and something else in one of its parts."""
    texts = {info.name for info in union.hparam_infos if info.type == api_pb2.DATA_TYPE_STRING}
    return {
        info.name
        for experiment in experiments
        for info in experiment.hparam_infos
        if info.name in texts and info.type != api_pb2.DATA_TYPE_STRING
    }


def _retype(found: Contents, names: set[str]) -> None:
    """Makes the params `names` text in every session: HParams fails to sort a column that mixes types."""
    for by_tag in found.values() if names else ():
        if START_TAG in by_tag:
            start = metadata.parse_session_start_info_plugin_data(by_tag[START_TAG])
            for name in names & set(start.hparams):
                kind = start.hparams[name].WhichOneof("kind")
                start.hparams[name].string_value = str(getattr(start.hparams[name], kind)) if kind else ""
            by_tag[START_TAG] = _content(session_start_info=start)


def _wider(one: api_pb2.HParamInfo, other: api_pb2.HParamInfo) -> api_pb2.HParamInfo:
    """A column that holds the values of both."""
    return _hparam_info(one.name, [*_domain(one), *_domain(other)], display_name=one.display_name or other.display_name)


def _domain(info: api_pb2.HParamInfo) -> list[bool | float | str]:
    if info.HasField("domain_interval"):
        return [info.domain_interval.min_value, info.domain_interval.max_value]
    return [
        getattr(value, value.WhichOneof("kind")) for value in info.domain_discrete.values if value.WhichOneof("kind")
    ]


def _hparam_info(name: str, values: Sequence[bool | float | str], display_name: str = "") -> api_pb2.HParamInfo:
    info = api_pb2.HParamInfo(name=name, display_name=display_name, differs=len(set(values)) > 1)
    if values and all(isinstance(value, bool) for value in values):
        info.type = api_pb2.DATA_TYPE_BOOL
        info.domain_discrete.extend(sorted(set(values)))
    elif values and all(isinstance(value, float) for value in values):
        info.type = api_pb2.DATA_TYPE_FLOAT64
        numbers = [float(value) for value in values]
        info.domain_interval.min_value, info.domain_interval.max_value = min(numbers), max(numbers)
    else:
        info.type = api_pb2.DATA_TYPE_STRING
        info.domain_discrete.extend(sorted({str(value) for value in values}))
    return info


def _metric_infos(tags: Iterable[str]) -> list[api_pb2.MetricInfo]:
    # Duration first: a sweep whose runs logged nothing has one column all the same. System metrics are hundreds; they
    # have their own cards.
    named = [DURATION_TAG, *sorted(tag for tag in tags if not tag.startswith(SYSTEM_PREFIX) and tag != DURATION_TAG)]
    return [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag)) for tag in named if tag == _written(tag)]


def _types(runs: Iterable[Run]) -> dict[str, _Type]:
    types: dict[str, _Type] = {}
    for run in runs:
        for name, value in run.params.items():
            kind, before = _type_of(value), types.setdefault(name, _Type.NONE)
            if before == _Type.NONE:
                types[name] = kind
            elif kind not in (before, _Type.NONE):
                types[name] = _Type.TEXT
    return types


def _type_of(text: str) -> _Type:
    lower = text.strip().lower()
    if lower in _NO_NUMBER:
        return _Type.NONE
    if lower in _BOOLS:
        return _Type.BOOL
    if not _NUMBER.fullmatch(lower) or not math.isfinite(float(lower)):
        return _Type.TEXT
    # An id of 20 digits is no number: a double would show another one.
    exact = not lower.lstrip("+-").isdigit() or abs(float(lower)) <= _EXACT_INTEGER
    return _Type.NUMBER if exact else _Type.TEXT


def _start_info(run: Run, types: Mapping[str, _Type]) -> plugin_data_pb2.SessionStartInfo:
    info = plugin_data_pb2.SessionStartInfo(start_time_secs=run.start_time_s or 0.0, monitor_url=run.url)
    for name, text in run.params.items():
        value = info.hparams[_written(name)]
        if types[name] in (_Type.TEXT, _Type.NONE):
            value.string_value = _written(text)
        elif _type_of(text) == _Type.NONE:
            del info.hparams[_written(name)]
        elif types[name] == _Type.BOOL:
            value.bool_value = _BOOLS[text.strip().lower()]
        else:
            value.number_value = float(text.strip())  # of more than `float` itself would
    return info


def _written(text: str) -> str:
    """`text` as Protocol Buffers can write it: a lone surrogate, which UTF-8 has not, becomes "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _end_info(run: Run) -> plugin_data_pb2.SessionEndInfo:
    return plugin_data_pb2.SessionEndInfo(
        status=_STATUS.get(run.status, api_pb2.STATUS_UNKNOWN), end_time_secs=run.end_time_s or 0.0
    )


def _content(**field: object) -> bytes:
    data = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **field)
    # The same params are the same bytes, in any process.
    return bytes(data.SerializeToString(deterministic=True))
