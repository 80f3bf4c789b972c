"""A certificate authority of our own: the Azure SDKs send no token over plain http."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

LOGIN_HOST = "login.azure.test"
"""The emulated cloud's sign-in; azureml-mlflow takes no authority with a port. ``.test`` is never real (RFC 6761)."""

PUBLIC_HOSTS = ("login.microsoftonline.com", "management.azure.com")
"""Asked whatever the cloud: MSAL wants to know there whether to trust an authority, azureml-core which clouds are."""

BLOB_SUFFIX = "core.azure.test"
"""The emulated cloud's storage domain."""


@dataclass(frozen=True)
class Authority:
    """The CA's certificate as a file for clients, and the server's side of TLS."""

    bundle: Path
    server: ssl.SSLContext


def emulated(host: str) -> bool:
    """Whether the proxy brings `host` to the emulator."""
    return host in (LOGIN_HOST, *PUBLIC_HOSTS) or host.endswith(f".blob.{BLOB_SUFFIX}")


def authority(folder: Path) -> Authority:
    """A new CA whose certificate is written into `folder`, with a certificate for every name that we answer to."""
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    names = ("localhost", "127.0.0.1", LOGIN_HOST, *PUBLIC_HOSTS, f"*.blob.{BLOB_SUFFIX}")
    certificate = ca.issue_cert(*names, key_type=trustme.KeyType.ECDSA)
    bundle = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(bundle))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(server)
    return Authority(bundle, server)
