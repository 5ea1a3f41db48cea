"""What of TLS and SRTP really works in this machine's SIP library: run as a child by `ieum doctor`.

Not what was compiled in is told but what was seen: TLS as the voice engine does it, with a server of our own on loopback
whose certificate is trusted and with one whose certificate is not; and a call of the library to itself that both sides
insist on encrypting, and in which sound arrives.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pjsua2 as pj

from client.engines.probe_tls import HOST, WAIT_S, TlsServer

POLL_MS = 50
ENOUGH_PACKETS = 10  # 0.2 s of sound


def probe() -> dict[str, Any]:
    """What was seen.

    `library`, `openssl` (bundled); `tls` (version and cipher, empty if a registrar cannot be reached safely) with
    `tls_problem`; `srtp` (the suite of the call, empty if no sound came through it) with `srtp_problem`.
    """
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.medConfig.noVad = True
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


def _transport(endpoint: Any, kind: int, trusted: Path | None = None) -> int:
    config = pj.TransportConfig()
    config.boundAddress = HOST
    if trusted:
        config.tlsConfig.CaListFile = str(trusted)
        config.tlsConfig.verifyServer = True
        config.tlsConfig.method = pj.PJSIP_TLSV1_2_METHOD
    identity = endpoint.transportCreate(kind, config)
    name = endpoint.transportGetInfo(identity).localName
    return int(name.rpartition(":")[2])


def _try_tls(endpoint: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        known, stranger = TlsServer(Path(directory, "known")), TlsServer(Path(directory, "stranger"))
        with known, stranger:
            try:
                _transport(endpoint, pj.PJSIP_TRANSPORT_TLS, known.file)
            except pj.Error as error:
                return {"tls": "", "tls_problem": error.reason}
            accounts = [_register_at(server) for server in (known, stranger)]
            for server in (known, stranger):
                server.wait()
            for account in accounts:
                account.shutdown()
    if stranger.spoken_to:
        return {"tls": "", "tls_problem": "it talks to a server whose certificate nobody vouches for"}
    return {"tls": known.handshake if known.spoken_to else "", "tls_problem": known.problem}


def _register_at(server: TlsServer) -> Any:
    account = pj.Account()
    config = pj.AccountConfig()
    config.idUri = "sip:doctor@probe.invalid"
    config.regConfig.registrarUri = f"sip:{HOST}:{server.port};transport=tls"
    config.regConfig.timeoutSec = 60
    config.regConfig.retryIntervalSec = 0
    with contextlib.suppress(pj.Error):  # the server's view tells what happened
        account.create(config)
    return account


class _Call(pj.Call):  # type: ignore[misc]  # the wheel has no types
    """Either end of the call to ourselves."""


class _Account(pj.Account):  # type: ignore[misc]
    """Answers whatever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[_Call] = []

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 — the library's name
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
    config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    config.mediaConfig.srtpSecureSignaling = 0
    try:
        account.create(config)
        call = _Call(account)
        account.calls.append(call)
        call.makeCall(f"sip:doctor@{HOST}:{port}", pj.CallOpParam(True))
    except pj.Error as error:
        return {"srtp": "", "srtp_problem": error.reason}
    return _heard(endpoint, account)


def _heard(endpoint: Any, account: _Account) -> dict[str, Any]:
    """The suite, once both ends have heard the other through it."""
    talking = None
    for _ in _while_waiting(endpoint):
        if len(account.calls) < 2 or not all(_has_sound(call) for call in account.calls):  # noqa: PLR2004 — both ends
            continue
        talking = talking or [_talk(call) for call in account.calls]
        if all(call.getStreamStat(0).rtcp.rxStat.pkt >= ENOUGH_PACKETS for call in account.calls):
            suites = {suite for call in account.calls for suite in _suites(call)}
            if len(suites) == 1:
                return {"srtp": suites.pop(), "srtp_problem": ""}
            return {"srtp": "", "srtp_problem": "sound came, but not encrypted"}
    why = "sound that was sent did not arrive" if talking else "a call to ourselves that insists on SRTP got no media"
    return {"srtp": "", "srtp_problem": why}


def _while_waiting(endpoint: Any) -> Iterator[None]:
    """Again and again while the library works, for as long as we wait."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        endpoint.libHandleEvents(POLL_MS)
        yield


def _has_sound(call: _Call) -> bool:
    info = call.getInfo()  # held: its media are garbage without it
    return any(media.status == pj.PJSUA_CALL_MEDIA_ACTIVE for media in info.media)


def _talk(call: _Call) -> Any:
    """A tone into the call, for as long as what is returned lives."""
    tone = pj.ToneGenerator()
    tone.createToneGenerator()
    desc = pj.ToneDesc()
    desc.freq1, desc.on_msec = 440, 1_000
    tones = pj.ToneDescVector()
    tones.append(desc)
    tone.play(tones, True)
    tone.startTransmit(call.getAudioMedia(-1))
    return tone


def _suites(call: _Call) -> list[str]:
    """The suites that the library's own report names as active."""
    return re.findall(r"SRTP status: Active Crypto-suite: (\S+)", call.dump(True, ""))
