"""A certificate authority of our own: the Azure SDKs send no token over plain http."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

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


def certificate() -> tuple[bytes, str]:
    """A certificate of a service principal with its private key, in PEM, and the public key alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulated service principal")])
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private + signed.public_bytes(pem), public.decode()
