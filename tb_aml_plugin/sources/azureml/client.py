"""What only the wire has: steps and times of metrics, run history's records, the addresses of artifacts.

azureml-core drops the first (`Run.get_metrics` gives bare values) and asks for the second run by run. Paths and bodies
are those of its REST clients (`azureml._restclient`, 1.61).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from tb_aml_plugin.errors import AccessDenied, ArtifactGone, NotATrackingStore
from tb_aml_plugin.model import RunId
from tb_aml_plugin.sources.wire import Dialect, Refused, Wire

RUNS_PAGE = 500
"""The most that run history gives at once (`azureml._restclient.constants.DEFAULT_PAGE_SIZE`)."""

MOST_PAGES = 10_000
"""Of one metric. The service keeps a million rows of it at most; of a page there should be many more than a hundred."""

CANCELED = "Microsoft.MachineLearning.Run.Canceled"
_SERVICE_HOSTS = (".api.azureml.ms", ".experiments.azureml.net", ".api.ml.azure.us", ".api.ml.azure.cn")
"""Where Azure ML's services are, in its public and its national clouds. Nobody else gets a name below these."""


def _problem(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Azure's errors, and MLflow's, which its MLflow endpoint uses."""
    if "error_code" in body:
        return str(body["error_code"]), str(body.get("message", ""))
    error = body.get("error", body.get("Error"))
    if isinstance(error, dict):
        lower = {str(key).lower(): value for key, value in error.items()}
        return str(lower.get("code", "")), str(lower.get("message", ""))
    return None


def _credentials(status: int) -> str:
    if status == 401:
        return "The sign-in has expired or is for another directory. Sign in again: `tb-aml login`, or `az login`."
    return (
        "The account lacks the permission: it needs the role AzureML Data Scientist or Reader on the workspace. "
        "`tb-aml doctor` says which account it is; choose another with --aml_auth."
    )


AZURE_ML = Dialect(
    kind="an Azure ML service",
    credentials=_credentials,
    address="Something between here and Azure answers instead, such as a proxy or a sign-in page: check HTTPS_PROXY.",
    certificate="If a proxy signs traffic here, set REQUESTS_CA_BUNDLE to its CA's file.",
    unreachable="Is the network up, and is the workspace reachable from it (private link, VPN)?",
    problem=_problem,
)


class Client:
    """Run history, metrics and artifacts of one workspace. Threads, time and failure as in `Wire`."""

    def __init__(self, wire: Wire, url: str, resource_id: str) -> None:
        self._wire = wire
        self._history = f"{url}/history/v1.0{resource_id}"
        self._metrics = f"{url}/metric/v2.0{resource_id}"
        self._artifacts = f"{url}/artifact/v2.0{resource_id}"
        self.understood = wire.understood

    def runs(self, experiment: str, filter_: str = "") -> Iterator[list[dict[str, Any]]]:
        """Pages of the runs of the experiment of that name, those started last first.

        Args:
          filter_: OData, such as ``RootRunId eq 1234``.
        """
        url = f"{self._history}/experiments/{_part(experiment)}/runs:query"
        body = {"filter": filter_ or None, "orderby": "StartTimeUtc desc", "top": RUNS_PAGE}
        yield from self._pages("POST", url, body)

    def run(self, run_id: RunId) -> dict[str, Any]:
        """One run. Raises `Refused` where there is none."""
        return self._wire.json("GET", f"{self._history}/runs/{_part(run_id)}")

    def change(self, run_id: RunId, **fields: Any) -> None:
        """Changes fields of a run, named as run history does. Raises `Refused` where there is no run."""
        with self._wire.understood():
            experiment = str(self.run(run_id)["experimentId"])
        url = f"{self._history}/experimentids/{_part(experiment)}/runs/{_part(run_id)}"
        self._wire.send("PATCH", url, json={"runId": run_id, **fields})

    def cancel(self, run_id: RunId, time: str) -> None:
        """Has the job of a run ended; a run that is no job of the service is only marked, as `Run.cancel` does it.

        Args:
          time: now, in ISO 8601.

        Raises:
          AccessDenied: the address to cancel it at is not the service's: our token must not go there.
        """
        address = self.run(run_id).get("cancelUri")
        if address:
            self._wire.send("POST", self._own(str(address)))
            return
        event = {"timestamp": time, "name": CANCELED, "data": {"RunId": run_id, "EndTime": time}}
        self._wire.send("POST", f"{self._history}/runs/{_part(run_id)}/events", json=event)

    def _own(self, url: str) -> str:
        """`url`, which whoever may write the run can have set."""
        parts, own = urlsplit(url), urlsplit(self._history)
        is_known = parts.netloc == own.netloc or (parts.hostname or "").endswith(_SERVICE_HOSTS)
        if parts.scheme != "https" or not is_known:
            raise AccessDenied(f"The run is to be cancelled at {parts.hostname}, which is no service of Azure ML.")
        return url

    def metrics(self, run_id: RunId) -> Iterator[list[dict[str, Any]]]:
        """Pages of the names and columns of a run's metrics. Raises `Refused` where there is no run."""
        yield from self._pages("POST", f"{self._metrics}/runs/{_part(run_id)}/list", {})

    def metric(self, run_id: RunId, name: str, since: str = "") -> Iterator[dict[str, Any]]:
        """Pages of all that was logged as `name`, each with its columns, by the time of logging.

        Args:
          since: from this time on, in ISO 8601.

        Raises:
          Refused: there is no such metric (404).
        """
        url = f"{self._metrics}/runs/{_part(run_id)}/full"
        body: dict[str, Any] = {"metricName": name} | ({"startTime": since} if since else {})
        for _ in range(MOST_PAGES):
            page = self._wire.json("POST", url, json=body)
            yield page
            before, token = body.get("continuationToken"), page.get("continuationToken")
            if not token or token == before:
                return
            body = body | {"continuationToken": token}

    def artifacts(self, container: str) -> Iterator[list[dict[str, Any]]]:
        """Pages of the artifacts in the data container of a run."""
        yield from self._pages("GET", f"{self._artifacts}/artifacts/ExperimentRun/{_part(container)}", {})

    def artifact_url(self, container: str, path: str) -> str:
        """An address that the artifact can be read at for a while. It is a secret.

        Raises:
          ArtifactGone: there is no such artifact.
        """
        url = f"{self._artifacts}/artifacts/contentinfo/ExperimentRun/{_part(container)}/{quote(path)}"
        try:
            found = self._wire.json("GET", url)
        except Refused:
            raise ArtifactGone(f"{path} is no longer there.") from None
        with self._wire.understood():
            return str(found["contentUri"])

    def read(self, signed_url: str, path: str, start: int, length: int | None) -> bytes:
        """The bytes at an address that `artifact_url` gave; see `Wire.read`.

        Raises:
          ArtifactGone: the artifact is not there any more.
          AccessDenied: the address is good no more.
        """
        try:
            return self._wire.read(signed_url, start, length, auth=_unsigned)
        except (Refused, NotATrackingStore):  # 404, in XML
            raise ArtifactGone(f"{path} is no longer there.") from None

    def _pages(self, method: str, url: str, body: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        token: Any = None
        while True:
            asked = body | ({"continuationToken": token} if token else {})
            page = self._wire.json(method, url, **({"params": asked} if method == "GET" else {"json": asked}))
            with self._wire.understood():
                yield list(page["value"])
            before, token = token, page.get("continuationToken")
            if not token or token == before:
                return


def _part(text: str) -> str:
    return quote(text, safe="")


def _unsigned(request: Any) -> Any:
    """The address itself is the permission; a token beside it would be refused, and has no business there."""
    request.headers.pop("Authorization", None)
    return request
