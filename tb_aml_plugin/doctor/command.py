"""The command itself."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tb_aml_plugin import flags
from tb_aml_plugin.doctor import boards, packages, places
from tb_aml_plugin.doctor.findings import Finding, as_json, as_text, works


def define(parser: argparse.ArgumentParser) -> None:
    """The flags that name a place, as ``tensorboard`` takes them, and ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    flags.define(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints what it finds, as it finds it; 0 only if the plugin would work."""
    found = []
    for finding in findings(flags.settings_of(arguments), Path.cwd(), os.environ):
        found.append(finding)
        if not arguments.json:
            _print(found)
    if arguments.json:
        sys.stdout.write(as_json(found) + "\n")
    else:
        sys.stdout.write("\nThe plugin works.\n" if works(found) else "\nThe plugin would not work: see BAD above.\n")
    return 0 if works(found) else 1


def findings(settings: flags.Settings, cwd: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything, from the packages up to the services of the place."""
    yield from packages.findings(places.needed(settings, cwd, environ))
    yield from boards.findings()
    yield from places.findings(settings, cwd, environ)


def _print(found: list[Finding]) -> None:
    """The newest finding, with its heading if it is the first under it."""
    lines = list(as_text(found[-1:]))
    if len(found) > 1 and found[-2].about == found[-1].about:
        lines = lines[1:]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
