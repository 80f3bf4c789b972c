"""What was logged as letters is shown as those letters, and nothing of it runs."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tensorboard import plugin_util

from tb_aml_plugin.media import Table, Text, markdown

WILD = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf"]) | st.just(" "), max_size=60
)


@given(text=WILD)
@example("# not a title")
@example("1. not a list - nor + this")
@example("*a* _b_ `c` [d](e) ![f](g) <h>i</h> \\* &amp; a|b ~~c~~ d:e\\")
@example("====")
@example("    code")
@example("> quote")
@example("http://example.com/a_b_c")
@example("!!! note")
def test_a_cell_shows_its_letters(text: str) -> None:
    assert _letters(plugin_util.markdown_to_safe_html(markdown.literal(text))) == " ".join(text.split())


@given(text=WILD)
@example("```\n```")
@example("~~~\nx\n~~~")
@example("    indented\n\n\n<b>x</b>")
def test_a_text_that_is_no_markdown_shows_its_letters(text: str) -> None:
    shown = plugin_util.markdown_to_safe_html(str(markdown.array_of(Text(text))))
    assert shown.startswith("<pre><code>")
    assert html.unescape(re.sub(r"</?(pre|code)>", "", shown)).strip() == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<iframe src='//evil'></iframe>",
        "<svg/onload=alert(1)>",
        "<a href='javas\tcript:alert(1)'>x</a>",
        "`</code></pre><script>alert(1)</script>`",
    ],
)
@pytest.mark.parametrize("is_markdown", [True, False])
def test_nothing_of_a_text_becomes_a_script(text: str, *, is_markdown: bool) -> None:
    shown = plugin_util.markdown_to_safe_html(str(markdown.array_of(Text(text, is_markdown=is_markdown))))
    assert not re.search(r"<(script|img[^>]*onerror|iframe|svg|a[^>]*href=\W*javas)", shown, re.IGNORECASE)


def test_a_table_is_its_header_its_rows_and_its_note() -> None:
    cells = markdown.array_of(Table(("a", "b"), (("1", "x*y"), ("", "z")), "The first 2 of 9 rows."))
    assert cells.tolist() == [["**a**", "**b**"], ["1", r"x\*y"], ["", "z"], [r"*The first 2 of 9 rows\.*", ""]]


def test_a_table_without_rows_is_its_header() -> None:
    assert markdown.array_of(Table(("a",), ())).tolist() == [["**a**"]]


def _letters(shown: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split())
