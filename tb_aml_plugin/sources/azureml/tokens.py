"""Access tokens for a workspace: asked for when they are needed, kept until shortly before they expire."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.sources.azureml.credential_kinds import Steps, claims
from tb_aml_plugin.sources.azureml.login import first_line
from tb_aml_plugin.sources.azureml.quiet import hush

_EARLY_S = 300.0
"""A token is replaced so long before it expires, as azure-core does it."""
_FAILED_TO_BE_MADE = "FailedDACCredential"
"""What azure-identity's default chain has in the place of a credential that it could not make."""
_CLASS = re.compile(r"(\w+Credential)\b:? *")
_UNAVAILABLE = re.compile(r"(?:authentication )?unavailable[.,:]? *")
_GUIDANCE = re.compile(r"(?:See|Visit|Please visit|To mitigate|You must also|For more|Missing required) ")
_SENTENCE = re.compile(r"(?<=\.) +")
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one credential.

    Attributes:
      problem: why it gave no token; "" if it did.
      account: whom the token is for, where it says.
    """

    name: str
    problem: str = ""
    account: str = ""


class Tokens(requests.auth.AuthBase):
    """Puts a good token on every request.

    The first credential that gives a token is kept to. When none does, the next few seconds are answered from memory,
    longer each time: a credential may cost a process and ten seconds.

    **Threads.** Any; the credential is asked by one at a time.
    """

    def __init__(self, steps: Callable[[], Steps], scope: str, hint: Callable[[], str] = str) -> None:
        """
        Args:
          steps: the credentials, made when first needed.
          scope: what a token is asked for.
          hint: what a person can do when none works; called once per failure.
        """
        self._steps = steps
        self._scope = scope
        self._hint = hint
        self._lock = threading.Lock()
        self._made: Sequence[tuple[str, Callable[[], Any]]] | None = None
        self._credential: Any = None
        self._token: Any = None
        self._good_until_s = 0.0
        self._problem = ""
        self._preferred: Callable[[], Any] | None = None
        self._pause_s = _FIRST_PAUSE_S
        self._retry_s = 0.0
        self.account = ""
        self.name = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.get()}"
        return request

    def get(self) -> str:
        """A token that is good for some minutes.

        Raises:
          AccessDenied: no credential gives one; the text says what each said and what to do.
        """
        with self._lock:
            if self._token and time.time() < self._good_until_s:
                return str(self._token.token)
            if time.monotonic() < self._retry_s:
                raise AccessDenied(self._problem)
            attempts = self.attempt()
            if attempts[-1].problem:
                self._failed(attempts)
            return str(self._token.token)

    def renew(self, request: requests.PreparedRequest) -> bool:
        """A service has refused the token that is on `request`; whether there is another to try."""
        refused = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        with self._lock:
            if self._token and self._token.token == refused:
                # A new credential: the one that gave the token keeps it, and would give it again.
                self._token = self._credential = None
        try:
            return self.get() != refused
        except AccessDenied:
            return True  # asking again will tell why

    @property
    def problem(self) -> str:
        """Why there is no token; "" while there is one, or none was asked for."""
        return self._problem

    def prefer(self, make: Callable[[], Any]) -> None:
        """Someone has signed in: this credential comes before all others, and is tried at once."""
        with self._lock:
            self._preferred = make
            self._credential = self._token = None
            self._retry_s, self._pause_s = 0.0, _FIRST_PAUSE_S

    def attempt(self) -> list[Attempt]:
        """Asks each credential in turn until one gives a token; what came of each. Not for several threads at once."""
        if self._credential is not None:
            found = [self._ask(self.name, lambda: self._credential)]
            if not found[0].problem:
                return found
            self._credential = None
        hush()
        found = []
        first = [("sign-in", self._preferred)] if self._preferred else []
        for name, make in [*first, *self._steps()]:
            found.append(self._ask(name, make))
            if not found[-1].problem:
                break
        return found

    def _ask(self, name: str, make: Callable[[], Any]) -> Attempt:
        from azure.core.exceptions import AzureError

        try:
            credential = make()
            token = credential.get_token(self._scope)
        except AccessDenied as error:
            return Attempt(name, str(error))
        # ValueError: what the environment says is no tenant, no certificate …
        except (AzureError, ValueError, OSError) as error:
            return Attempt(*_in_few_words(name, first_line(error)))
        self._credential, self._token, self.name = credential, token, name
        lifetime_s = token.expires_on - time.time()
        self._good_until_s = token.expires_on - min(_EARLY_S, lifetime_s / 2)
        self._retry_s, self._pause_s, self._problem = 0.0, _FIRST_PAUSE_S, ""
        self.account = account_of(token.token)
        return Attempt(name, account=self.account)

    def _failed(self, attempts: Sequence[Attempt]) -> None:
        self._retry_s = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        lines = [f"{attempt.name}: {attempt.problem}" for attempt in attempts]
        # A line each: there may be ten of them.
        tried = "".join(f"\n  {line}" for line in lines) if len(lines) > 1 else f" {lines[0]}"
        self._problem = " ".join(part for part in ("Not signed in to Azure.", self._hint(), f"Tried:{tried}") if part)
        raise AccessDenied(self._problem)


def _in_few_words(name: str, text: str) -> tuple[str, str]:
    """Who cannot give a token, and why: azure-identity repeats its classes' names, and adds what to read about them.

    >>> _in_few_words("AzureCliCredential", "AzureCliCredential authentication unavailable. No tool. See the guide.")
    ('AzureCliCredential', 'No tool.')
    """
    own = _CLASS.match(text)
    if own and name == _FAILED_TO_BE_MADE:
        name = own[1]
    rest = _CLASS.sub("", text, count=1)
    rest = _UNAVAILABLE.sub("", rest, count=1) or "Not available here."
    kept = itertools.takewhile(lambda sentence: not _GUIDANCE.match(sentence), _SENTENCE.split(rest))
    return name, " ".join(kept) or rest


def account_of(token: str) -> str:
    """Whom `token` is for, as far as it says: a person's name there, or an application's id."""
    found = claims(token)
    for key in ("upn", "unique_name", "preferred_username", "appid", "oid"):
        if found.get(key):
            return str(found[key])
    return ""
