"""PJSIP's life in this process: start, transports, accounts, calls by their SIP Call-ID, the mixing bridge, end.

All methods run on the engine's loop, whose thread started PJSIP: a call from an unknown thread would abort the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pjsua2 as pj

from client.domain.call import Account
from client.engine_protocol import SAMPLE_RATE
from client.engines.voice import sip_events as ev
from client.engines.voice.bridge import Bridge
from client.engines.voice.sip_account import SRTP, SipAccount, account_config, account_name, local_config, routes
from client.engines.voice.sip_call import MERGED_MARK, SipCall
from client.engines.voice.sip_headers import clean
from client.platform import write_private

log = logging.getLogger(__name__)

MAX_CALLS = 16  # asked for; the wheel was built for four and answers the fifth with 486 by itself
POLL_S = 0.02
FAREWELL_S = 2.0  # for BYEs and un-REGISTERs to be answered
TRACE_LEVEL = 4  # the first at which PJSIP writes whole messages
CODECS = ("G722", "PCMA", "PCMU")  # wide band first
REASONS = {70_010: "there are too many calls at once"}  # PJ_ETOOMANY, which the wheel does not name
BEST = 255  # of PJSIP's codec priorities; 0 is off
NO_REQUIRE_REPLACES = 1  # PJSUA_XFER_NO_REQUIRE_REPLACES, which the wheel does not name
TRANSPORTS = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP, "tls": pj.PJSIP_TRANSPORT_TLS}


class SipRefused(Exception):
    """PJSIP cannot do what was asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """`bind` — local address, empty for all; `port` — of UDP and TCP, 0 for a free one; `ca_file` — whom TLS trusts;
    `codecs` — offered, best first; `trace` — file for every SIP message."""

    bind: str = ""
    port: int = 0
    ca_file: str = ""
    register_s: int = 60
    follow_transfers: bool = False
    codecs: tuple[str, ...] = CODECS
    trace: str = ""


@contextlib.contextmanager
def standard_output_quiet() -> Iterator[None]:
    """Nothing that a C library prints reaches standard output meanwhile."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


class SipStack:
    """Attributes: `calls` — the one reference to each living call; `bridge` — the mixing bridge; `port` — local UDP port."""

    def __init__(self, settings: StackSettings, heard: Callable[[ev.SipEvent], None]) -> None:
        self.follows_transfers = settings.follow_transfers
        self.calls: dict[str, SipCall] = {}
        self.accounts: dict[str, SipAccount] = {}
        self.port = 0
        self._settings = settings
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._newborn: list[SipCall] = []
        self._transports: dict[str, int] = {}
        self._endpoint = self._start()
        self.bridge = Bridge(self._endpoint, self.media, self._failed)

    # ── from PJSIP's threads ─────────────────────────────────────────────────────────────────────

    def post(self, event: ev.SipEvent) -> None:
        """Hand a fact to the loop."""
        self._loop.call_soon_threadsafe(self._heard, event)

    def keep(self, call: SipCall) -> None:
        """Hold a call: without a name until its first callback."""
        if not call.name:
            self._newborn.append(call)
            return
        while self.calls.get(call.name, call) is not call:  # a Call-ID is the far end's choice: never lose the other
            call.name += MERGED_MARK
        self.calls[call.name] = call
        self._newborn[:] = [other for other in self._newborn if other is not call]

    def forget(self, name: str) -> None:
        """Drop a dead call inside its last callback: later its place may be another call's, which its end would hang up."""
        self.calls.pop(name, None)

    def _failed(self, error: Exception) -> None:
        self.post(ev.CallbackFailed.of("frame", error))

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> Any:
        endpoint = pj.Endpoint()
        with standard_output_quiet():  # PJSIP prints before it can be told not to
            endpoint.libCreate()
        config = pj.EpConfig()
        _configure_log(config.logConfig, self._settings.trace)
        if self._settings.trace:
            config.logConfig.level, config.logConfig.consoleLevel, config.logConfig.msgLogging = 4, 0, 1
            config.logConfig.filename = self._settings.trace
        config.uaConfig.maxCalls = MAX_CALLS
        config.uaConfig.userAgent = "Ieum"
        media = config.medConfig
        media.clockRate = media.sndClockRate = SAMPLE_RATE
        media.audioFramePtime = 20
        media.noVad = True
        media.ecTailLen = 0
        media.sndAutoCloseTime = -1  # the clock of the PCM legs never stops
        endpoint.libInit(config)
        endpoint.libStart()
        endpoint.audDevManager().setNullDev()  # the wheel has no sound devices; ours stand behind the bridge's ports
        for codec in endpoint.codecEnum2():
            name = codec.codecId.partition("/")[0]
            wanted = self._settings.codecs
            endpoint.codecSetPriority(codec.codecId, BEST - wanted.index(name) if name in wanted else 0)
        return endpoint

    def hang_up_all(self) -> None:
        """BYE to every call, un-REGISTER every account."""
        self._endpoint.hangupAllCalls()
        for account in self.accounts.values():
            if account.registered:
                with contextlib.suppress(pj.Error):  # a REGISTER that nobody answers is under way: nobody to leave
                    account.setRegistration(False)

    async def until_quiet(self) -> None:
        """Wait until the far ends have answered, 2 s at most."""
        deadline = self._loop.time() + FAREWELL_S
        while self._loop.time() < deadline and (self.calls or self._registered()):  # noqa: ASYNC110 — PJSIP has no event
            await asyncio.sleep(POLL_S)

    def _registered(self) -> bool:
        return any(account.registered for account in self.accounts.values())

    def destroy(self) -> None:
        """Drop everything, then the library: an object that outlives it would abort the process."""
        self._check_thread()
        self.calls.clear()
        self._newborn.clear()
        self._endpoint.audDevManager().setNoDev()  # the clock stops: nobody is inside a port any more
        self.bridge.destroy()
        gc.collect()
        for account in self.accounts.values():
            account.shutdown()
        self.accounts.clear()
        gc.collect()
        self._endpoint.libDestroy()
        del self._endpoint

    # ── accounts ─────────────────────────────────────────────────────────────────────────────────

    def listen(self, kind: str) -> int:
        """The local port of a transport (udp, tcp, tls), made when first asked for; raises `SipRefused`."""
        self._check_thread()
        if kind not in self._transports:
            config = pj.TransportConfig()
            config.boundAddress = self._settings.bind
            config.port = 0 if kind == "tls" else self._settings.port
            if kind == "tls":
                config.tlsConfig.CaListFile = self._settings.ca_file or ssl.get_default_verify_paths().cafile or ""
                config.tlsConfig.verifyServer = True
                config.tlsConfig.method = pj.PJSIP_TLSV1_2_METHOD
            self._transports[kind] = self._try(self._endpoint.transportCreate, TRANSPORTS[kind], config)
        address = self._endpoint.transportGetInfo(self._transports[kind]).localAddress
        return int(address.rpartition(":")[2])

    def add_account(self, settings: Account) -> str:
        """Register an account; its name. Raises `SipRefused`."""
        if settings.transport not in TRANSPORTS or settings.srtp not in SRTP:
            raise SipRefused(f"transport {settings.transport} or SRTP {settings.srtp} is none that there is")
        self.port = self.listen("udp")
        self.listen(settings.transport)
        config = account_config(settings, self._settings.bind, self._settings.register_s)
        return self._add(settings, config)

    def add_local_account(self, user: str, host: str) -> str:
        """An account without a registrar, reached at user@host:port."""
        self.port = self.listen("udp")
        settings = Account(user=user, domain=f"{host}:{self.port}", password="")
        return self._add(settings, local_config(settings, self._settings.bind))

    def add_caller(self, settings: Account) -> str:
        """An account that only calls, through its proxy if it has one."""
        self.port = self.listen("udp")
        self.listen(settings.transport)
        config = local_config(settings, self._settings.bind)
        for route in routes(settings):
            config.sipConfig.proxies.append(route)
        return self._add(settings, config)

    def _add(self, settings: Account, config: Any) -> str:
        account = SipAccount(self, settings)
        self._try(account.create, config, not self.accounts)
        self.accounts[account.name] = account
        return account.name

    def move(self, bind: str) -> None:
        """Forget every account and listen at another local address. No call may run: PJSIP would use what is gone.

        A second start of PJSIP in one process aborts it, so the library itself stays.
        """
        self._check_thread()
        for account in self.accounts.values():
            account.shutdown()
        self.accounts.clear()
        for transport in self._transports.values():
            self._try(self._endpoint.transportClose, transport)
        self._transports.clear()
        self._settings = replace(self._settings, bind=bind)

    def register(self, name: str) -> None:
        """Send a REGISTER now, unless one is under way or the account is gone."""
        try:
            if name in self.accounts:
                self._account(name).setRegistration(True)
        except pj.Error as error:
            log.debug("REGISTER not sent: %s", error.reason)

    # ── calls ────────────────────────────────────────────────────────────────────────────────────

    def answer(self, call: str, code: int) -> None:
        """Answer with a SIP status; a 200 is on the wire when this returns."""
        self._on(call, lambda found, prm: found.answer(prm), code)

    def hang_up(self, call: str, code: int = 0) -> None:
        """BYE, CANCEL or a refusal, as the dialog's state asks."""
        self._on(call, lambda found, prm: found.hangup(prm), code)

    def hold(self, call: str) -> None:
        """re-INVITE with `a=sendonly`."""
        self._on(call, lambda found, prm: found.setHold(prm))

    def resume(self, call: str) -> None:
        """re-INVITE with `a=sendrecv`."""

        def unhold(found: SipCall, _prm: Any) -> None:
            prm = pj.CallOpParam(True)
            prm.opt.flag = pj.PJSUA_CALL_UNHOLD
            prm.opt.videoCount = 0
            found.reinvite(prm)

        self._on(call, unhold)

    def tones(self, call: str, digits: str) -> None:
        """RFC 4733 events, one after the other."""
        self._on(call, lambda found, _prm: found.dialDtmf(digits))

    def transfer(self, call: str, uri: str, headers: Mapping[str, str]) -> None:
        """REFER to `uri`; `headers` stand on the REFER."""
        self._on(call, lambda found, prm: found.xfer(uri, _with_headers(prm, headers)))

    def transfer_attended(self, call: str, with_call: str) -> None:
        """REFER with Replaces: the far end of `call` takes our place in `with_call`.

        Without `Require: replaces`: a telephone that knows no Replaces then takes a new call instead of refusing it.
        """
        other = self._call(with_call)

        def connect(found: SipCall, prm: Any) -> None:
            prm.options = NO_REQUIRE_REPLACES
            found.xferReplaces(other, prm)

        self._on(call, connect)

    def dial(self, account: str, uri: str, headers: Mapping[str, str], call: str) -> None:
        """INVITE `uri`; `call` will be its Call-ID."""
        prm = _with_headers(pj.CallOpParam(True), headers)
        prm.opt.videoCount = 0
        prm.opt.customCallId = call
        made = SipCall(self, self._account(account), name=call)
        self.calls[call] = made
        try:
            self._try(made.makeCall, uri, prm)
        except SipRefused:
            self.calls.pop(call, None)
            raise

    def media(self, call: str, stream: int) -> Any:
        """A call's place in the bridge."""
        return self._try(self._call(call).getAudioMedia, stream)

    def packets_heard(self, call: str, stream: int) -> int:
        """RTP packets received so far; raises `SipRefused` when the stream is gone."""
        statistics = self._try(self._call(call).getStreamStat, stream)
        return int(statistics.rtcp.rxStat.pkt)

    def is_uri(self, text: str) -> bool:
        """True for a valid SIP or tel URI."""
        return bool(self._endpoint.utilVerifyUri(text) == pj.PJ_SUCCESS)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _account(self, name: str) -> SipAccount:
        self._check_thread()
        if name not in self.accounts:
            raise SipRefused(f"there is no account {name}")
        return self.accounts[name]

    def _call(self, name: str) -> SipCall:
        self._check_thread()
        if name not in self.calls:
            raise SipRefused("the call is over")
        return self.calls[name]

    def _on(self, call: str, act: Callable[[SipCall, Any], None], code: int = 0) -> None:
        prm = pj.CallOpParam()
        prm.statusCode = code
        self._try(act, self._call(call), prm)

    def _try(self, act: Callable[..., Any], *arguments: Any) -> Any:
        self._check_thread()
        try:
            return act(*arguments)
        except pj.Error as error:
            why = REASONS.get(error.status) or clean(error.reason) or f"PJSIP status {error.status}"
        raise SipRefused(why)  # not inside `except`: PJSIP's error and its frames would hold the call

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("PJSIP is used from its own loop's thread alone: another would abort the process")


def _configure_log(config: Any, trace: str) -> None:
    """Silent: PJSIP's log quotes whole messages, with citizens' numbers. Only a trace that was asked for has them."""
    config.level = TRACE_LEVEL if trace else 0
    config.consoleLevel = 0
    config.msgLogging = int(bool(trace))
    if trace:
        write_private(Path(trace), b"")
        config.filename = trace


def _with_headers(prm: Any, headers: Mapping[str, str]) -> Any:
    for name, value in headers.items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        prm.txOption.headers.append(header)
    return prm


__all__ = ["SipRefused", "SipStack", "StackSettings", "account_name"]
