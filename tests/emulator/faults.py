"""What can go wrong, told by a test: which requests, how, and how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from werkzeug.wrappers import Response

from tests.emulator.wire import problem

Proceed = Callable[[], Response]
Action = Callable[[Proceed], Response]


@dataclass
class _Fault:
    kind: str
    action: Action
    left: float  # how often it still strikes; inf for always


@dataclass
class Faults:
    """Faults strike requests whose kind matches a glob, each as often as it was told; the newest first.

    Attributes:
      latency_s: by glob of kind, how long an answer takes at least; the longest that matches counts.
      page_size: the most items that any page has, whatever a client asks for.
      workspace_deleted: Azure Resource Manager and all services say that there is no such workspace.
      expired_sas: how many of the next SAS URLs are handed out expired.
      most_points: pages of a metric's history that are to be as large as this, or larger, are refused by the MLflow
        endpoint, as it did with 1000 in December 2023 (mlflow#10694) to every client of MLflow's own.
    """

    latency_s: dict[str, float] = field(default_factory=dict)
    page_size: int | None = None
    workspace_deleted: bool = False
    expired_sas: int = 0
    most_points: int | None = None
    _faults: list[_Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _resumed: threading.Event = field(default_factory=threading.Event)

    def clear(self) -> None:
        """All is well again; requests that hang go on."""
        with self._lock:
            self._faults.clear()
            self.latency_s, self.page_size, self.most_points = {}, None, None
            self.workspace_deleted, self.expired_sas = False, 0
            self._resumed.set()
            self._resumed = threading.Event()

    def throttle(self, kind: str = "*", *, times: float = 1, retry_after_s: float | None = 1) -> None:
        """429, with ``Retry-After`` unless `retry_after_s` is None."""
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        text = "Too many requests for tier workspace. Please retry later."
        self._add(kind, times, lambda _: problem(429, "TooManyRequests", text, headers))

    def fail(self, kind: str = "*", status: int = 500, *, times: float = 1, code: str = "ServiceError") -> None:
        """An error of the service: 401, 403, 404, 500, …"""
        self._add(kind, times, lambda _: problem(status, code, f"The emulator was told to answer {status}."))

    def html(self, kind: str = "*", *, status: int = 200, times: float = 1) -> None:
        """A page for people where JSON is expected, as proxies and sign-in pages send it."""
        text = "<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
        self._add(kind, times, lambda _: Response(text, status, mimetype="text/html"))

    def cut(self, kind: str = "*", *, times: float = 1) -> None:
        """Half an answer: the connection ends before all that was announced was sent."""

        def action(proceed: Proceed) -> Response:
            whole = proceed()
            data = whole.get_data()
            half = Response(iter([data[: len(data) // 2]]), whole.status_code, mimetype=whole.mimetype)
            half.headers["Content-Length"] = str(len(data))
            half.headers["Connection"] = "close"
            return half

        self._add(kind, times, action)

    def hang(self, kind: str = "*", *, times: float = 1) -> None:
        """No answer until `clear`, or until the emulator stops."""
        resumed = self._resumed

        def action(proceed: Proceed) -> Response:
            resumed.wait()
            return proceed()

        self._add(kind, times, action)

    def answer(self, kind: str, proceed: Proceed) -> Response:
        """The answer to a request of this kind: `proceed`'s, or a fault."""
        delay_s = max((delay for glob, delay in self.latency_s.items() if fnmatchcase(kind, glob)), default=0.0)
        time.sleep(delay_s)
        action = self._strike(kind)
        return action(proceed) if action else proceed()

    def sas_is_expired(self) -> bool:
        """Whether the SAS URL that is asked for now is to be handed out expired."""
        with self._lock:
            self.expired_sas -= 1
            return self.expired_sas >= 0

    def limit(self, size: int) -> int:
        """A page's size, when a client asks for `size` items."""
        return min(size, self.page_size or size)

    def _add(self, kind: str, times: float, action: Action) -> None:
        with self._lock:
            self._faults.append(_Fault(kind, action, times))

    def _strike(self, kind: str) -> Action | None:
        with self._lock:
            for fault in reversed(self._faults):
                if fault.left > 0 and fnmatchcase(kind, fault.kind):
                    fault.left -= 1
                    return fault.action
        return None
