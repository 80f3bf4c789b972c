"""The error tree: what a caller may catch, and texts that can be shown."""

from __future__ import annotations

import pytest

from tb_aml_plugin import errors
from tb_aml_plugin.errors import AmlError, FilterError, UnknownExperiment


def _classes() -> list[type[AmlError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AmlError)]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawing = errors.__doc__ or ""
    for kind in _classes():
        assert kind.__name__ in drawing, f"{kind.__name__} is not drawn"


@pytest.mark.parametrize(
    ("text", "position"), [("a = 'x'", 2), ("", 0), ("two\nlines", 5), ("tab\there", 4), ("größe", 5)]
)
def test_a_filter_error_points_at_the_character(text: str, position: int) -> None:
    reason, shown, pointer = str(FilterError("Not so.", text, position)).split("\n")
    assert reason == "Not so."
    assert len(shown) == len(text) + 2
    assert pointer.index("^") == position + 2


def test_an_unknown_experiment_carries_the_closest_names() -> None:
    error = UnknownExperiment("No experiment 'x'.", "x", ["y", "z"])
    assert error.closest == ("y", "z")
