"""The page's types, written from the TypedDicts of the tab: ``python -m tests.support.typescript`` renews the file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tb_aml_plugin

PACKAGE = Path(tb_aml_plugin.__file__).parent
MODULES = tuple(PACKAGE / "tab" / f"{name}.py" for name in ("wire", "wire_changes", "wire_files"))
TARGET = PACKAGE.parent / "frontend" / "src" / "api" / "types.ts"

_HEAD = """\
/**
 * What the page is sent, field by field. Written from `tb_aml_plugin/tab/wire*.py` by
 * `python -m tests.support.typescript`: change it there.
 */
"""
_WIDTH = 120
_NAMES = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}


def rendered() -> str:
    """The whole file."""
    return "\n".join([_HEAD, *(block for path in MODULES for block in _blocks(path))])


def _blocks(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield _alias(node.targets[0].id, _members(node.value))
        elif isinstance(node, ast.ClassDef):
            yield _interface(node, lines)


def _alias(name: str, members: list[str]) -> str:
    line = f"export type {name} = {' | '.join(members)};\n"
    if len(line) <= _WIDTH:
        return line
    return f"export type {name} =\n" + "\n".join(f"  | {member}" for member in members) + ";\n"


def _interface(node: ast.ClassDef, lines: list[str]) -> str:
    fields = [
        f"  {field.target.id}: {_type(field.annotation)};{_remark(lines[field.lineno - 1])}"
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    ]
    return "\n".join([_comment(ast.get_docstring(node) or ""), f"export interface {node.name} {{", *fields, "}\n"])


def _comment(text: str) -> str:
    if "\n" not in text:
        return f"/** {text} */"
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in text.splitlines()), " */"])


def _remark(line: str) -> str:
    _, separator, text = line.partition("  # ")
    return f" // {text}" if separator else ""


def _type(node: ast.expr) -> str:
    return " | ".join(_members(node))


def _members(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    if isinstance(node, ast.Constant):
        return ["null" if node.value is None else f'"{node.value}"']
    if isinstance(node, ast.Subscript):
        return _generic(ast.unparse(node.value), node.slice)
    assert isinstance(node, ast.Name), ast.dump(node)
    return [_NAMES.get(node.id, node.id)]


def _generic(name: str, parameter: ast.expr) -> list[str]:
    parameters = parameter.elts if isinstance(parameter, ast.Tuple) else [parameter]
    if name == "Literal":
        return [member for value in parameters for member in _members(value)]
    if name == "dict":
        return [f"Record<{_type(parameters[0])}, {_type(parameters[1])}>"]
    assert name == "list", name
    inner = _type(parameters[0])
    return [f"({inner})[]" if " | " in inner else f"{inner}[]"]


if __name__ == "__main__":
    TARGET.write_text(rendered(), encoding="utf-8")
