"""A run's label in TensorBoard, which is its only name there. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping

from tb_aml_plugin.model import Experiment, ExperimentId, Run, RunId

_SHORT_ID = 6
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_DOTS = re.compile(r"\.{1,2}")
_DRIVE = re.compile(r"^([A-Za-z]):")


def assign(
    runs: Iterable[Run],
    parents: Mapping[RunId, Run],
    experiments: Mapping[ExperimentId, Experiment],
    previous: Mapping[RunId, str],
) -> dict[RunId, str]:
    """A unique, safe name for each of `runs`: ``experiment/display name``, children ``experiment/parent/child``.

    A run keeps the name it had in `previous` as long as the same name would be made for it, so that labels and
    colours stay when others come and go. Of runs that would share a name, the one started first has it plain; the
    others get the start of their id in brackets. The id stands alone only for a run that has no display name.

    No name is empty, starts or ends with "/", or starts like a Windows drive: TensorBoard's HParams plugin walks
    up parent paths and would never end on those (`backend_context._find_longest_parent_path`). None has a segment
    "." or "..", which path functions take for another place, nor a character that UTF-8 cannot write.

    Args:
      runs: those to name, in any order.
      parents: runs by id to look parents up in; those of `runs` need not be repeated.
      experiments: by id; an experiment that is missing is called by its id.
      previous: what the call before returned.
    """
    ordered = sorted(runs, key=by_start)
    known = {**parents, **{run.id: run for run in ordered}}
    plain = {run.id: _path(run, known, experiments) for run in ordered}
    names: dict[RunId, str] = {}
    taken: set[str] = set()
    for run in ordered:
        name = previous.get(run.id)
        if name is not None and name in _candidates(plain[run.id], run) and name not in taken:
            names[run.id] = name
            taken.add(name)
    for run in ordered:
        if run.id not in names:
            names[run.id] = free(plain[run.id], run, taken)
            taken.add(names[run.id])
    return names


def free(plain: str, run: Run, taken: Collection[str]) -> str:
    """`plain`, or else `plain` with the start of the id of `run`, or all of it: the first that is not `taken`."""
    for name in _candidates(plain, run):
        if name not in taken:
            return name
    # Only a run whose display name spells out another's label gets here.
    return next(name for n in itertools.count(2) if (name := f"{plain} ({run.id}) {n}") not in taken)


def _candidates(plain: str, run: Run) -> tuple[str, str, str]:
    return plain, f"{plain} ({run.id[:_SHORT_ID]})", f"{plain} ({run.id})"


def by_start(run: Run) -> tuple[float, str]:
    """The order in which runs started; those that never did come last."""
    return (run.start_time_s if run.start_time_s is not None else float("inf"), run.id)


def _path(run: Run, known: Mapping[RunId, Run], experiments: Mapping[ExperimentId, Experiment]) -> str:
    segments: list[str] = []
    seen: set[RunId] = set()
    current: Run | None = run
    while current is not None and current.id not in seen:
        seen.add(current.id)
        segments.append(_clean(current.display_name) or current.id)
        current = known.get(current.parent_id) if current.parent_id else None
    experiment = experiments.get(run.experiment_id)
    segments.append(_clean(experiment.name if experiment else "") or str(run.experiment_id))
    return _DRIVE.sub(r"\1_", "/".join(reversed(segments)))


def _clean(name: str) -> str:
    """One segment or more: no control characters, no empty parts between slashes, none that means another place."""
    parts = (part.strip() for part in _UNSAFE.sub(" ", name).split("/"))
    return "/".join("_" * len(part) if _DOTS.fullmatch(part) else part for part in parts if part)
