"""All calls of one desk: what the far ends do and what the agent asks, brought together and told.

A conference is mixed here, so it lasts while the agent stays; to leave and keep two far ends connected, the agent
connects them (`transfer_attended`). The library's wheel has places for four calls; the fifth is busy (486).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import singledispatchmethod

from client.domain.call import WEB, Call, CallState, Replaced, Telling, Tone, TransferProgress, web_call
from client.domain.ids import new_id
from client.engine_protocol import SAMPLE_RATE
from client.engines.server import EngineRefusal
from client.engines.voice import sip_events as ev
from client.engines.voice.bridge import Bridge
from client.engines.voice.call_record import LIVE, CallRecord, levels_of, links_of
from client.engines.voice.pacer import Pacer
from client.engines.voice.sip_call import MERGED_MARK
from client.engines.voice.sip_headers import asked_for, caller, name_and_uri, number_of
from client.engines.voice.sip_stack import SipRefused, SipStack
from client.engines.voice.web_sound import BrowserSounds
from client.engines.voice.wire_names import dial_uri, safe_headers, transfer_uri, valid_tones

log = logging.getLogger(__name__)

RINGING, MERGED = 180, 482
SUCCESS, FIRST_FAILURE = 200, 300
SETTLE_S = 0.3  # an automatic hold waits so long before its re-INVITE: a conference may be asked for meanwhile
RETRY_S = 0.25  # a re-INVITE that must wait for another (RFC 3261, 14.1)
MOST_TRIES = 40
LOUDEST = 200  # percent
PORTS = range(1, 65_536)


class Switchboard:
    """`tell` takes every fact for the desk; `pacer` moves the legs' sound. Attributes: `records` — living calls."""

    def __init__(
        self, tell: Callable[[Telling], None], pacer: Pacer, identity_header: str, headers: Sequence[str]
    ) -> None:
        self.records: dict[str, CallRecord] = {}
        self.headers = tuple(headers)
        self._identity_header = identity_header
        self._tell = tell
        self._pacer = pacer
        self._stack: SipStack | None = None
        self._tries: dict[str, int] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._browsers = BrowserSounds()

    def attach(self, stack: SipStack) -> None:
        """Work on this stack from now on; the pacer gets its clock."""
        self._stack = stack
        self._pacer.attach(stack.bridge)

    def detach(self) -> None:
        """Let go of the stack before it is destroyed."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        self._browsers.end_all()
        self._pacer.detach()
        self._stack = None

    @property
    def stack(self) -> SipStack:
        """The SIP stack; raises `EngineRefusal` when it does not run."""
        if self._stack is None:
            raise EngineRefusal("the phone is not running")
        return self._stack

    @property
    def bridge(self) -> Bridge:
        """The mixing bridge."""
        return self.stack.bridge

    def snapshot(self) -> Iterable[Call]:
        """Every living call as it is now."""
        return [record.telling(self._samples(record)) for record in self.records.values()]

    def record(self, call: str, *states: CallState) -> CallRecord:
        """A call in one of these states; raises `EngineRefusal`."""
        record = self.records.get(call)
        if record is None:
            raise EngineRefusal("there is no such call")
        if states and record.state not in states:
            raise EngineRefusal(f"the call is {record.state.value}")
        return record

    def _sip_record(self, call: str, *states: CallState) -> CallRecord:
        """As `record`, of a call whose far end is a telephone."""
        record = self.record(call, *states)
        if record.is_web:
            raise EngineRefusal("a citizen's browser is no telephone: it can neither be transferred nor take tones")
        return record

    def packets(self, record: CallRecord) -> int | None:
        """How much has come from a far end so far; None while its sound is negotiated, or there is none."""
        if record.is_web:
            return self._browsers.frames(record.call)
        try:
            return None if record.stream is None else self.stack.packets_heard(record.call, record.stream)
        except SipRefused:  # negotiated anew at this moment
            return None

    # ── what the far ends do ─────────────────────────────────────────────────────────────────────

    @singledispatchmethod
    def heard(self, event: ev.SipEvent) -> None:
        """Take a fact of the SIP stack; those of accounts are not ours."""

    @heard.register
    def _(self, event: ev.Incoming) -> None:
        if event.call.endswith(MERGED_MARK):
            self._try(self.stack.hang_up, event.call, MERGED)  # RFC 3261, 8.2.2.2
            return
        number, display = caller(event.message, self._identity_header)
        self.records[event.call] = CallRecord(
            call=event.call,
            account=event.account,
            outbound=False,
            remote=event.remote,
            state=CallState.OFFERED,
            number=number,
            display=display,
            headers=asked_for(event.message, self.headers),
        )
        self._try(self.stack.answer, event.call, RINGING)
        self._tell_call(event.call)

    @heard.register
    def _(self, event: ev.Moved) -> None:
        record = self.records.get(event.call) or self._made_elsewhere(event)
        if record is None:
            return
        record.code, record.reason = event.code, event.reason
        if event.dialog is ev.Dialog.ENDED:
            self._ended(record)
        elif event.dialog is ev.Dialog.EARLY and record.outbound:
            record.move(CallState.EARLY)
            self._refresh(record)
        elif event.dialog is ev.Dialog.ANSWERED and record.state not in LIVE:
            self._answered(record)

    @heard.register
    def _(self, event: ev.Media) -> None:
        record = self.records.get(event.call)
        if record is None or self._stack is None:
            return
        record.stream, record.codec, record.rate, record.srtp = event.stream, event.codec, event.rate, event.srtp
        record.is_held, record.held_by_remote = event.held_here, event.held_there
        self._try(self.bridge.renew, event.call, event.stream)
        if record.state in LIVE:
            record.move(CallState.HELD if record.is_held else CallState.ACTIVE)
            self._tries.pop(record.call, None)
            self._settle(record, 0)
        self._refresh(record)

    @heard.register
    def _(self, event: ev.Pressed) -> None:
        if event.call in self.records:
            self._tell(Tone(call=event.call, digit=event.digit))

    @heard.register
    def _(self, event: ev.ReofferFailed) -> None:
        record = self.records.get(event.call)
        if record is not None:
            self._settle(record, RETRY_S)

    @heard.register
    def _(self, event: ev.Transferring) -> None:
        record = self.records.get(event.call)
        if record is None:
            return
        done = event.final and SUCCESS <= event.code < FIRST_FAILURE
        self._tell(TransferProgress(call=event.call, code=event.code, final=event.final, reason=event.reason))
        if done:  # the original leg is ours to end
            record.transferred = True
            self._try(self.stack.hang_up, event.call)
        if event.final:
            self._connected(record, done=done)

    def _connected(self, record: CallRecord, *, done: bool) -> None:
        """A transfer to the far end of another call is decided: a telephone that ignores Replaces left that call to us."""
        other = self.records.get(record.sent_to)
        record.sent_to = ""
        if other is None:
            return
        other.taken_along, other.transferred = False, done
        if done:
            self._try(self.stack.hang_up, other.call)

    @heard.register
    def _(self, event: ev.SentElsewhere) -> None:
        log.info("the far end asked for a transfer: %s", "followed" if event.followed else "refused")

    @heard.register
    def _(self, event: ev.TakenOver) -> None:
        old = self.records.get(event.call)
        name, uri = name_and_uri(event.remote)
        record = CallRecord(
            call=event.by_call,
            account=event.account,
            outbound=False,
            remote=event.remote,
            state=CallState.ACTIVE,
            number=number_of(uri),
            display=name,
            headers=dict(old.headers) if old else {},
        )
        self.records[event.by_call] = record
        self._start_legs(record)
        self._tell(Replaced(call=event.call, by_call=event.by_call))
        self._refresh(record)

    def _made_elsewhere(self, event: ev.Moved) -> CallRecord | None:
        """A call that PJSIP itself placed when it followed a transfer."""
        if event.dialog is not ev.Dialog.CALLING or not event.outbound:
            return None
        record = CallRecord(
            call=event.call,
            account=event.account,
            outbound=True,
            remote=event.remote,
            state=CallState.DIALLING,
            number=number_of(name_and_uri(event.remote)[1]),
        )
        self.records[event.call] = record
        self._tell_call(event.call)
        return record

    def _answered(self, record: CallRecord) -> None:
        record.move(CallState.ACTIVE)
        self._start_legs(record)
        citizen = self.records.get(record.join)
        if citizen is not None and citizen.state in LIVE:
            self.conference([citizen.call, record.call])
            return
        self._hold_others({record.call} | record.conference, SETTLE_S if record.outbound else 0)
        self._refresh(record)

    def _ended(self, record: CallRecord) -> None:
        samples = self._samples(record)
        self._browsers.end(record.call)
        self._pacer.end(record.call)
        if self._stack is not None:
            self.bridge.forget(record.call)
        del self.records[record.call]
        self._tries.pop(record.call, None)
        if timer := self._waiting.pop(record.call, None):
            timer.cancel()
        record.move(CallState.ENDED)
        record.wants_hold = False
        members = [self.records[other] for other in record.conference if other in self.records]
        for member in members:
            member.conference.discard(record.call)
        self._tell(record.telling(samples))
        for member in members:
            self._tell_call(member.call)

    # ── what the agent asks ──────────────────────────────────────────────────────────────────────

    def answer(self, call: str) -> None:
        """Answer; other active calls are held."""
        self.record(call, CallState.OFFERED)
        self._hold_others({call}, 0)
        self._ask(self.stack.answer, call, SUCCESS)

    def reject(self, call: str, code: int) -> None:
        """Refuse with a SIP failure code."""
        if not FIRST_FAILURE <= code <= 699:  # noqa: PLR2004 — SIP's last class
            raise EngineRefusal(f"{code} refuses nothing")
        record = self.record(call, CallState.OFFERED)
        record.ended_by_us = True
        self._ask(self.stack.hang_up, call, code)

    def hang_up(self, call: str) -> None:
        """End the call."""
        record = self.record(call)
        record.ended_by_us = True
        if record.is_web:
            self._ended(record)
            self._link()
        else:  # without a code, PJSIP calls what ends between our 200 and its ACK declined
            self._ask(self.stack.hang_up, call, SUCCESS if record.state in LIVE else 0)

    def hold(self, call: str) -> None:
        """Hold; no sound passes from now on, the re-INVITE follows at once."""
        self._want(self.record(call, *LIVE), hold=True)

    def resume(self, call: str) -> None:
        """End the hold; active calls outside its conference are held."""
        record = self.record(call, *LIVE)
        self._hold_others({call} | record.conference, 0)
        self._want(record, hold=False)

    def mute(self, call: str, *, on: bool) -> None:
        """Close or open the microphone for this call."""
        record = self.record(call)
        record.muted = on
        self._refresh(record)

    def tones(self, call: str, digits: str) -> None:
        """Send DTMF."""
        self._sip_record(call, CallState.ACTIVE, CallState.EARLY)
        self._ask(self.stack.tones, call, valid_tones(digits))

    def transfer(self, call: str, to: str, headers: Mapping[str, str]) -> None:
        """Blind transfer: the headers travel in the Refer-To URI, so that the new INVITE carries them."""
        record = self._sip_record(call, *LIVE)
        uri = transfer_uri(dial_uri(to, record.account), safe_headers(headers))
        if not self.stack.is_uri(uri):
            raise EngineRefusal(f"{to} is neither a number nor a SIP address")
        self._ask(self.stack.transfer, call, f"<{uri}>", {})

    def transfer_attended(self, call: str, with_call: str) -> None:
        """Connect two far ends; both calls end for us."""
        record, other = self._sip_record(call, *LIVE), self._sip_record(with_call, *LIVE)
        if record is other:
            raise EngineRefusal("a call cannot be connected with itself")
        self._ask(self.stack.transfer_attended, call, with_call)
        record.sent_to, other.taken_along = with_call, True

    def conference(self, calls: Sequence[str]) -> None:
        """Mix these calls and the agent; one call alone ends the conference, the others are held."""
        members = {call: self.record(call, *LIVE) for call in calls}
        if not members:
            raise EngineRefusal("a conference needs calls")
        for record in self.records.values():
            mixed = set(members) - {record.call} if record.call in members else set()
            record.conference, changed = mixed, mixed != record.conference
            if changed and record.call not in members:
                self._tell_call(record.call)
        self._hold_others(set(members), 0)
        for record in members.values():
            self._want(record, hold=False)

    def dial(self, account: str, to: str, headers: Mapping[str, str], join: str = "") -> str:
        """Place a call; its Call-ID. Once answered it is mixed with the call `join`; else active calls are held."""
        if join:
            self.record(join, *LIVE)
        name = account or next(iter(self.stack.accounts), "")
        uri = dial_uri(to, name)
        if not self.stack.is_uri(uri):
            raise EngineRefusal(f"{to} is neither a number nor a SIP address")
        call = new_id()
        self.records[call] = CallRecord(
            call=call,
            account=name,
            outbound=True,
            remote=uri,
            state=CallState.DIALLING,
            number=number_of(uri),
            join=join,
        )
        try:
            self.stack.dial(name, uri, safe_headers(headers), call)
        except SipRefused as error:
            self.records.pop(call, None)
            raise EngineRefusal(str(error)) from error
        self._tell_call(call)
        return call

    def web(self, session: str, port: int, token: str, leg: str) -> str:
        """Bring a browser's sound into the bridge, or take it from another source; its Call-ID."""
        if not session or port not in PORTS:
            raise EngineRefusal("a browser's sound needs its session and the port where it is published")
        call = web_call(session)
        if call not in self.records:
            self._begin_web(call)
        self._browsers.begin(call).listen_to(port, token, leg)
        return call

    def _begin_web(self, call: str) -> None:
        record = self.records[call] = CallRecord(
            call=call,
            account=WEB,
            outbound=False,
            remote="",
            state=CallState.ACTIVE,
            codec="opus",
            rate=SAMPLE_RATE,
        )
        far = self.bridge.far_port(call)
        far.said = self._browsers.begin(call).say
        self._pacer.begin(call, self.bridge.port(call), far)
        self._hold_others({call}, 0)
        self._refresh(record)

    def confide(self, call: str, *, on: bool) -> None:
        """Let what this far end says reach the agent alone."""
        record = self.record(call, *LIVE)
        record.confided = on
        self._refresh(record)

    def volume(self, call: str, percent: int) -> None:
        """How loud this far end is in the agent's ear."""
        if not 0 <= percent <= LOUDEST:
            raise EngineRefusal(f"a volume is 0 to {LOUDEST} percent")
        record = self.record(call, *LIVE)
        record.volume = percent
        self._refresh(record)

    # ── keeping it so ────────────────────────────────────────────────────────────────────────────

    def _hold_others(self, but: set[str], after_s: float) -> None:
        for record in list(self.records.values()):
            if record.call not in but and record.state in LIVE and not record.wants_hold:
                self._want(record, hold=True, after_s=after_s)

    def _want(self, record: CallRecord, *, hold: bool, after_s: float = 0) -> None:
        record.wants_hold = hold
        self._tries.pop(record.call, None)
        self._settle(record, after_s)
        self._refresh(record)

    def _settle(self, record: CallRecord, after_s: float) -> None:
        """Bring the hold that the agent wants to the far end; again later while another offer is under way."""
        if timer := self._waiting.pop(record.call, None):
            timer.cancel()
        if record.wants_hold == record.is_held or record.state not in LIVE:
            return
        if record.is_web:
            record.is_held = record.wants_hold
            record.move(CallState.HELD if record.is_held else CallState.ACTIVE)
            return
        if after_s:
            loop = asyncio.get_running_loop()
            self._waiting[record.call] = loop.call_later(after_s, self._settle, record, 0)
            return
        try:
            (self.stack.hold if record.wants_hold else self.stack.resume)(record.call)
        except SipRefused as error:
            tries = self._tries[record.call] = self._tries.get(record.call, 0) + 1
            if tries < MOST_TRIES:
                self._settle(record, RETRY_S)
            else:
                log.warning("hold or resume could not be brought to the far end: %s", error)

    def _refresh(self, record: CallRecord) -> None:
        self._link()
        self._tell_call(record.call)

    def _link(self) -> None:
        if self._stack is not None:
            calls = self.records.values()
            self._try(self.bridge.set_links, links_of(calls), levels_of(calls))

    def _start_legs(self, record: CallRecord) -> None:
        if self._stack is not None:
            self._pacer.begin(record.call, self.bridge.port(record.call))

    def _tell_call(self, call: str) -> None:
        record = self.records[call]
        samples = self._pacer.gate(call, hears=record.hears, speaks=record.speaks)
        self._tell(record.telling(samples))

    def _samples(self, record: CallRecord) -> dict[str, int] | None:
        return self._pacer.counts(record.call)

    def _try(self, act: Callable[..., object], *arguments: object) -> None:
        try:
            act(*arguments)
        except SipRefused as error:  # the call ended meanwhile: that is told by itself
            log.info("not done: %s", error)

    def _ask(self, act: Callable[..., object], *arguments: object) -> None:
        try:
            act(*arguments)
        except SipRefused as error:
            raise EngineRefusal(str(error)) from error
