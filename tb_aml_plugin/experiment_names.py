"""Which experiments the names and globs that the user typed mean. Pure."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tb_aml_plugin import typed_names
from tb_aml_plugin.errors import UnknownExperiment
from tb_aml_plugin.model import Experiment
from tb_aml_plugin.typed_names import closest, is_glob


@dataclass(frozen=True, slots=True)
class Match:
    """The experiments chosen, and the texts that name none."""

    experiments: tuple[Experiment, ...]
    unknown: tuple[str, ...]  # names that do not exist
    empty: tuple[str, ...]  # globs that match nothing yet


def match(wanted: Sequence[str], experiments: Iterable[Experiment]) -> Match:
    """The experiments that `wanted` names: by name, by id, by glob; a text with commas is several, unless it is a name."""
    existing = list(experiments)
    by_name: dict[str, list[Experiment]] = {}
    for experiment in existing:  # a folder that was copied has its name once more
        by_name.setdefault(experiment.name, []).append(experiment)
    by_id = {str(experiment.id): [experiment] for experiment in existing}
    chosen: dict[str, Experiment] = {}
    unknown: list[str] = []
    empty: list[str] = []
    for text in _split(wanted, by_name.keys()):
        exact = by_name.get(text) or by_id.get(text)
        found = exact or [e for e in existing if is_glob(text) and fnmatch.fnmatchcase(e.name, text)]
        if not found:
            (empty if is_glob(text) else unknown).append(text)
        chosen.update((experiment.id, experiment) for experiment in found)
    return Match(tuple(chosen.values()), tuple(unknown), tuple(empty))


def unknown_experiment(name: str, experiments: Iterable[Experiment], location: str) -> UnknownExperiment:
    """The error for a `name` that does not exist, with the names that look most like it."""
    names = [experiment.name for experiment in experiments]
    found = closest(name, names)
    if found:
        hint = typed_names.hint(found)
    elif names:
        shown = ", ".join(repr(existing) for existing in sorted(names)[:5])
        hint = f"There {'are' if len(names) > 1 else 'is'} {shown}" + (" and more." if len(names) > 5 else ".")
    else:
        hint = "It holds no experiments."
    return UnknownExperiment(f"No experiment {name!r} at {location}. {hint}", name, found)


def unknown_run(run_id: str, location: str) -> UnknownExperiment:
    """The error for a run id that does not exist, or whose run was deleted."""
    return UnknownExperiment(
        f"No run {run_id!r} at {location}. --aml_run takes run ids; for a name use --aml_filter \"run_name = '…'\".",
        run_id,
    )


def _split(wanted: Sequence[str], names: Iterable[str]) -> list[str]:
    existing = set(names)
    texts: list[str] = []
    for text in wanted:
        texts += [text] if text in existing else [part.strip() for part in text.split(",")]
    return [text for text in dict.fromkeys(texts) if text]
