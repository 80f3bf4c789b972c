"""Signing in as a person: once, in ``tb-aml login`` or while ``tensorboard`` runs; afterwards silently.

Tokens are kept by azure-identity's persistent cache, encrypted where the system has a place for secrets; we keep the
record of who signed in, which holds no secret.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tb_aml_plugin.errors import AccessDenied
from tb_aml_plugin.model import SignIn
from tb_aml_plugin.sources.azureml.quiet import hush

_CACHE_NAME = "tb-aml"
_CODE_TIMEOUT_S = 15.0


def now_s() -> float:
    """Seconds since the Unix epoch."""
    return time.time()


def record_path() -> Path:
    """Where the record of who signed in is kept."""
    import platformdirs

    return platformdirs.user_config_path("tb-aml") / "sign-in.json"


def silent(authority: str, trust: dict[str, Any]) -> Any:
    """A credential for the account that signed in last, where it did; it never asks a person.

    Raises:
      AccessDenied: nobody has.
    """
    from azure.identity import AuthenticationRecord, DeviceCodeCredential

    try:
        record = AuthenticationRecord.deserialize(record_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError):
        raise AccessDenied("Nobody has signed in with `tb-aml login`.") from None
    return DeviceCodeCredential(
        tenant_id=record.tenant_id,
        authentication_record=_at(record, authority),
        disable_automatic_authentication=True,
        cache_persistence_options=_cache(),
        **trust,
    )


def sign_in(
    authority: str,
    trust: dict[str, Any],
    scope: str,
    *,
    tenant_id: str = "",
    show: Callable[[SignIn], None] | None = None,
    timeout_s: int | None = None,
) -> str:
    """Lets a person sign in, and remembers the account; its name.

    Args:
      show: gets what the person has to open and enter; None opens a browser here instead.
      timeout_s: how long the person may take; None as long as the code is good.

    Raises:
      AccessDenied: it came to nothing; the text says why.
    """
    from azure.core.exceptions import AzureError
    from azure.identity import DeviceCodeCredential, InteractiveBrowserCredential

    hush()
    common = {"authority": authority, "cache_persistence_options": _cache(), **trust}
    if tenant_id:
        common["tenant_id"] = tenant_id
    if timeout_s:
        common["timeout"] = timeout_s
    if show:
        credential: Any = DeviceCodeCredential(prompt_callback=_prompt(show), **common)
    else:
        credential = InteractiveBrowserCredential(**common)
    try:
        record = credential.authenticate(scopes=[scope])
    except (AzureError, ValueError, OSError) as error:
        raise AccessDenied(f"Signing in came to nothing: {first_line(error)}") from None
    _remember(record.serialize())
    return str(record.username)


def forget() -> bool:
    """Drops the record of who signed in; whether there was one. The cache of tokens stays with the system."""
    path = record_path()
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def first_line(error: BaseException) -> str:
    """What `error` says, without the trace and correlation ids that Entra appends."""
    text = str(error).strip() or type(error).__name__
    line = text.splitlines()[0].partition(" Trace ID:")[0]
    return line[:300].rstrip(". ") + "."


@dataclass(slots=True)
class BackgroundSignIn:
    """A sign-in that waits for a person while everything else goes on. One at a time.

    Attributes:
      begin: does the whole of it, given what shows the code; blocks.
      signed_in: called when someone has.
    """

    begin: Callable[[Callable[[SignIn], None]], object]
    signed_in: Callable[[], None]
    _shown: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _state: SignIn | None = None
    _problem: str = ""

    @property
    def state(self) -> SignIn | None:
        """What a person has to open and enter; None while nobody is waited for."""
        state = self._state
        return state if state and (state.expires_s or 0.0) > now_s() else None

    def offer(self) -> SignIn:
        """Starts to wait for a person, if nobody is waited for yet; what to show.

        Raises:
          AccessDenied: no code was to be had.
        """
        if self._thread is None or not self._thread.is_alive():
            self._shown.clear()
            self._problem = ""
            self._thread = threading.Thread(target=self._run, name="sign-in", daemon=True)
            self._thread.start()
        self._shown.wait(_CODE_TIMEOUT_S)
        state = self.state
        if state is None:
            raise AccessDenied(self._problem or "The sign-in does not answer.")
        return state

    def _run(self) -> None:
        try:
            self.begin(self._show)
            self.signed_in()
        except AccessDenied as error:
            self._problem = str(error)
        finally:
            self._state = None
            self._shown.set()

    def _show(self, state: SignIn) -> None:
        self._state = state
        self._shown.set()


def _at(record: Any, authority: str) -> Any:
    """`record` for the host that it was made at; azure-identity notes the issuer of the token, which may be another."""
    from azure.identity import AuthenticationRecord

    host = authority.partition("://")[2].strip("/") or authority
    return AuthenticationRecord(record.tenant_id, record.client_id, host, record.home_account_id, record.username)


def _prompt(show: Callable[[SignIn], None]) -> Callable[[str, str, Any], None]:
    return lambda url, code, expires_on: show(
        SignIn(f"To sign in, open {url} and enter the code {code}.", url, code, expires_on.timestamp())
    )


def _cache() -> Any:
    from azure.identity import TokenCachePersistenceOptions

    # Plain text, readable by the user alone, is what the Azure CLI does where the system keeps no secrets.
    return TokenCachePersistenceOptions(name=_CACHE_NAME, allow_unencrypted_storage=True)


def _remember(record: str) -> None:
    path = record_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with contextlib.closing(os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")) as file:
        file.write(record)
