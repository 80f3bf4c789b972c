"""Stands in for a person's web browser at the sign-in page: opens it, and submits the form that it finds there.

Run as a program of its own, with the page's URL; HTTPS_PROXY and SSL_CERT_FILE are the environment's.
"""

from __future__ import annotations

import sys
import urllib.parse
import urllib.request
from html.parser import HTMLParser


class _Form(HTMLParser):
    """The first form of a page: where it goes, and what is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "input" and "name" in found:
            self.fields[found["name"]] = found["value"]


def main(url: str) -> None:
    with urllib.request.urlopen(url, timeout=30) as page:
        form = _Form()
        form.feed(page.read().decode())
    urllib.request.urlopen(form.action, urllib.parse.urlencode(form.fields).encode(), timeout=30).close()


if __name__ == "__main__":
    main(sys.argv[1])
