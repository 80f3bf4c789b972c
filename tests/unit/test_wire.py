"""What Python sends and what TypeScript expects are the same."""

from __future__ import annotations

from tests.support import typescript


def test_the_types_of_the_page_are_those_of_the_tab() -> None:
    written = typescript.TARGET.read_text(encoding="utf-8")
    assert written == typescript.rendered(), "python -m tests.support.typescript renews frontend/src/api/types.ts"
