"""A certificate authority for one test, and a certificate of 127.0.0.1."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """PEM files: `ca` signs; `key` and `certificate` are the server's."""

    ca: Path
    key: Path
    certificate: Path


def make_certificates(directory: Path, *names: str) -> Certificates:
    """A server certificate for 127.0.0.1 and `names`."""
    directory.mkdir(parents=True, exist_ok=True)
    ca_key, key = _new_key(), _new_key()
    ca = _signed("Test CA", ca_key, "Test CA", ca_key, authority=True)
    alternatives = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *(x509.DNSName(name) for name in names)]
    server = _signed("127.0.0.1", key, "Test CA", ca_key, authority=False, alternatives=alternatives)
    files = Certificates(directory / "ca.pem", directory / "key.pem", directory / "server.pem")
    files.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return files


def _new_key():
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def _signed(name, key, issuer, issuer_key, *, authority, alternatives=()):
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(alternatives)), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
