"""Addresses of Azure ML studio's pages. Pure."""

from __future__ import annotations

from urllib.parse import quote

from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.model import RunId


def run_url(studio: str, target: AzureTarget, run_id: RunId) -> str:
    """The page of a run; "" where the cloud has no studio that we know of."""
    if not studio:
        return ""
    workspace = (
        f"/subscriptions/{target.subscription_id}/resourcegroups/{target.resource_group}"
        f"/workspaces/{target.workspace_name}"
    )
    tenant = f"&tid={quote(target.tenant_id, safe='')}" if target.tenant_id else ""
    return f"{studio}/runs/{quote(run_id, safe='')}?wsid={quote(workspace, safe='/')}{tenant}"
