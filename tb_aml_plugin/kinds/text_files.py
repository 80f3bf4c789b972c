"""Texts: the Text dashboard."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from tb_aml_plugin.errors import CannotShow
from tb_aml_plugin.kinds.base import HEAD_BYTES, File, Found, megabytes
from tb_aml_plugin.media import Dashboard, Text

_MARKDOWN = frozenset((".md", ".markdown"))
_SUFFIXES = _MARKDOWN | {".txt", ".json", ".yaml", ".yml"}

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How files that are not plain UTF-8 begin; that of UTF-16 begins that of UTF-32."""

_MOST_UNREADABLE = 0.05


class TextFiles:
    """The beginning of files of text; Markdown as such, anything else letter for letter."""

    name = "text"

    def claims(self, file: File) -> bool:
        return file.suffix in _SUFFIXES

    def find(self, file: File) -> Iterable[Found]:
        return (Found(Dashboard.TEXT, file.path),)

    def payload(self, file: File, part: str) -> Text:
        text = decoded(file.head)
        size = file.artifact.size_bytes
        if len(file.head) == HEAD_BYTES and size != HEAD_BYTES:
            text += f"\n… (the first {megabytes(HEAD_BYTES)} of {megabytes(size)})"
        return Text(text, is_markdown=file.suffix in _MARKDOWN)


def decoded(head: bytes) -> str:
    """The text that begins with `head`, which may end within a character.

    Raises:
      CannotShow: it is no text.
    """
    encoding = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "utf-8")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if "\0" in text or text.count("\N{REPLACEMENT CHARACTER}") > _MOST_UNREADABLE * len(text):
        raise CannotShow("It is named like a text, but holds binary data.")
    return text
