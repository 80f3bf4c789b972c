"""Whether JSON is as a type says, down to the last field."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any


def differences(value: Any, expected: Any, where: str = "$") -> Iterator[str]:
    """Where `value` is not of the type `expected`: a TypedDict, list, dict, Literal, union or plain type."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if typing.is_typeddict(expected):
        yield from _of_typed_dict(value, expected, where)
    elif origin is list and isinstance(value, list):
        for number, element in enumerate(value):
            yield from differences(element, arguments[0], f"{where}[{number}]")
    elif origin is dict and isinstance(value, dict):
        for key, element in value.items():
            yield from differences(element, arguments[1], f"{where}[{key!r}]")
    elif not _is_one_of(value, origin, arguments) and not _is_plain(value, expected):
        yield f"{where} is {value!r:.100}, not {expected}"


def _is_one_of(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if origin in (typing.Union, types.UnionType):
        return any(not list(differences(value, option)) for option in arguments)
    return origin is typing.Literal and value in arguments


def _of_typed_dict(value: Any, expected: Any, where: str) -> Iterator[str]:
    hints = typing.get_type_hints(expected)
    if not isinstance(value, dict) or value.keys() != hints.keys():
        yield f"{where} has {sorted(value) if isinstance(value, dict) else value!r}, not {sorted(hints)}"
        return
    for key, hint in hints.items():
        yield from differences(value[key], hint, f"{where}.{key}")


def _is_plain(value: Any, expected: Any) -> bool:
    if expected is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(expected, type) and isinstance(value, expected)
