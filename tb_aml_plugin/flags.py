"""The ``--aml_*`` flags: their definition, and what was typed as one frozen value. Standard library only."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = "azureml"
"""Put into ``--grpc_data_provider`` where that is empty, so that TensorBoard needs no ``--logdir``."""

AUTH_KINDS = ("default", "cli", "interactive", "device", "msi", "service-principal", "token", "env")
"""How to sign in to Azure; `sources.azureml.credential_kinds` has one for each."""

DEFAULT_CACHE_BYTES = 4 * 2**30
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

_PRIVATE = ("aml_tracking_uri",)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for, as typed."""

    experiments: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    tracking_uri: str = ""
    filter: str = ""
    order_by: tuple[str, ...] = ()
    max_runs: int = 500
    step: str = "auto"
    workspace_config: str = ""
    subscription_id: str = ""
    resource_group: str = ""
    workspace_name: str = ""
    auth: str = "default"
    allow_writes: bool = False
    allow_remote_writes: bool = False
    native_logs: str = "auto"
    cache_bytes: int = DEFAULT_CACHE_BYTES


class _Given(argparse.Action):
    """Stores a value, and says with `PLACEHOLDER` that TensorBoard has data to show."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if not getattr(namespace, "grpc_data_provider", ""):
            namespace.grpc_data_provider = PLACEHOLDER
        setattr(namespace, self.dest, self.gathered(namespace, values))

    def gathered(self, namespace: argparse.Namespace, value: Any) -> Any:
        return value


class _GivenTrue(_Given):
    """The same for a flag without a value."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=False, **more)

    def gathered(self, namespace: argparse.Namespace, value: Any) -> Any:
        return True


class _GivenAgain(_Given):
    """The same for a flag that may be repeated."""

    def gathered(self, namespace: argparse.Namespace, value: Any) -> Any:
        return [*(getattr(namespace, self.dest) or ()), value]


def define(parser: argparse.ArgumentParser) -> None:
    """Adds the group "Azure ML" to TensorBoard's `parser`."""
    group = parser.add_argument_group("Azure ML")
    _define_where(group.add_argument)
    _define_workspace(group.add_argument)
    _define_which(group.add_argument)
    _define_writes(group.add_argument)
    _define_native_logs(group.add_argument)


def _define_where(add: Callable[..., Any]) -> None:
    add(
        "--aml_experiment",
        metavar="NAME",
        action=_GivenAgain,
        help="Show the runs of this MLflow or Azure ML experiment, beside what --logdir holds. May be repeated, "
        "hold several names separated by commas, and be a glob such as 'sweep-*' (quote it). "
        "All experiments if only other --aml_* flags are given.",
    )
    add(
        "--aml_run",
        metavar="RUN_ID",
        action=_GivenAgain,
        help="Show the run with this id and the runs below it. May be repeated and hold several ids separated by commas.",
    )
    add(
        "--aml_tracking_uri",
        metavar="URI",
        default="",
        action=_Given,
        help="Where the runs are: sqlite:///mlflow.db, postgresql://user@host/db, http://host:5000 or a folder such "
        "as ./mlruns; of Azure ML: azureml://… or the URL of a page of studio. Without it: $MLFLOW_TRACKING_URI, an "
        "Azure ML config.json, ./mlflow.db, ./mlruns. Keep a password out of it: put the URI into "
        "$MLFLOW_TRACKING_URI.",
    )


def _define_workspace(add: Callable[..., Any]) -> None:
    add(
        "--aml_workspace_config",
        metavar="PATH",
        default="",
        action=_Given,
        help="The Azure ML workspace that this config.json names; a folder is searched as Workspace.from_config does.",
    )
    for name, help_ in (
        ("subscription_id", "Azure subscription of the workspace. What is not given comes from a config.json."),
        ("resource_group", "Resource group of the workspace."),
        ("workspace_name", "Name of the workspace."),
    ):
        add(f"--aml_{name}", metavar=name.rpartition("_")[2].upper(), default="", action=_Given, help=help_)
    add(
        "--aml_auth",
        choices=AUTH_KINDS,
        default="default",
        action=_Given,
        help="How to sign in to Azure: default tries what azure-identity's DefaultAzureCredential tries, then the "
        "account of `tb-aml login`. Secrets come from environment variables alone; docs/azure.md lists them. "
        "(default: %(default)s)",
    )


def _define_which(add: Callable[..., Any]) -> None:
    add(
        "--aml_filter",
        metavar="FILTER",
        default="",
        action=_Given,
        help="Show only runs that pass this MLflow search filter, such as \"params.lr = '0.1' and metrics.loss < 1\".",
    )
    add(
        "--aml_order_by",
        metavar="ORDER",
        action=_GivenAgain,
        help="Which runs to show when there are more than --aml_max_runs, such as 'metrics.loss ASC'. "
        "May be repeated. Without it those started last.",
    )
    add(
        "--aml_max_runs",
        metavar="N",
        type=_positive,
        default=500,
        action=_Given,
        help="Show at most this many runs. (default: %(default)s)",
    )
    add(
        "--aml_step",
        choices=("auto", "logged", "index"),
        default="auto",
        action=_Given,
        help="What the step axis shows: the logged steps; the index of each point; or auto: the logged steps, but the "
        "index for a metric whose points all have the same step. (default: %(default)s)",
    )


def _define_writes(add: Callable[..., Any]) -> None:
    add(
        "--aml_allow_writes",
        action=_GivenTrue,
        help="Let the Azure ML tab tag, rename, annotate, stop and archive runs, from this machine only. "
        "Without it nothing is ever written.",
    )
    add(
        "--aml_allow_remote_writes",
        action=_GivenTrue,
        help="With --aml_allow_writes: let everyone do so who can open the page, with --bind_all, --host or through a "
        "proxy. TensorBoard asks nobody who they are.",
    )


def _define_native_logs(add: Callable[..., Any]) -> None:
    add(
        "--aml_native_logs",
        choices=("auto", "off"),
        default="auto",
        action=_Given,
        help="Whether TensorBoard's own logs among the artifacts of runs (event files, profiles, embeddings) are shown "
        "too. They are copied, as they grow, into a private folder of your cache. (default: %(default)s)",
    )
    add(
        "--aml_cache_bytes",
        metavar="BYTES",
        type=_nbytes,
        default=DEFAULT_CACHE_BYTES,
        action=_Given,
        help="How much that folder may hold, such as 500M or 20G; what was used longest ago goes first. (default: 4G)",
    )


def are_given(flags: argparse.Namespace) -> bool:
    """Whether any ``--aml_*`` flag was typed, or set to something by TensorBoard's Python API."""
    return getattr(flags, "grpc_data_provider", "") == PLACEHOLDER or settings_of(flags) != Settings()


def settings_of(flags: argparse.Namespace) -> Settings:
    """The ``--aml_*`` part of TensorBoard's `flags`."""
    return Settings(
        experiments=_texts(getattr(flags, "aml_experiment", None)),
        run_ids=tuple(part.strip() for text in _texts(getattr(flags, "aml_run", None)) for part in text.split(",")),
        tracking_uri=getattr(flags, "aml_tracking_uri", ""),
        filter=getattr(flags, "aml_filter", ""),
        order_by=_texts(getattr(flags, "aml_order_by", None)),
        max_runs=getattr(flags, "aml_max_runs", 500),
        step=getattr(flags, "aml_step", "auto"),
        workspace_config=getattr(flags, "aml_workspace_config", ""),
        subscription_id=getattr(flags, "aml_subscription_id", ""),
        resource_group=getattr(flags, "aml_resource_group", ""),
        workspace_name=getattr(flags, "aml_workspace_name", ""),
        auth=getattr(flags, "aml_auth", "default"),
        allow_writes=getattr(flags, "aml_allow_writes", False),
        allow_remote_writes=getattr(flags, "aml_allow_remote_writes", False),
        native_logs=getattr(flags, "aml_native_logs", "auto"),
        cache_bytes=getattr(flags, "aml_cache_bytes", DEFAULT_CACHE_BYTES),
    )


def hide_secrets(flags: argparse.Namespace) -> None:
    """Masks what TensorBoard would show to anyone under ``/data/environment``."""
    from tb_aml_plugin.target import masked

    for name in _PRIVATE:
        setattr(flags, name, masked(getattr(flags, name)))


def _texts(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _nbytes(text: str) -> int:
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].isalpha() else (text, "")
    if not number.isdecimal() or unit not in _UNITS or not number.isascii():
        raise argparse.ArgumentTypeError(f"must be a number of bytes such as 500M or 20G, not {text!r}")
    return int(number) * _UNITS[unit]


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, not {text!r}")
    return number
