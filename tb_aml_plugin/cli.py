"""``tb-aml``: what is better typed in a terminal than into ``tensorboard``. A new command is a line in `COMMANDS`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tb_aml_plugin import __version__, demo, signing_in
from tb_aml_plugin.doctor import command as doctor
from tb_aml_plugin.errors import AmlError, told_once
from tb_aml_plugin.export import command as export


@dataclass(frozen=True, slots=True)
class Command:
    """One word after ``tb-aml``.

    Attributes:
      define: adds its arguments to a parser.
      run: does it and returns the exit code; raises `AmlError`.
    """

    name: str
    help: str
    define: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = (
    Command("demo", "log a small sweep and show it in TensorBoard", demo.define, demo.run),
    Command("export", "write runs as event files or tables", export.define, export.run),
    Command("doctor", "say what is installed, what works, and what to do about the rest", doctor.define, doctor.run),
    Command("login", "sign in to Azure", signing_in.define, signing_in.run),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command that `argv` names; its exit code: 1 for an error that was told, 2 for a wrong argument, 130 for Ctrl-C."""
    arguments = _parser().parse_args(argv)
    command = next(command for command in COMMANDS if command.name == arguments.command)
    try:
        return command.run(arguments)
    except AmlError as error:
        sys.stderr.write(f"tb-aml {command.name}: {told_once(error)}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"\ntb-aml {command.name}: interrupted.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tb-aml", description="Azure ML for TensorBoard.")
    parser.add_argument("--version", action="version", version=f"tb-aml-plugin {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.define(commands.add_parser(command.name, help=command.help, description=command.help))
    return parser
