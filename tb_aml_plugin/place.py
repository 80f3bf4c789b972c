"""Which place the flags name, or the folder they were typed in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from tb_aml_plugin import azure_target, target
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import TargetError
from tb_aml_plugin.flags import Settings
from tb_aml_plugin.target import Target


def find(settings: Settings, cwd: Path, environ: Mapping[str, str]) -> Target:
    """The place to read; see `target.find_default` for what is taken when no flag names one.

    Raises:
      TargetError: there is none, or flags name two.
    """
    found = _named(settings, cwd, environ)
    return dataclasses.replace(found, auth=settings.auth) if isinstance(found, AzureTarget) else found


def _named(settings: Settings, cwd: Path, environ: Mapping[str, str]) -> Target:
    parts = {
        "subscription_id": settings.subscription_id,
        "resource_group": settings.resource_group,
        "workspace_name": settings.workspace_name,
    }
    by_flags = bool(settings.workspace_config) or any(parts.values())
    if settings.tracking_uri and by_flags:
        raise TargetError(
            "Both --aml_tracking_uri and a workspace are given. One TensorBoard shows one place: leave one of them out."
        )
    if settings.tracking_uri:
        return target.parse(settings.tracking_uri)
    if not by_flags:
        return target.find_default(cwd, environ)
    if settings.workspace_config:
        config: AzureTarget | None = azure_target.read_config(cwd / target.expanded(settings.workspace_config))
    else:
        path = None if all(parts.values()) else azure_target.find_config(cwd)
        config = azure_target.read_config(path) if path else None
    return azure_target.completed(config, parts)
