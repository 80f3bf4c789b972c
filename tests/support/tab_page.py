"""The tab in a browser, as a person sees it."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support.tensorboard import TensorBoard

PATIENCE_MS = 30_000
_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class TabPage:
    """The page of TensorBoard with the tab in its frame."""

    page: Page
    board: TensorBoard

    def open(self, *, dark: bool = False, **state: str) -> None:
        """Goes to the tab; `state` is what its link says, such as ``run="…"``."""
        parts = [f"p.azureml.{key}={urllib.parse.quote(value, safe='')}" for key, value in state.items()]
        self.page.goto("about:blank")  # a change of the hash alone would not load the page
        self.page.goto(f"{self.board.url}?darkMode={'true' if dark else 'false'}#{'&'.join(['azureml', *parts])}")
        expect(self.frame.locator(".strip h1")).to_be_visible(timeout=PATIENCE_MS)

    def go(self, **state: str) -> None:
        """Goes on to another place in the tab that is open, as a link to it would."""
        parts = [f"p.azureml.{key}={urllib.parse.quote(value, safe='')}" for key, value in state.items()]
        self.page.evaluate("(hash) => { location.hash = hash }", "&".join(["azureml", *parts]))

    @property
    def frame(self) -> FrameLocator:
        """What stands in the frame."""
        return self.page.frame_locator('iframe[src*="name=azureml"]')

    @property
    def rows(self) -> Locator:
        """The rows of the run table, its header aside."""
        return self.frame.locator("[role=treegrid] .body [role=row]")

    def row(self, label: str) -> Locator:
        """The row of the run that is called `label`."""
        return self.rows.filter(has=self.frame.locator(".cell.name bdi").get_by_text(label, exact=True))

    def labels(self) -> list[str]:
        """What the rows are called, from the top."""
        return self.frame.locator("[role=treegrid] .body .cell.name bdi").all_inner_texts()

    def expect_labels(self, labels: list[str]) -> None:
        """Waits until the rows are called `labels`."""
        expect(self.frame.locator("[role=treegrid] .body .cell.name bdi")).to_have_text(labels, timeout=PATIENCE_MS)

    def header(self, name: str) -> Locator:
        """The header of a column."""
        return self.frame.get_by_role("columnheader").filter(
            has=self.frame.get_by_role("button", name=name, exact=True)
        )

    def search(self, text: str) -> None:
        """Types `text` into the search."""
        self.frame.get_by_role("combobox", name="Search runs").fill(text)

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.frame.get_by_role("button", name=name, exact=True)

    def state(self) -> Mapping[str, str]:
        """What the address says of the tab."""
        parts = [part.partition("=") for part in urllib.parse.urlsplit(self.page.url).fragment.split("&")]
        pairs = {urllib.parse.unquote(key): urllib.parse.unquote(value) for key, _, value in parts}
        return {key.removeprefix("p.azureml."): value for key, value in pairs.items() if key.startswith("p.azureml.")}

    def evaluate(self, script: str) -> Any:
        """What `script` gives in the frame; the page's content security policy does not hold for it."""
        frame = next(frame for frame in self.page.frames if "name=azureml" in frame.url)
        return frame.evaluate(script)

    def findings(self) -> list[str]:
        """What axe finds that is serious or critical: the rule and the elements."""
        assert _AXE.exists(), "frontend/node_modules is not there: scripts/frontend test installs it"
        self.evaluate(_AXE.read_text(encoding="utf-8"))
        found = json.loads(self.evaluate("axe.run().then(({violations}) => JSON.stringify(violations))"))
        return [
            f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
