"""Which TensorBoard would run, and which plugins it would load. Never raises."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tb_aml_plugin.doctor.findings import Finding, Verdict
from tb_aml_plugin.doctor.packages import version_of

ABOUT = "TensorBoard"
_GROUP = "tensorboard_plugins"
_OURS = "azureml"


def findings() -> Iterator[Finding]:
    """The command on the path, the fast data server, the plugins that others brought, and ours."""
    yield _command()
    server = importlib.util.find_spec("tensorboard_data_server") is not None
    text = "Its fast data server is there." if server else "Its fast data server is not there: --logdir is read slower."
    yield Finding(ABOUT, Verdict.OK, text)
    loaded, seen = [], False
    for entry in sorted(importlib.metadata.entry_points(group=_GROUP), key=lambda entry: entry.name):
        problem = _load(entry)
        seen = seen or entry.name == _OURS
        if problem:
            verdict = Verdict.BAD if entry.name == _OURS else Verdict.NOTE
            yield Finding(ABOUT, verdict, f"The plugin {entry.name} ({entry.value}) cannot be loaded: {problem}")
        else:
            loaded.append(entry.name)
    yield Finding(ABOUT, Verdict.OK, f"Plugins that load beside TensorBoard's own: {', '.join(loaded) or 'none'}.")
    if not seen:
        cure = f"{sys.executable} -m pip install --force-reinstall tb-aml-plugin"
        yield Finding(
            ABOUT, Verdict.BAD, "TensorBoard does not know our plugin: its entry point is missing.", cure=cure
        )


def _command() -> Finding:
    version = version_of("tensorboard")
    if not version:
        return Finding(ABOUT, Verdict.BAD, "TensorBoard is not installed here.", cure="pip install tensorboard")
    found = shutil.which("tensorboard")
    text = f"tensorboard {version}"
    if found is None:
        return Finding(ABOUT, Verdict.NOTE, f"{text}; no command `tensorboard` is on the PATH.", cure=_by_module())
    if Path(found).resolve().parent != Path(sys.executable).resolve().parent and not _is_beside(found):
        return Finding(
            ABOUT,
            Verdict.NOTE,
            f"{text} is installed here, but `tensorboard` runs {found}, of another Python, which may not have the plugin.",
            cure=_by_module(),
        )
    return Finding(ABOUT, Verdict.OK, f"{text}, run by {found}")


def _is_beside(command: str) -> bool:
    return Path(command).parent == Path(sys.executable).parent


def _by_module() -> str:
    return f"Start it with: {sys.executable} -m tensorboard.main …"


def _load(entry: importlib.metadata.EntryPoint) -> str:
    """Why a plugin cannot be loaded; "" if it can. It is foreign code: anything may go wrong."""
    try:
        entry.load()
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:300]
    return ""
