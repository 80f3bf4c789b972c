"""The addresses of the tab, made when the first of them is asked for: starting TensorBoard does not wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug import Response

Application = Callable[..., Iterable[bytes]]


class Later:
    """A WSGI application that finds out which others it stands for when it is called.

    Paths are looked up as TensorBoard does it: as they are, or by the longest that ends with ``/*``.
    """

    def __init__(self, make: Callable[[], Mapping[str, Application]], root: str) -> None:
        """
        Args:
          make: path below `root` → application; called once, and not before the first request.
          root: what goes before those paths, such as ``/azureml``.
        """
        self._make = make
        self._root = root
        self._lock = threading.Lock()
        self._apps: Mapping[str, Application] | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._lock:
            if self._apps is None:
                self._apps = self._make()
        path = environ.get("PATH_INFO", "").partition(self._root)[2]
        return (_find(self._apps, path) or _NOT_FOUND)(environ, start_response)


_NOT_FOUND = Response("Not found", 404, {"X-Content-Type-Options": "nosniff"}, content_type="text/plain")


def _find(apps: Mapping[str, Application], path: str) -> Application | None:
    if path in apps:
        return apps[path]
    folders = sorted((name for name in apps if name.endswith("/*")), key=len, reverse=True)
    return next((apps[name] for name in folders if path.startswith(name[:-1])), None)
