"""Azure Resource Manager: the cloud's metadata, the subscription, and the workspace as a resource."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from tests.emulator.authority import BLOB_SUFFIX, LOGIN_HOST
from tests.emulator.routing import Call, Route
from tests.emulator.tokens import TENANT
from tests.emulator.wire import Refusal, answer

CLOUD = "LocalCloud"


def metadata(call: Call) -> Response:
    """One cloud, whose every endpoint is the emulator."""
    url = call.emulator.url
    cloud: dict[str, Any] = {
        "name": CLOUD,
        "authentication": {
            "loginEndpoint": f"https://{LOGIN_HOST}",
            "audiences": [f"{url}/", url],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{url}/",
        "portal": url,
        "graph": url,
        "graphAudience": url,
        "microsoftGraphResourceId": url,
        "gallery": url,
        "batch": url,
        "media": url,
        "sqlManagement": url,
        "activeDirectoryDataLake": url,
        "vmImageAliasDoc": url,
        "suffixes": {
            "storage": BLOB_SUFFIX,
            "keyVaultDns": "vault.azure.test",
            "sqlServerHostname": "database.azure.test",
            "azureDataLakeStoreFileSystem": "lake.azure.test",
            "azureDataLakeAnalyticsCatalogAndJob": "analytics.azure.test",
            "acrLoginServer": "registry.azure.test",
        },
    }
    return answer([cloud])


def subscriptions(call: Call) -> Response:
    """The one subscription."""
    return answer({"value": [_subscription(call)], "count": {"type": "Total", "value": 1}})


def subscription(call: Call, subscription_id: str) -> Response:
    """One subscription by id."""
    if subscription_id != call.emulator.subscription_id:
        raise Refusal(404, "SubscriptionNotFound", f"The subscription '{subscription_id}' could not be found.")
    return answer(_subscription(call))


def tenants(call: Call) -> Response:
    """The one tenant."""
    return answer({"value": [{"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "Emulator"}]})


def workspace(call: Call) -> Response:
    """The workspace: where its services are found, and its id."""
    return answer(_workspace(call))


def workspaces(call: Call, subscription_id: str, group: str = "") -> Response:
    """All workspaces of a subscription, or of one of its resource groups."""
    here = subscription_id == call.emulator.subscription_id and group in ("", call.emulator.resource_group)
    return answer({"value": [_workspace(call)] if here else []})


def _subscription(call: Call) -> dict[str, Any]:
    found = call.emulator.subscription_id
    return {
        "id": f"/subscriptions/{found}",
        "subscriptionId": found,
        "tenantId": TENANT,
        "displayName": "Emulated subscription",
        "state": "Enabled",
        "managedByTenants": [],
    }


def _workspace(call: Call) -> dict[str, Any]:
    emulator = call.emulator
    return {
        "id": emulator.scope,
        "name": emulator.workspace_name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": "local",
        "tags": {},
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": {"type": "SystemAssigned", "principalId": TENANT, "tenantId": TENANT},
        "properties": {
            "friendlyName": emulator.workspace_name,
            "description": "",
            "workspaceId": emulator.workspace_id,
            "discoveryUrl": f"{emulator.url}/discovery",
            "mlFlowTrackingUri": emulator.tracking_uri,
            "provisioningState": "Succeeded",
            "storageAccount": f"{emulator.scope}/storage",
            "keyVault": f"{emulator.scope}/vault",
            "applicationInsights": f"{emulator.scope}/insights",
            "hbiWorkspace": False,
            "creationTime": "2023-11-14T00:00:00.0000000Z",
        },
    }


_WORKSPACES = "/subscriptions/<subscription_id>/providers/Microsoft.MachineLearningServices/workspaces"
_IN_GROUP = (
    "/subscriptions/<subscription_id>/resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces"
)

ROUTES = (
    Route("arm.metadata", "GET", "/metadata/endpoints", metadata, open=True),
    Route("arm.subscriptions", "GET", "/subscriptions", subscriptions),
    Route("arm.subscription", "GET", "/subscriptions/<subscription_id>", subscription),
    Route("arm.tenants", "GET", "/tenants", tenants),
    Route("arm.workspaces", "GET", _WORKSPACES, workspaces),
    Route("arm.workspaces", "GET", _IN_GROUP, workspaces),
    Route("arm.workspace", "GET", "/WS", workspace),
)
