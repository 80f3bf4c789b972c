"""Contents of artifacts over HTTP: whole or in ranges, never as anything that could act in the page's name."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug import Request, Response
from werkzeug.http import parse_range_header

from tb_aml_plugin.sources.base import ArtifactStore
from tb_aml_plugin.tab import artifacts
from tb_aml_plugin.tab.file_types import DOWNLOAD, media_type
from tb_aml_plugin.tab.responses import RefusedError, attachment, raw

POWERLESS = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""The policy of what strangers wrote: no script, no request, no form, an origin of its own."""

_KEPT_S = 300


def file_of(
    request: Request, store: ArtifactStore, path: str, size: int | None, *, download: bool, settled: bool
) -> Response:
    """The file `path`, or the range of it that is asked for.

    Args:
      size: of it, in bytes; None where nobody knows.
      download: offers to save it, whatever it is.
      settled: it will not change: the browser may keep it for a while.
    """
    kind = DOWNLOAD if download else media_type(path)
    headers = [("Content-Security-Policy", POWERLESS), ("Accept-Ranges", "bytes")]
    headers.append(("Cache-Control", f"private, max-age={_KEPT_S}" if settled else "no-cache, must-revalidate"))
    if kind == DOWNLOAD:
        headers.append(("Content-Disposition", attachment(path.rpartition("/")[2])))
    span = _span(request, size)
    if span is None:
        length = [] if size is None else [("Content-Length", str(size))]
        return _sent(request, artifacts.parts(store, path, 0, size), kind, [*headers, *length], 200)
    start, stop = span
    described = [("Content-Range", f"bytes {start}-{stop - 1}/{size}"), ("Content-Length", str(stop - start))]
    return _sent(request, artifacts.parts(store, path, start, stop), kind, [*headers, *described], 206)


def page_of(content: bytes) -> Response:
    """An HTML file that may only be looked at: no script of it runs, nothing is loaded by it."""
    headers = [("Content-Security-Policy", POWERLESS), ("Cache-Control", "no-store")]
    return raw(content, "text/html; charset=utf-8", headers)


def _sent(request: Request, chunks: Iterable[bytes], kind: str, headers: list[tuple[str, str]], code: int) -> Response:
    return raw([] if request.method == "HEAD" else chunks, kind, headers, code)


def _span(request: Request, size: int | None) -> tuple[int, int] | None:
    """First byte and the one behind the last of what is asked for; None for all.

    Raises:
      RefusedError: it begins behind the end.
    """
    wanted = parse_range_header(request.headers.get("Range"))
    # Of several ranges, and where nobody knows the size, all is a fair answer.
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or size is None:
        return None
    span = wanted.range_for_length(size)
    if span is None:
        raise RefusedError(416, f"The file has only {size} bytes.")
    return span
