"""Where the services of a workspace are: told by its URI, or found through azureml-core."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import AccessDenied, SourceError, SourceUnavailable
from tb_aml_plugin.sources.azureml.clouds import Cloud
from tb_aml_plugin.sources.azureml.login import first_line
from tb_aml_plugin.sources.azureml.quiet import hush
from tb_aml_plugin.sources.azureml.tokens import Tokens
from tb_aml_plugin.sources.wire import Wire

_TIMEOUT_S = 60.0
"""azureml-core imports for a second, asks four services, and has no deadline of its own."""


@dataclass(frozen=True, slots=True)
class Services:
    """Addresses without a trailing slash.

    Attributes:
      history: of run history, metrics and artifacts.
      mlflow: of MLflow's REST API; the workspace's path goes between it and MLflow's own.
    """

    history: str
    mlflow: str


class Discovery:
    """Finds the services of one workspace. One search at a time, which goes on when nobody waits for it any more."""

    def __init__(self, target: AzureTarget, cloud: Cloud, tokens: Tokens, wire: Wire) -> None:
        self._target = target
        self._cloud = cloud
        self._tokens = tokens
        self._wire = wire
        self._found: queue.SimpleQueue[str | SourceError] = queue.SimpleQueue()
        self._search: threading.Thread | None = None

    def find(self, timeout_s: float = _TIMEOUT_S) -> Services:
        """The services.

        Raises:
          AccessDenied: Azure does not let us see the workspace, or there is none of that name.
          SourceUnavailable: no answer within `timeout_s` seconds.
        """
        if self._target.endpoint:
            return Services(self._target.endpoint, self._target.endpoint)
        self._tokens.get()  # why nobody is signed in is said better here than by the SDK
        if self._search is None:
            self._search = threading.Thread(target=self._look, name="workspace discovery", daemon=True)
            self._search.start()
        try:
            found = self._found.get(timeout=timeout_s)
        except queue.Empty:
            raise SourceUnavailable(f"Azure did not say in time where the {self._target.location} is.") from None
        self._search = None
        if isinstance(found, SourceError):
            raise found
        urls = self._wire.json("GET", found)
        with self._wire.understood():
            return Services(str(urls["history"]).rstrip("/"), str(urls["api"]).rstrip("/"))

    def _look(self) -> None:
        found = _guarded(
            self._target, lambda: _discovery_url(self._target, self._cloud, self._tokens), self._tokens.account
        )
        self._found.put(found)


def _discovery_url(target: AzureTarget, cloud: Cloud, tokens: Tokens) -> str:
    """The address that lists the services, as the workspace's resource has it."""
    hush()
    from azureml.core import Workspace
    from azureml.core.authentication import TokenAuthentication

    auth = TokenAuthentication(lambda audience: tokens.get(), cloud=cloud.name)
    workspace = Workspace.get(
        target.workspace_name,
        auth=auth,
        subscription_id=target.subscription_id,
        resource_group=target.resource_group,
        cloud=cloud.name,
    )
    return str(workspace.discovery_url)


def _guarded(target: AzureTarget, look: Callable[[], str], account: str) -> str | SourceError:
    """What `look` finds, or why it does not. The SDK's errors share no root: they are its own, msrest's, requests'."""
    try:
        return look()
    except SourceError as error:
        return error
    except ImportError as error:
        return AccessDenied(f"azureml-core cannot be imported: {error}. `tb-aml doctor` says what is in its way.")
    except Exception as error:  # noqa: BLE001
        return _translated(target, error, account)


def _translated(target: AzureTarget, error: Exception, account: str) -> SourceError:
    status = _status(error)
    text = str(error)
    who = f" {account}" if account else ""
    named = f" in {target.config}" if target.config else ""
    if status == 404 or "ResourceNotFound" in text or "ResourceGroupNotFound" in text:
        return AccessDenied(
            f"There is no {target.location} in subscription {target.subscription_id}, or it was deleted. "
            f"Check the three names{named}; `az ml workspace list` shows those that there are."
        )
    if "SubscriptionNotFound" in text or ("access to" in text and "subscription" in text):
        return AccessDenied(
            f"The account{who} sees no subscription {target.subscription_id}. Check the id{named}. If it is right, sign in "
            "with another account, or to another directory: `tb-aml login --tenant ID`, or --aml_auth."
        )
    if status in (401, 403) or "AuthorizationFailed" in text:
        return AccessDenied(
            f"The account{who} may not read the {target.location}. It needs the role Reader on the workspace; another "
            "account is chosen with --aml_auth."
        )
    if (status is not None and status >= 429) or _is_network(error):
        return SourceUnavailable(f"Azure Resource Manager does not answer: {first_line(error)} Trying again.")
    return SourceUnavailable(f"azureml-core could not open the {target.location}: {first_line(error)}")


def _status(error: Any) -> int | None:
    """The HTTP status somewhere inside `error`."""
    for inner in (error, getattr(error, "inner_exception", None), error.__cause__, error.__context__):
        for holder in (inner, getattr(inner, "response", None)):
            status = getattr(holder, "status_code", None)
            if isinstance(status, int):
                return status
    return None


def _is_network(error: BaseException) -> bool:
    return isinstance(error, OSError) or type(error).__name__ in ("ServiceRequestError", "ServiceResponseError")
