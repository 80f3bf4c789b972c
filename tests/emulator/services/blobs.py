"""The blob store's front: requests to the storage account are counted, slowed and failed here, and answered by Azurite."""

from __future__ import annotations

import urllib3
from werkzeug.wrappers import Response

from tests.emulator.routing import Call, Route
from tests.emulator.wire import problem

_OURS = {"connection", "transfer-encoding", "keep-alive", "host", "date", "server"}
_POOL = urllib3.PoolManager(maxsize=16, retries=False)


def relay(call: Call, account: str, path: str) -> Response:
    """What Azurite answers."""
    azurite = call.emulator.blobs.azurite
    if azurite is None:
        return problem(503, "ServiceUnavailable", "This emulator was started without a blob store.")
    request = call.request
    raw = request.environ["REQUEST_URI"]
    below = raw.removeprefix("/blob/") if raw.startswith("/blob/") else f"{account}{raw}"
    headers = {key: value for key, value in request.headers.items() if key.lower() not in _OURS}
    found = _POOL.request(
        request.method, f"{azurite.url}/{below}", body=request.get_data(), headers=headers, decode_content=False
    )
    answer = Response(found.data, found.status)
    answer.headers.clear()
    for key, value in found.headers.items():
        if key.lower() not in _OURS:
            answer.headers.add(key, value)
    if request.method != "HEAD":
        answer.headers["Content-Length"] = str(len(found.data))
    return answer


ROUTES = tuple(
    Route(f"blob.{method.lower()}", method, "/blob/<account>/<path:path>", relay, open=True)
    for method in ("GET", "HEAD", "PUT", "DELETE")
)
