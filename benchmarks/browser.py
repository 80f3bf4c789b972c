"""The tab in a real Chromium, measured from within: times are those of its frame's own clock."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.servers import Server

_PATIENCE_MS = 120_000
_WATCH = """
if (location.search.includes("name=azureml")) {
  window.measured = { longest: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) measured.longest = Math.max(measured.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  const watch = () => {
    if (!document.querySelector(measured.until ?? ".body [role=row], .u-over canvas, .u-wrap canvas"))
      return requestAnimationFrame(watch);
    requestAnimationFrame(() => (measured.drawn = performance.now()));
  };
  requestAnimationFrame(watch);
}
"""


@dataclass(frozen=True)
class Opened:
    """The tab after it has drawn."""

    page: Page
    frame: Frame
    drawn_s: float  # from the first byte of the frame asked for until its table or curve is painted

    def run(self, script: str) -> Any:
        """What `script`, the body of an async function, returns in the frame."""
        return self.frame.evaluate(f"(async () => {{ {script} }})()")

    def longest_task_s(self) -> float:
        """The longest time for which the frame's thread did not answer, since this was asked last."""
        found = self.run("const { longest } = measured; measured.longest = 0; return longest")
        return float(found) / 1000

    def frames_per_s(self, step: str, seconds: float = 3.0) -> float:
        """How often a second the frame is painted while `step`, given `i`, runs before each painting."""
        return float(
            self.run(
                f"""
                const times = [];
                const act = (i) => {{ {step} }};
                await new Promise((done) => {{
                  const begin = performance.now();
                  const tick = (now) => {{
                    times.push(now);
                    act(times.length);
                    now - begin < {seconds * 1000} ? requestAnimationFrame(tick) : done();
                  }};
                  requestAnimationFrame(tick);
                }});
                return ((times.length - 1) * 1000) / (times.at(-1) - times[0]);
                """
            )
        )


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium as the system installs it, without a screen."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser: Browser, server: Server, state: str = "", *, warm: bool = True) -> Iterator[Opened]:
    """The tab at `state`, such as ``&p.azureml.page=sweep``; `warm`: this browser has opened it before."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(_WATCH)
    page = context.new_page()
    for _ in range(2 if warm else 1):
        page.goto("about:blank")
        page.goto(f"{server.url}#azureml{state}")
        element = page.wait_for_selector('iframe[src*="name=azureml"]', timeout=_PATIENCE_MS)
        frame = element.content_frame() if element else None
        assert frame
        frame.wait_for_function("window.measured?.drawn", timeout=_PATIENCE_MS)
    yield Opened(page, frame, float(frame.evaluate("measured.drawn")) / 1000)
    context.close()
