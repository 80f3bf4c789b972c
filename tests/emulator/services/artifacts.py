"""The artifact service: what files a run has, and URLs to read and write them."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from tests.emulator.blob_store import ORIGIN
from tests.emulator.routing import Call, Route
from tests.emulator.state import Artifact, Run
from tests.emulator.wire import Refusal, answer, iso, page

PAGE = 100


def list_all(call: Call, container: str, experiment: str = "") -> Response:
    """Pages of a run's artifacts."""
    return _list(call, _run(call, container), "")


def list_below(call: Call, container: str, path: str = "", experiment: str = "") -> Response:
    """Pages of the artifacts whose path starts with `path`."""
    return _list(call, _run(call, container), path or call.request.args.get("path", ""))


def content_info(call: Call, container: str, path: str = "", experiment: str = "") -> Response:
    """A URL to read one artifact with."""
    run, path = _run(call, container), path or call.request.args.get("path", "")
    if path not in run.artifacts:
        raise Refusal(404, "UserError", f"Could not find artifact with path: {path}")
    return answer(_content(call, run, path))


def prefix_info(call: Call, container: str, path: str = "", experiment: str = "") -> Response:
    """Pages of URLs to read all artifacts with whose path starts with `path`."""
    run, path = _run(call, container), path or call.request.args.get("path", "")
    found = [name for name in sorted(run.artifacts) if name.startswith(path)]
    items, token = _page(call, found)
    return answer({"value": [_content(call, run, name) for name in items], "continuationToken": token})


def create_empty(call: Call, container: str, experiment: str = "") -> Response:
    """Lists artifacts that are about to be written; URLs to write them with."""
    run, paths = _run(call, container), [item["path"] for item in call.json["paths"]]
    with call.emulator.history.lock:
        for path in paths:
            run.artifacts[path] = Artifact(path)
    urls = {path: call.emulator.blobs.write_url(run, path) for path in paths}
    return answer(
        {
            "artifacts": {path: _artifact(run, run.artifacts[path]) for path in paths},
            "artifactContentInformation": {path: _address(run, path) | {"contentUri": urls[path]} for path in paths},
            "errors": {},
        }
    )


def _run(call: Call, container: str) -> Run:
    run = call.emulator.history.runs.get(container.removeprefix("dcid."))
    if not run:
        raise Refusal(404, "UserError", f"Could not find container {container}")
    return run


def _list(call: Call, run: Run, prefix: str) -> Response:
    with call.emulator.history.lock:
        found = [_artifact(run, run.artifacts[path]) for path in sorted(run.artifacts) if path.startswith(prefix)]
    items, token = _page(call, found)
    return answer({"value": list(items), "continuationToken": token})


def _page(call: Call, items: list[Any]) -> Any:
    args = call.request.args
    return page(
        items, call.emulator.faults.limit(PAGE), args.get("continuationToken") or args.get("$continuationToken")
    )


def _content(call: Call, run: Run, path: str) -> dict[str, Any]:
    return _address(run, path) | {"contentUri": call.emulator.blobs.read_url(run, path)}


def _address(run: Run, path: str) -> dict[str, Any]:
    return {"origin": ORIGIN, "container": run.container, "path": path}


def _artifact(run: Run, artifact: Artifact) -> dict[str, Any]:
    return _address(run, artifact.path) | {
        "artifactId": f"{ORIGIN}/{run.container}/{artifact.path}",
        "etag": f'"{artifact.etag}"',
        "createdTime": iso(artifact.created),
        "dataPath": None,
        "tags": {},
    }


_A = "/artifact/v2.0/WS/artifacts"
_OF = f"{ORIGIN}/<container>"
_R = "/history/v1.0/WS/experiments/<experiment>/runs/<container>/artifacts"

ROUTES = (
    Route("artifacts.contentinfo", "GET", f"{_A}/contentinfo/{_OF}/<path:path>", content_info),
    Route("artifacts.prefix", "GET", f"{_A}/prefix/contentinfo/{_OF}/", prefix_info),
    Route("artifacts.prefix", "GET", f"{_A}/prefix/contentinfo/{_OF}/<path:path>", prefix_info),
    Route("artifacts.create", "POST", f"{_A}/batch/metadata/{_OF}", create_empty),
    Route("artifacts.list", "GET", f"{_A}/{_OF}", list_all),
    Route("artifacts.list", "GET", f"{_A}/{_OF}/<path:path>", list_below),
    Route("artifacts.list", "GET", _R, list_all),
    # azureml-core puts the artifact's path into the URL's path, azureml-mlflow into its query
    *(Route("artifacts.list", "GET", f"{_R}/path{end}", list_below) for end in ("", "/<path:path>")),
    *(Route("artifacts.contentinfo", "GET", f"{_R}/contentinfo{end}", content_info) for end in ("", "/<path:path>")),
    *(Route("artifacts.prefix", "GET", f"{_R}/prefix/contentinfo{end}", prefix_info) for end in ("", "/<path:path>")),
    Route("artifacts.create", "POST", f"{_R}/batch/metadata", create_empty),
)
