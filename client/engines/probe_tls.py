"""A TLS server on loopback that the SIP library is asked to register at: what it really did is seen from here."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
WAIT_S = 4.0
MAX_REQUEST = 4_096


class TlsServer:
    """Takes one connection. `directory` gets its certificate, `file`, which only those trust who are given it.

    `handshake` — protocol version and cipher, empty if there was none; `spoken_to` — a REGISTER came, so the client
    took the certificate; `problem` — what went wrong.
    """

    def __init__(self, directory: Path) -> None:
        self.handshake = ""
        self.spoken_to = False
        self.problem = "no handshake"
        self.file, self._context = _own_certificate(directory)
        self._over = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(WAIT_S)
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def wait(self) -> None:
        """Until the one connection is over, or nobody came."""
        self._over.wait(2 * WAIT_S)

    def _serve(self) -> None:
        try:
            plain, _ = self._listener.accept()
            plain.settimeout(WAIT_S)
            with self._context.wrap_socket(plain, server_side=True) as connection:
                cipher = connection.cipher()
                self.handshake = f"{connection.version()} {cipher[0] if cipher else ''}".strip()
                self.spoken_to = connection.recv(MAX_REQUEST).startswith(b"REGISTER")
                self.problem = "" if self.spoken_to else "nothing was said after the handshake"
        except OSError as error:
            self.problem = str(error)
        finally:
            self._over.set()


def _own_certificate(directory: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that is its own authority, as a PEM file, and a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    directory.mkdir()
    file, both = directory / "certificate.pem", directory / "server.pem"
    file.write_bytes(certificate)
    both.write_bytes(certificate + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return file, context
