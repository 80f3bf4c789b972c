"""What is installed, and whether it fits together. Never raises."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import PackageNotFoundError

from packaging.requirements import InvalidRequirement, Requirement

from tb_aml_plugin import __version__
from tb_aml_plugin.doctor.findings import Finding, Verdict

ABOUT = "Packages"
_OURS = "tb-aml-plugin"
_SHOWN = ("tensorboard", "mlflow-skinny", "mlflow", "azureml-core", "azureml-mlflow", "azure-identity")
_BRITTLE = {"azureml-core": "azureml.core", "azureml-mlflow": "azureml.mlflow"}
"""Those that break when what they stand on does not fit: distribution → module."""
_IMPORT_TIMEOUT_S = 120.0


def findings(needed: Iterable[str]) -> Iterator[Finding]:
    """Versions, requirements that are not met, packages of Azure ML that cannot be imported.

    Args:
      needed: distributions that the place cannot be read without; what is wrong with others is only a note.
    """
    vital = {_OURS, "tensorboard", *needed}
    yield Finding(
        ABOUT, Verdict.OK, f"tb-aml-plugin {__version__} in {sys.executable}, Python {platform.python_version()}"
    )
    installed = {name: version_of(name) for name in _SHOWN}
    there = ", ".join(f"{name} {version}" for name, version in installed.items() if version)
    yield Finding(ABOUT, Verdict.OK, there)
    conflicts = list(conflicts_of(vital))
    yield from conflicts
    for name, module in _BRITTLE.items():
        if installed[name]:
            yield from _import_problem(name, module, Verdict.BAD if name in vital else Verdict.NOTE)
    if not conflicts:
        yield Finding(ABOUT, Verdict.OK, "All requirements are met.")


def version_of(distribution: str) -> str:
    """The version that is installed; "" if none is."""
    try:
        return importlib.metadata.version(distribution)
    except PackageNotFoundError:
        return ""


def conflicts_of(vital: Collection[str]) -> Iterator[Finding]:
    """Requirements of ours, and of what we stand on, that what is installed does not meet; bad for those in `vital`."""
    for owner in _reached():
        for requirement in _requirements(owner):
            version = version_of(requirement.name)
            if requirement.specifier.contains(version or "0", prereleases=True) and version:
                continue
            has = f"{requirement.name} {version} is installed" if version else f"{requirement.name} is not installed"
            verdict = Verdict.BAD if owner in vital else Verdict.NOTE
            wanted = f"{requirement.name}{requirement.specifier}"
            yield Finding(
                ABOUT,
                verdict,
                f"{owner} {version_of(owner)} needs {wanted}, and {has}.",
                cure=f'{sys.executable} -m pip install "{wanted}"',
            )


def _reached() -> list[str]:
    """Distributions that are installed and that ours stands on, whatever stands between."""
    found: list[str] = []
    waiting = [_OURS, *_BRITTLE]
    while waiting:
        name = waiting.pop(0)
        if name in found or not version_of(name):
            continue
        found.append(name)
        waiting += [requirement.name for requirement in _requirements(name)]
    return found


def _requirements(distribution: str) -> list[Requirement]:
    """What `distribution` needs here, extras apart."""
    found = []
    for text in importlib.metadata.requires(distribution) or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found.append(requirement)
    return found


def _import_problem(distribution: str, module: str, verdict: Verdict) -> Iterator[Finding]:
    """Whether `module` can be imported; in a process of its own, which may die of it."""
    command = [sys.executable, "-W", "ignore", "-c", f"import {module}"]
    try:
        process = subprocess.run(  # noqa: S603 - all of it is ours
            command, capture_output=True, text=True, timeout=_IMPORT_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        yield Finding(ABOUT, verdict, f"{distribution} is not imported within {_IMPORT_TIMEOUT_S:.0f} s.")
        return
    if process.returncode:
        last = (process.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        cure = f"{sys.executable} -m pip install --force-reinstall {distribution}, after the conflicts above are solved"
        yield Finding(ABOUT, verdict, f"{distribution} cannot be imported: {last[:300]}", cure=cure)
