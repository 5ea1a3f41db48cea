"""The voice engine: SIP, sound and PCM legs behind the requests of one desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from client.domain.call import Account, Telling
from client.domain.codec import decode
from client.domain.session_key import PART_HEADER
from client.engines.server import EngineRefusal
from client.engines.voice import requests as rq
from client.engines.voice import sip_events as ev
from client.engines.voice.call_record import LIVE
from client.engines.voice.legs import Publish
from client.engines.voice.pacer import Pacer
from client.engines.voice.registrations import Registrations
from client.engines.voice.sip_account import account_name
from client.engines.voice.sip_stack import SipRefused, SipStack, StackSettings
from client.engines.voice.sound_desk import SoundDesk
from client.engines.voice.switchboard import Switchboard
from client.engines.voice.watch import FarEndWatch
from client.settings import Settings

log = logging.getLogger(__name__)

LOCAL_USER, LOOPBACK = "desk", "127.0.0.1"


class Outlet(Protocol):
    """Where facts and sound go: the engine's server."""

    def tell(self, telling: Telling) -> None:
        """Tell the desk, from any thread."""

    def publish_pcm(self, leg: str, sample: int, pcm: bytes) -> None:
        """Publish a leg's audio, from any thread."""

    def end_leg(self, leg: str) -> None:
        """The leg is over."""


class VoiceEngine:
    """`request`, `snapshot` and `stop` are what its server asks (`client.engines.server.Engine`).

    Attributes: `address` — where calls reach a desk without accounts, as a SIP URI; empty with accounts.
    """

    def __init__(self, settings: Settings, outlet: Outlet, sound: SoundDesk) -> None:
        self.address = ""
        self._settings = settings
        self._outlet = outlet
        self._sound = sound
        publish: Publish = outlet.publish_pcm
        self._pacer = Pacer(sound.microphone, sound.ears, publish, outlet.end_leg, sound.call_begins)
        self._switchboard = Switchboard(outlet.tell, self._pacer, settings.identity_header, _header_names(settings))
        self._registrations = Registrations(outlet.tell, self._register, settings.register_s)
        self._far_ends = FarEndWatch(self._switchboard, outlet.tell)
        self._stack: SipStack | None = None
        self._accounts: tuple[Account, ...] = settings.accounts
        self._ops: dict[str, tuple[type[Any], Callable[[Any], object]]] = {
            "configure": (rq.Configure, self._configure),
            "answer": (rq.OnCall, lambda a: self._switchboard.answer(a.call)),
            "reject": (rq.Reject, lambda a: self._switchboard.reject(a.call, a.code)),
            "hangup": (rq.OnCall, lambda a: self._switchboard.hang_up(a.call)),
            "hold": (rq.OnCall, lambda a: self._switchboard.hold(a.call)),
            "resume": (rq.OnCall, lambda a: self._switchboard.resume(a.call)),
            "mute": (rq.Mute, lambda a: self._switchboard.mute(a.call, on=a.on)),
            "web": (rq.Web, lambda a: {"call": self._switchboard.web(a.session, a.port, a.token, a.leg)}),
            "confide": (rq.Confide, lambda a: self._switchboard.confide(a.call, on=a.on)),
            "volume": (rq.Volume, lambda a: self._switchboard.volume(a.call, a.percent)),
            "tones": (rq.Tones, lambda a: self._switchboard.tones(a.call, a.digits)),
            "transfer": (rq.Transfer, lambda a: self._switchboard.transfer(a.call, a.to, a.headers)),
            "transfer_attended": (rq.Attended, lambda a: self._switchboard.transfer_attended(a.call, a.with_call)),
            "conference": (rq.Conference, lambda a: self._switchboard.conference(a.calls)),
            "dial": (rq.Dial, lambda a: {"call": self._switchboard.dial(a.account, a.to, a.headers, a.join)}),
            "ring": (rq.Ring, lambda a: self._sound.ring(on=a.on, soft=a.soft)),
            "state": (rq.Nothing, lambda _: self._tell_everything()),
        }

    def start(self) -> None:
        """Start SIP and sound; raises `SipRefused` where the settings ask for what cannot be."""
        self._start_stack()
        self._sound.start(lambda: any(record.state in LIVE for record in self._switchboard.records.values()))
        self._far_ends.start()

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Meet a request; raises `EngineRefusal` or `BadInput`."""
        if op not in self._ops:
            raise EngineRefusal(f"there is no request {op}")
        kind, act = self._ops[op]
        answer = act(decode(kind, args, op))
        return await answer if asyncio.iscoroutine(answer) else answer

    def snapshot(self) -> Iterable[Telling]:
        """Accounts, calls, devices as they are now."""
        return [*self._registrations.snapshot(), *self._switchboard.snapshot(), self._sound.devices()]

    async def stop(self) -> None:
        """BYE to every call, un-REGISTER, let go of sound."""
        self._far_ends.stop()
        await self._stop_stack()
        self._sound.stop()

    def _tell_everything(self) -> None:
        for telling in self.snapshot():
            self._outlet.tell(telling)

    # ── the stack ────────────────────────────────────────────────────────────────────────────────

    def _start_stack(self) -> None:
        here = self._settings
        stack = self._stack = SipStack(
            StackSettings(
                bind=self._bind,
                port=here.sip_port,
                ca_file=here.tls_ca,
                register_s=here.register_s,
                follow_transfers=here.follow_transfers,
                trace=here.sip_trace,
            ),
            self._heard,
        )
        self._switchboard.attach(stack)
        self._add_accounts(stack)

    @property
    def _bind(self) -> str:
        """Without a registrar only this machine may call."""
        return self._settings.sip_bind if self._accounts else LOOPBACK

    def _add_accounts(self, stack: SipStack) -> None:
        self.address = ""
        for account in self._accounts:
            try:
                stack.add_account(account)
            except SipRefused as error:
                log.error("account %s: %s", account_name(account), error)  # noqa: TRY400 — its frames hold the password
                self._registrations.answered(
                    ev.Registered(account=account_name(account), code=0, reason=str(error), expires=0)
                )
        if not self._accounts:
            name = stack.add_local_account(LOCAL_USER, LOOPBACK)
            self.address = f"sip:{name}"
            self._registrations.local(name)

    async def _stop_stack(self) -> None:
        stack, self._stack = self._stack, None
        self._registrations.stop()
        if stack is None:
            return
        try:
            stack.hang_up_all()
            await stack.until_quiet()
        finally:  # an interpreter that ends with PJSIP's threads alive would hang
            self._switchboard.detach()
            stack.destroy()

    async def _configure(self, wanted: rq.Configure) -> None:
        if wanted.headers is not None:
            self._switchboard.headers = wanted.headers
        self._sound.configure(wanted)
        if wanted.accounts is not None and wanted.accounts != self._accounts:
            if self._switchboard.records:
                raise EngineRefusal("accounts cannot change during a call")
            self._accounts = wanted.accounts
            stack = self._switchboard.stack
            stack.hang_up_all()
            await stack.until_quiet()
            for account in self._registrations.snapshot():
                self._registrations.forget(account.account)
            stack.move(self._bind)
            self._add_accounts(stack)

    def _register(self, account: str) -> None:
        if self._stack is not None:
            self._stack.register(account)

    # ── what SIP says ────────────────────────────────────────────────────────────────────────────

    def _heard(self, event: ev.SipEvent) -> None:
        if isinstance(event, ev.Registered):
            self._registrations.answered(event)
        elif isinstance(event, ev.RegistrationStarted):
            self._registrations.started(event)
        elif isinstance(event, ev.CallbackFailed):
            log.error("callback %s failed: %s\n%s", event.where, event.kind, event.frames)
            self._sound.trouble(f"{event.where}: {event.kind}")
        else:
            self._switchboard.heard(event)


def _header_names(settings: Settings) -> tuple[str, ...]:
    return tuple(
        name
        for name in (
            settings.ars_header,
            settings.queue_header,
            settings.language_header,
            settings.session_key_header,
            PART_HEADER,
        )
        if name
    )


def address_file(endpoint_file: Path) -> Path:
    """Where an engine without accounts writes its SIP address, beside its endpoint file."""
    return endpoint_file.with_suffix(".sip")
