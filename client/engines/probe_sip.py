"""What of TLS and SRTP really works in this machine's SIP library: run as a child by `ieum doctor`.

Not what was compiled in is told but what was seen: a TLS handshake with a server of our own on loopback, and a call of
the library to itself that both sides insist on encrypting.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import pjsua2 as pj
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"
WAIT_S = 4.0
SRTP_MANDATORY = 2  # pjmedia_srtp_use


def probe() -> dict[str, Any]:
    """`library`, `openssl` (bundled), `tls` (version and cipher seen, or empty) with `tls_problem`, `srtp` suites."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    found: dict[str, Any] = {"library": endpoint.libVersion().full, "openssl": _bundled_openssl()}
    found.update(_try_tls(endpoint))
    found.update(_try_srtp(endpoint))
    return found


def _bundled_openssl() -> str:
    """The version inside the library that the wheel brings, empty if it brings none."""
    home = Path(pj.__file__).parent
    for file in [*home.glob("*pjsua2*"), *home.parent.glob("pjsua2_python.libs/libcrypto*"), *home.glob("libcrypto*")]:
        if found := re.search(rb"OpenSSL (\d+\.\d+\.\d+[a-z]*)", file.read_bytes()):
            return found[1].decode()
    return ""


def _transport(endpoint: Any, kind: int) -> int:
    config = pj.TransportConfig()
    config.boundAddress = HOST
    config.tlsConfig.verifyServer = False
    identity = endpoint.transportCreate(kind, config)
    name = endpoint.transportGetInfo(identity).localName
    return int(name.rpartition(":")[2])


def _try_tls(endpoint: Any) -> dict[str, Any]:
    try:
        _transport(endpoint, pj.PJSIP_TRANSPORT_TLS)
    except pj.Error as error:
        return {"tls": "", "tls_problem": error.reason}
    with _TlsServer() as server:
        account = pj.Account()
        config = pj.AccountConfig()
        config.idUri = "sip:doctor@probe.invalid"
        config.regConfig.registrarUri = f"sip:{HOST}:{server.port};transport=tls"
        config.regConfig.timeoutSec = 60
        with contextlib.suppress(pj.Error):  # the server's view tells what happened
            account.create(config)
        seen = server.seen()
    return {"tls": seen, "tls_problem": server.problem}


class _TlsServer:
    """Takes one TLS connection on loopback. `problem` says why there was none."""

    def __enter__(self) -> Self:
        self.problem = "no handshake"
        self._seen = ""
        self._done = threading.Event()
        self._context = _server_context()
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(WAIT_S)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def seen(self) -> str:
        """Protocol version and cipher of the handshake, empty if there was none."""
        self._done.wait(WAIT_S)
        return self._seen

    def _serve(self) -> None:
        try:
            plain, _ = self._listener.accept()
            plain.settimeout(WAIT_S)
            with self._context.wrap_socket(plain, server_side=True) as connection:
                cipher = connection.cipher()
                self._seen = f"{connection.version()} {cipher[0] if cipher else ''}".strip()
                self.problem = ""
        except (OSError, ssl.SSLError) as error:
            self.problem = str(error)
        finally:
            self._done.set()


def _server_context() -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ieum doctor")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "server.pem")
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
        context.load_cert_chain(file)
    return context


class _Call(pj.Call):  # type: ignore[misc]  # the wheel has no types
    """Either end of the call to ourselves."""

    def __init__(self, account: _Account, call: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call)
        self.account = account

    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802 — the library's name
        info = self.getInfo()
        if any(media.status == pj.PJSUA_CALL_MEDIA_ACTIVE for media in info.media):
            self.account.encrypted.set()

    def onCallSdpCreated(self, prm: Any) -> None:  # noqa: N802
        self.account.sdp += prm.sdp.wholeSdp


class _Account(pj.Account):  # type: ignore[misc]
    """Answers whatever comes and keeps what was offered."""

    def __init__(self) -> None:
        super().__init__()
        self.sdp = ""
        self.calls: list[_Call] = []
        self.encrypted = threading.Event()

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        call = _Call(self, prm.callId)
        self.calls.append(call)
        answer = pj.CallOpParam()
        answer.statusCode = 200
        call.answer(answer)


def _try_srtp(endpoint: Any) -> dict[str, Any]:
    port = _transport(endpoint, pj.PJSIP_TRANSPORT_UDP)
    account = _Account()
    config = pj.AccountConfig()
    config.idUri = f"sip:doctor@{HOST}:{port}"
    config.mediaConfig.transportConfig.boundAddress = HOST
    config.mediaConfig.srtpUse = SRTP_MANDATORY
    config.mediaConfig.srtpSecureSignaling = 0
    try:
        account.create(config)
        call = _Call(account)
        account.calls.append(call)
        call.makeCall(f"sip:doctor@{HOST}:{port}", pj.CallOpParam(True))
    except pj.Error as error:
        return {"srtp": [], "srtp_problem": error.reason}
    if not account.encrypted.wait(WAIT_S):
        return {"srtp": [], "srtp_problem": "a call to ourselves that insists on SRTP got no media"}
    return {"srtp": sorted(set(re.findall(r"a=crypto:\d+ (\S+)", account.sdp))), "srtp_problem": ""}
