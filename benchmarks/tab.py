"""What TensorBoard's process needs to answer the Azure ML tab: the run table, a keystroke, a poll, a long curve."""

from __future__ import annotations

import socket
import statistics
import urllib.parse
from collections.abc import Callable, Iterable

from benchmarks.figures import Figure
from benchmarks.servers import Server, plugin_arguments, serving
from benchmarks.workloads import Workload
from tests.support.waiting import wait_until

_API = "data/plugin/azureml/api"
_ROUNDS = 7
_MEDIUM = Workload("tab M", runs=1000, metrics=50, steps=1)
_LARGE = Workload("tab L", runs=10_000, metrics=50, steps=1)
_LONG = Workload("one long run", runs=1, metrics=2, steps=1_000_000)


def run() -> Iterable[Figure]:
    yield from _table(_MEDIUM, at_most_s=1.0)
    yield from _table(_LARGE, at_most_s=2.5)
    yield from _curve()


def _table(workload: Workload, at_most_s: float) -> Iterable[Figure]:
    size = f"{workload.runs} runs × {workload.metrics} metrics"
    with serving(*plugin_arguments(workload)) as server:
        _wait_for(server, workload.runs)
        table = server.fetch(f"{_API}/runs")
        sides = {"packed (kB)": table.packed_bytes / 1000, "unpacked (kB)": table.size_bytes / 1000}
        seconds = _median(lambda: server.fetch(f"{_API}/health").time_s + server.fetch(f"{_API}/runs").time_s)
        yield Figure(f"Tab, table of {size}: until it is sent", seconds, "s", at_most_s, sides=sides)
        for what, text in (("a word", "run 99"), ("a comparison", f"metrics.`{workload.tags[0]}` > 0.99")):
            query = urllib.parse.urlencode({"q": text})
            yield Figure(
                f"Tab, a keystroke in the search over {workload.runs} runs, {what}: until it is answered",
                _median(lambda query=query: server.fetch(f"{_API}/search?{query}").time_s) * 1000,
                "ms",
                at_most=100,
            )
        yield Figure(
            f"Tab, a poll when nothing has changed, {workload.runs} runs: all bytes of the answer",
            _unchanged_bytes(server),
            "bytes",
            at_most=1024,
        )


def _curve() -> Iterable[Figure]:
    (run_id,), metric = _LONG.run_ids(), _LONG.tags[0]
    with serving(*plugin_arguments(_LONG)) as server:
        _wait_for(server, 1)
        query = urllib.parse.urlencode({"metric": metric, "run": run_id, "points": 2000})
        first = server.fetch(f"{_API}/curves?{query}").time_s
        zoom = f"{query}&lowest=500000&highest=501000"
        yield Figure(
            "Tab, a curve of 1 000 000 points in 2000: until it is sent",
            _median(lambda: server.fetch(f"{_API}/curves?{query}").time_s),
            "s",
            at_most=1.0,
            sides={"the first time, from SQLite (s)": first},
        )
        yield Figure(
            "Tab, a zoom into it, all 1001 points: until it is sent",
            _median(lambda: server.fetch(f"{_API}/curves?{zoom}").time_s) * 1000,
            "ms",
            at_most=33,
        )


def _wait_for(server: Server, runs: int) -> None:
    found = wait_until(lambda: server.fetch(f"{_API}/health").json["runs"] == runs, 120)
    assert found, "the runs did not come"


def _median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(_ROUNDS))


def _unchanged_bytes(server: Server) -> float:
    """Head and body of the 304 to a poll, as they come out of the socket."""
    address = urllib.parse.urlsplit(server.url)
    tag = server.head(f"{_API}/health")["ETag"]
    request = f"GET {address.path}{_API}/health HTTP/1.1\r\nHost: {address.netloc}\r\nIf-None-Match: {tag}\r\n"
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(f"{request}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 304"), answer[:200]
    return len(answer)
