"""`Tensorboard`: the standard ``tensorboard`` command, from Python."""

from __future__ import annotations

import argparse
import contextlib
import functools
import html
import os
import re
import threading
import time
import weakref
import webbrowser
from pathlib import Path
from types import TracebackType
from typing import Any

from tb_aml_plugin import flags
from tb_aml_plugin.errors import LaunchFailed, SettingsError
from tb_aml_plugin.launch import chosen, launch_errors, links, ports, surroundings
from tb_aml_plugin.launch.child import Child
from tb_aml_plugin.target import masked
from tb_aml_plugin.terminal import tell

START_TIMEOUT_S = 120.0
_SERVING = re.compile(r"TensorBoard \S+ at (https?://\S+)")
_FRAME_HEIGHT_PX = 800


class Tensorboard:
    """A TensorBoard that shows runs of Azure ML and MLflow, live, until it is stopped.

    It ends with `stop`, when the object is dropped, and when this process ends, however it ends. As a context manager
    it is started and stopped.

        >>> from tb_aml_plugin import Tensorboard
        >>> tb = Tensorboard([], local_root="logs")  # doctest: +SKIP
        >>> tb.start()  # doctest: +SKIP
        'http://localhost:6006/'
        >>> tb.stop()  # doctest: +SKIP
    """

    def __init__(
        self,
        runs: Any,
        local_root: str | os.PathLike[str] | None = None,
        port: int = 6006,
        use_display_name: bool = False,
        **aml_options: Any,
    ) -> None:
        """
        Args:
          runs: one, or a list of: an azureml or MLflow run, the id of one, an Azure ML job (SDK v2), an experiment or
            its name. Runs come with their children. May be empty where `local_root` is given.
          local_root: a folder of event files to show beside them; TensorBoard's ``--logdir``.
          port: where to serve; the next free one if it is taken, any for 0.
          use_display_name: of no effect, since runs are always called by their display name; taken for scripts that
            were written for ``azureml.tensorboard``.
          aml_options: the command's ``--aml_*`` flags, such as ``aml_filter="metrics.loss < 1"``; a list for one that
            may be repeated. ``aml_tracking_uri`` says where runs are that were named by text.

        Raises:
          SettingsError: something of this cannot work; the text says what and the cure.
        """
        self._choice = chosen.read(runs)
        self._local_root = os.fspath(local_root) if local_root is not None else ""
        self._port = ports.checked(port)
        self._tracking_uri = str(aml_options.pop("aml_tracking_uri", None) or self._choice.tracking_uri)
        self._options = _checked_options(aml_options)
        if not self._local_root and not self._shows_runs:
            raise SettingsError("There is nothing to show: give a run, an experiment or a local_root.")
        if self._local_root and Path(self._local_root).is_file():
            raise SettingsError(f"local_root {self._local_root!r} is a file. Give the folder that holds the logs.")
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._end: Any = lambda: None
        self._link: links.Link | None = None

    def start(self, start_browser: bool = False) -> str:
        """Starts TensorBoard unless it runs; the URL for the browser, which answers by now.

        Args:
          start_browser: open it, in the browser of this machine.

        Raises:
          SettingsError: what was asked for cannot work, such as a name that is no experiment's.
          LaunchFailed: TensorBoard did not start; the text has its last lines and the cure.
        """
        with self._lock:
            if self._child is None or self._child.exit_code is not None or self._link is None:
                self.stop()
                self._launch()
            url = self.url
        if start_browser:
            webbrowser.open(url)
        return url

    def stop(self) -> None:
        """Ends TensorBoard and all that it started; harmless where it does not run."""
        with self._lock:
            self._end()
            self._child, self._link = None, None

    @property
    def url(self) -> str:
        """Where it is, for the browser; "" while it is not started."""
        return self._link.url if self._link is not None else ""

    def __enter__(self) -> Tensorboard:  # noqa: PYI034 - typing.Self is of Python 3.11
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Tensorboard at {self.url}>" if self.url else "<Tensorboard, not started>"

    def _repr_html_(self) -> str:
        if self._link is None:
            return html.escape(repr(self))
        frame = html.escape(self._link.page_url, quote=True)
        url = frame or html.escape(self._link.url, quote=True)
        parts = [f'<p>TensorBoard: <a href="{url}" target="_blank" rel="noopener">{url}</a></p>']
        if self._link.hint:
            parts.append(f"<p>{html.escape(self._link.hint)}</p>")
        if frame:
            parts.append(f'<iframe src="{frame}" width="100%" height="{_FRAME_HEIGHT_PX}" frameborder="0"></iframe>')
        return "\n".join(parts)

    @property
    def _shows_runs(self) -> bool:
        return bool(self._choice.experiments or self._choice.run_ids or self._options or self._tracking_uri)

    def _launch(self) -> None:
        for port in ports.candidates(self._port):
            try:
                served = self._served_at(port)
            except launch_errors.PortTaken:
                continue
            if self._port and served != self._port:
                tell(f"Port {self._port} is taken; TensorBoard is on port {served}.")
            self._link = _link(served)
            return
        last = min(self._port + ports.TRIED, ports.END) - 1
        raise LaunchFailed(f"No port between {self._port} and {last} is free. Give another port, or 0 for any.")

    def _served_at(self, port: int) -> int:
        """Starts TensorBoard on `port` and waits until it answers; the port it got. Nothing is left if this fails."""
        with contextlib.ExitStack() as undo:
            child = Child(self._arguments(port), self._environ(), _pass_on)
            self._child, self._end = child, weakref.finalize(self, Child.end, child)
            undo.callback(self._end)
            served = _wait_until_it_answers(child)
            undo.pop_all()
        return served

    def _arguments(self, port: int) -> list[str]:
        is_chosen = self._choice.run_ids or any(
            word.startswith(("--aml_experiment=", "--aml_run=")) for word in self._options
        )
        everything = ["*"] if self._shows_runs and not is_chosen else []
        return [
            f"--port={port}",
            *([f"--logdir={self._local_root}"] if self._local_root else ()),
            *(f"--aml_experiment={name}" for name in self._choice.experiments or everything),
            *(f"--aml_run={run_id}" for run_id in self._choice.run_ids),
            *self._options,
        ]

    def _environ(self) -> dict[str, str]:
        """Ours; the place goes by the environment, which other users cannot read, as they can a command line."""
        place = {"MLFLOW_TRACKING_URI": self._tracking_uri} if self._tracking_uri else {}
        return {**os.environ, **place}


def _checked_options(options: dict[str, Any]) -> list[str]:
    """The flags that `options` name, as command line words.

    Raises:
      SettingsError: there is no such flag.
    """
    words = []
    for name, value in options.items():
        if name not in _known_options():
            known = ", ".join(sorted(_known_options()))
            raise SettingsError(f"There is no option {name!r}. Known are {known}.")
        values = value if isinstance(value, (list, tuple)) else [value]
        words += [word for one in values if (word := _word(name, one))]
    return words


def _word(name: str, value: object) -> str:
    """A flag as it is typed; "" for one that is not: without a value (False), or as if it were not there (None)."""
    if value is None or value is False:
        return ""
    return f"--{name}" if value is True else f"--{name}={value}"


@functools.cache
def _known_options() -> frozenset[str]:
    parser = argparse.ArgumentParser(add_help=False)
    flags.define(parser)
    return frozenset(action.dest for action in parser._actions)


def _wait_until_it_answers(child: Child) -> int:
    """The port of `child`, once its own address answers.

    Raises:
      PortTaken, LaunchFailed, SettingsError: see `launch_errors.of`.
    """
    deadline_s = time.monotonic() + START_TIMEOUT_S
    # Its own line tells which port it got: an answer alone could be another program's.
    child.wait_for(_served_at, START_TIMEOUT_S)
    while child.exit_code is None and time.monotonic() < deadline_s:
        url = _served_at(child.lines)
        if url and surroundings.answers(url, 10.0, directly=True):
            return int(url.rstrip("/").rpartition(":")[2])
        time.sleep(0.02)
    raise launch_errors.of(child.exit_code, child.lines, START_TIMEOUT_S)


def _served_at(lines: list[str]) -> str:
    return next((found.group(1) for line in lines if (found := _SERVING.search(line))), "")


def _link(port: int) -> links.Link:
    link = links.find(port, surroundings.look())
    if not link.is_proxied or surroundings.answers(link.url):
        return link
    tell(f"{link.url} would be the way from outside, but does not answer. {link.hint}")
    return links.Link(links.local(port), hint=f"{link.url} does not answer. {link.hint}".strip())


def _pass_on(line: str) -> None:
    """Shows the person what our part of TensorBoard says, such as a code to sign in with."""
    if line.startswith("Azure ML: "):
        tell(masked(line.removeprefix("Azure ML: ")))
