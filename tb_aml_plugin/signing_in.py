"""``tb-aml login``: a person signs in to Azure once; ``tensorboard`` then does so silently."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import os
import sys
from pathlib import Path

from tb_aml_plugin import flags, place
from tb_aml_plugin.azure_target import AzureTarget
from tb_aml_plugin.errors import TargetError
from tb_aml_plugin.model import SignIn


def define(parser: argparse.ArgumentParser) -> None:
    """How to sign in; the flags that name a workspace tell which cloud and directory to sign in to."""
    parser.add_argument("--browser", action="store_true", help="open a browser here instead of showing a code")
    parser.add_argument(
        "--tenant", default="", metavar="ID", help="directory to sign in to (default: the account's own)"
    )
    parser.add_argument("--forget", action="store_true", help="forget who signed in")
    flags.define(parser)


def run(arguments: argparse.Namespace) -> int:
    """Waits until someone has signed in; 0 then."""
    if importlib.util.find_spec("azure") is None or importlib.util.find_spec("azure.identity") is None:
        raise TargetError(
            'Signing in needs the package azure-identity. Install with: pip install "tb-aml-plugin[azureml]"'
        )
    from tb_aml_plugin.sources.azureml import clouds, login
    from tb_aml_plugin.sources.azureml.credential_kinds import Where

    if arguments.forget:
        _say("Forgotten." if login.forget() else "Nobody had signed in.")
        return 0
    target = _target(arguments)
    where = Where(clouds.find(target.cloud, os.environ, clouds.fetch), target.tenant_id, os.environ)
    account = login.sign_in(
        where.authority,
        where.trust,
        where.cloud.scope,
        tenant_id=where.tenant_id,
        show=None if arguments.browser else _show,
    )
    _say(f"Signed in as {account}. `tensorboard --aml_experiment …` uses it where nothing else signs in before;")
    _say("with --aml_auth device it uses nothing else.")
    return 0


def _target(arguments: argparse.Namespace) -> AzureTarget:
    """The workspace, for its cloud and directory; one that is not named is in the default ones."""
    try:
        found = place.find(flags.settings_of(arguments), Path.cwd(), os.environ)
    except TargetError:
        found = None
    target = found if isinstance(found, AzureTarget) else AzureTarget("", "", "")
    return dataclasses.replace(target, tenant_id=arguments.tenant) if arguments.tenant else target


def _show(state: SignIn) -> None:
    _say(state.message)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
