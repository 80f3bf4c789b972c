"""Texts of strangers in the words of TensorBoard's Text dashboard, which takes all it gets for Markdown. Pure.

TensorBoard sanitises the HTML that comes out (`plugin_util.markdown_to_safe_html`). What is done here is for truth, not
for safety: what was logged as letters is shown as those letters.
"""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np

from tb_aml_plugin.media import Table, Text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|])")
_BACKTICKS = re.compile("`+")


def array_of(content: Text | Table) -> Any:
    """What the Text dashboard takes: an array of texts, of no dimension for a text, of two for a table."""
    if isinstance(content, Text):
        return np.array(content.text if content.is_markdown else fenced(content.text), dtype=object)
    header = [f"**{literal(name)}**" if name else "" for name in content.columns]
    rows = [header, *([literal(cell) for cell in row] for row in content.rows)]
    if content.note:
        rows.append([f"*{literal(content.note)}*", *[""] * (len(header) - 1)])
    cells = np.empty((len(rows), len(header)), dtype=object)
    for number, row in enumerate(rows):
        cells[number] = row
    return cells


def fenced(text: str) -> str:
    """`text` letter for letter, lines and all."""
    longest = max((len(found) for found in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def literal(text: str) -> str:
    """`text` letter for letter, on one line."""
    return _SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))
