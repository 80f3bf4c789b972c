"""The house keeps its shape: imports point down, modules and functions stay small, everything is annotated."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

import tb_aml_plugin

PACKAGE = Path(tb_aml_plugin.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

LEVELS = (
    {"errors", "model", "terminal", "typed_names"},
    {"media"},
    {"flags", "target", "azure_target", "downsample", "run_names", "experiment_names", "scalars", "hparams", "board"},
    {"place", "visibility", "wanted", "tasks", "rate", "turns", "under_way"},
    {"filters.tree"},
    {"filters.scanner", "filters.parser", "filters.evaluation"},
    {"filters"},
    {"native.native_logs", "native.tf_records", "native.copied_file", "native.cache_folder"},
    {"sources.base", "sources.abilities", "sources.schema"},
    {"sources.*"},
    {
        "sources.azureml.clouds",
        "sources.azureml.client",
        "sources.azureml.metric_json",
        "sources.azureml.quiet",
        "sources.azureml.run_json",
        "sources.azureml.studio",
        "sources.azureml.trials",
    },
    {"sources.azureml.login", "sources.azureml.tables", "sources.azureml.artifacts"},
    {"sources.azureml.credential_kinds"},
    {"sources.azureml.tokens", "sources.azureml.histories", "sources.azureml.records", "sources.azureml.trees"},
    {"sources.azureml.services", "sources.azureml.catalog"},
    {"sources.azureml.workspace"},
    {"sources.azureml.source", "sources.azureml.writes"},
    {"sources"},
    {"descendants", "listing"},
    {"series_cache", "follower", "merged", "native.mirror", "native.workers"},
    {"kinds.base", "kinds.image_names", "kinds.run_facts"},
    {"kinds.*"},
    {"kinds"},
    {"kinds.assembly", "kinds.typed_metrics"},
    {"media.artifact_listing", "media.index", "recent_reads", "media.reader"},
    {"media.lister"},
    {"media.markdown", "media.blob_key", "questions"},
    {"provider", "native.provider", "media.provider"},
    {"search.terms"},
    {"search.parser", "search.narrowing"},
    {"search", "search.pushdown"},
    {"tab.wire", "tab.wire_changes", "tab.wire_files", "tab.permission", "tab.words"},
    {"tab.responses", "tab.desk"},
    {"tab.requests", "tab.snippet", "tab.static_files", "tab.file_types", "tab.pipe"},
    {"tab.export_formats"},
    {"tab.goals"},
    {"tab.table", "tab.not_shown"},
    {
        "tab.actions",
        "tab.artifacts",
        "tab.choosing",
        "tab.comparison",
        "tab.curves",
        "tab.elsewhere",
        "tab.exports",
        "tab.health",
        "tab.run_view",
    },
    {"tab.zips", "tab.file_responses", "tab.logs", "tab.tables"},
    {"tab.media"},
    {
        "tab.file_routes",
        "tab.log_routes",
        "tab.media_routes",
        "tab.run_routes",
        "tab.export_routes",
        "tab.change_routes",
    },
    {"tab.routes"},
    {"tab.*", "tab"},
    {"ingester"},
    {"wiring", "demo", "doctor.findings"},
    {"doctor.*", "signing_in"},
    {"catalogue", "launch.chosen"},
    {"export.*", "export"},
    {"lazy_tables", "reading"},
    {"plugin", "cli"},
    {"__main__"},
    {"launch.attended", "launch.links", "launch.ports", "launch.launch_errors"},
    {"launch.child", "launch.surroundings"},
    {"launch.launcher"},
    {"__init__"},
)
"""From the ground up: a room may import what stands on a lower level, or beside it."""

MAY_KNOW_TENSORBOARD = {
    "export.dashboards",
    "export.event_file",
    "plugin",
    "ingester",
    "provider",
    "questions",
    "media.provider",
    "native.provider",
    "merged",
    "hparams",
    "tab.plugin",
    "tab.responses",
}
MAY_KNOW_A_DATABASE = {
    "sources.schema",
    "sources.sql",
    "sources.sql_errors",
    "sources.sql_filters",
    "sources.sql_details",
    "sources.sql_models",
    "sources.sql_text",
    "sources.sqlite_file",
    "sources.sqlite_histories",
}
MAY_KNOW_AZURE = {
    "sources.azureml.credential_kinds",
    "sources.azureml.login",
    "sources.azureml.services",
    "sources.azureml.tokens",
}
MAY_CATCH_EVERYTHING = {
    "doctor.boards",
    "follower",
    "media.lister",
    "merged",
    "series_cache",
    "sources.azureml.services",
    "sources.parallel",
    "sources.repository_artifacts",
    "tab.responses",
}
"""The outermost loops of threads, the answers to the page and of foreign providers, and the seams to storage clients and
to azureml-core, whose errors share no root. Each says why."""


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _level(module: str) -> int:
    for pattern in (module, module.rpartition(".")[0] + ".*"):
        for number, rooms in enumerate(LEVELS):
            if pattern in rooms:
                return number
    raise AssertionError(f"{module} has no place in LEVELS: give it one")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            rooms = names & {f"tb_aml_plugin.{_name(other)}" for other in MODULES}
            yield from rooms or {node.module}


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def _length(function: ast.FunctionDef) -> int:
    """Lines of code, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_down(path: Path) -> None:
    module = _name(path)
    rooms = {_name(other) for other in MODULES}
    used = {name.removeprefix("tb_aml_plugin.") for name in _imports(path) if name.startswith("tb_aml_plugin.")}
    for other in used & rooms:
        assert _level(other) <= _level(module), f"{module} imports {other}, which stands above it"


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("tensorboard", MAY_KNOW_TENSORBOARD),
        ("sqlalchemy", MAY_KNOW_A_DATABASE),
        ("azure", MAY_KNOW_AZURE),
        ("azureml", MAY_KNOW_AZURE),
    ],
)
def test_foreign_packages_enter_at_their_seams(package: str, rooms: set[str]) -> None:
    users = {_name(path) for path in MODULES for name in _imports(path) if name.split(".")[0] == package}
    assert users <= rooms


def test_everything_is_caught_only_in_the_outermost_loops() -> None:
    broad = {
        _name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    }
    assert broad <= MAY_CATCH_EVERYTHING


def test_modules_are_small() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert max(lengths.values()) <= 320, max(lengths, key=lengths.__getitem__)
    assert statistics.median(lengths.values()) <= 150


def test_functions_are_short() -> None:
    lengths = {f"{_name(path)}.{f.name}": _length(f) for path in MODULES for f in _functions(path)}
    assert max(lengths.values()) <= 50, max(lengths, key=lengths.__getitem__)
    assert statistics.median(lengths.values()) <= 10


def test_every_module_says_what_it_is_for() -> None:
    silent = [_name(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not silent


@pytest.mark.parametrize("word", ["utils", "helpers", "manager", "common", "misc"])
def test_no_room_without_a_noun_of_its_own(word: str) -> None:
    assert not [path for path in MODULES if word in path.stem]


def test_an_address_parses_calls_and_responds_in_ten_lines() -> None:
    lengths = {
        f"{_name(path)}.{function.name}": _length(function)
        for path in MODULES
        if path.stem.endswith("_routes")
        for function in _functions(path)
        if function.name != "apps"
    }
    assert lengths
    assert max(lengths.values()) <= 10, max(lengths, key=lengths.__getitem__)
