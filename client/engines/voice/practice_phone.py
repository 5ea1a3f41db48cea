"""A practice citizen's telephone: real SIP, G.722 first, a WAV file for a voice. Told line by line what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from client.domain.call import Account
from client.domain.ids import new_id
from client.engines.voice import sip_events as ev
from client.engines.voice.bridge import PORT
from client.engines.voice.sip_headers import asked_for, number_of
from client.engines.voice.sip_stack import CODECS, SipRefused, SipStack, StackSettings
from client.engines.voice.wav_source import WavSource

Say = Callable[..., None]
LOOPBACK = "127.0.0.1"
RINGING, OK, BUSY_HERE = 180, 200, 486


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePlan:
    """`to` — a SIP URI, or empty to wait for one call and take it; `caller` — user part and domain of From; `proxy` — a SIP URI or empty; `tones` — sent a second
    apart after the answer; `seconds` — the citizen hangs up after so long, 0 for never; `hang_up_at_end` — of the WAV;
    `trace` — a file for the SIP messages; `picks_up` — takes the one call at once, else it rings until the order."""

    to: str
    caller: str
    proxy: str = ""
    transport: str = "udp"
    srtp: str = "off"
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    codecs: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    seconds: float = 0.0
    hang_up_at_end: bool = False
    trace: str = ""
    picks_up: bool = True


class PracticePhone:
    """One call, or several that grow out of it by transfer; `say` gets each event and its facts.

    Attributes: `answered` — somebody took the call; `heard` — frames of the far end, newest last, if `record` was set.
    """

    def __init__(self, plan: PracticePlan, voice: WavSource, say: Say, *, record: bool = False) -> None:
        self.answered = False
        self.heard: list[bytes] = []
        self._plan = plan
        self._voice = voice
        self._say = say
        self._record = record
        self._over = asyncio.Event()
        self._calls: dict[str, int | None] = {}
        self._current = ""
        self._timers: list[asyncio.TimerHandle] = []
        settings = StackSettings(
            bind=LOOPBACK, ca_file=plan.ca_file, follow_transfers=True, codecs=plan.codecs or CODECS, trace=plan.trace
        )
        self._stack = SipStack(settings, self._event)

    async def call(self) -> None:
        """Call, stay until the call is over, let go of everything. Raises `SipRefused` where it cannot begin."""
        try:
            user, _, domain = self._plan.caller.partition("@")
            account = Account(
                user=user,
                domain=domain,
                password="",
                proxy=self._plan.proxy,
                transport=self._plan.transport,
                srtp=self._plan.srtp,
            )
            if self._plan.to:
                self._dial(self._stack.add_caller(account))
            else:
                self._say("waiting", address=f"sip:{self._stack.add_local_account(user, LOOPBACK)}")
            await self._over.wait()
        finally:
            await self._end()

    def _dial(self, account: str) -> None:
        self._current = new_id()
        self._calls[self._current] = None
        self._stack.dial(account, self._plan.to, self._plan.headers, self._current)
        self._say("dialling", to=self._plan.to, call=self._current)

    def do(self, what: str, text: str = "") -> None:
        """answer, hangup, hold, resume, tones DIGITS or transfer URI, in the current call."""
        acts: dict[str, Callable[[], None]] = {
            "answer": lambda: self._stack.answer(self._current, OK),
            "hangup": lambda: self._stack.hang_up(self._current),
            "hold": lambda: self._stack.hold(self._current),
            "resume": lambda: self._stack.resume(self._current),
            "tones": lambda: self._stack.tones(self._current, text),
            "transfer": lambda: self._stack.transfer(self._current, text, {}),
            "say": self._voice.rewind,
        }
        try:
            acts[what]()
        except (KeyError, SipRefused) as error:
            self._say("refused", what=what, why=str(error))

    async def _end(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._stack.hang_up_all()
        await self._stack.until_quiet()
        self._stack.destroy()

    # ── what SIP says ────────────────────────────────────────────────────────────────────────────

    def _event(self, event: ev.SipEvent) -> None:
        if isinstance(event, ev.Incoming):
            self._incoming(event)
        elif isinstance(event, ev.Moved):
            self._moved(event)
        elif isinstance(event, ev.Media):
            self._media(event)
        elif isinstance(event, ev.Pressed):
            self._say("tone", digit=event.digit)
        elif isinstance(event, ev.SentElsewhere):
            self._say("sent elsewhere", to=event.to)
        elif isinstance(event, ev.TakenOver):
            self._say("taken over", call=event.by_call)
            self._calls[event.by_call] = None
            self._current = event.by_call
        elif isinstance(event, ev.CallbackFailed):
            self._say("fault", where=event.where, why=event.kind)

    def _incoming(self, event: ev.Incoming) -> None:
        if self._plan.to or self._calls:
            self._stack.hang_up(event.call, BUSY_HERE)
            return
        self._calls[event.call] = None
        self._current = event.call
        self._say("called", call=event.call, headers=asked_for(event.message, self._plan.headers))
        self._stack.answer(event.call, OK if self._plan.picks_up else RINGING)

    def _moved(self, event: ev.Moved) -> None:
        if event.dialog is ev.Dialog.ENDED:
            if event.call not in self._calls:
                return
            self._calls.pop(event.call)
            self._stack.bridge.forget(event.call)
            self._say("ended", call=event.call, code=event.code, reason=event.reason)
            if not self._calls:
                self._over.set()
            elif event.call == self._current:
                self._current = next(iter(self._calls))
            return
        if event.call not in self._calls and not event.outbound:
            return
        self._calls.setdefault(event.call, None)
        if event.dialog is ev.Dialog.EARLY:
            self._say("ringing", call=event.call, code=event.code)
        elif event.dialog is ev.Dialog.ANSWERED and event.code == OK and not self._is_answered(event.call):
            self._current = event.call
            self._say("answered", call=event.call, by=number_of(event.remote.strip("<>")))
            self._begin()

    def _is_answered(self, call: str) -> bool:
        return self.answered and call == self._current

    def _begin(self) -> None:
        if self.answered:
            return
        self.answered = True
        self._voice.rewind()
        loop = asyncio.get_running_loop()
        for second, digit in enumerate(self._plan.tones, 1):
            self._timers.append(loop.call_later(second, self.do, "tones", digit))
        if self._plan.seconds:
            self._timers.append(loop.call_later(self._plan.seconds, self.do, "hangup"))
        if self._plan.hang_up_at_end:
            self._timers.append(loop.call_later(self._voice.seconds, self.do, "hangup"))

    def _media(self, event: ev.Media) -> None:
        port = self._stack.bridge.port(event.call)
        port.said = self._voice.frame
        port.heard = self.heard.append if self._record else None
        self._stack.bridge.renew(event.call, event.stream)
        links = {(event.call, PORT + event.call), (PORT + event.call, event.call)}
        self._stack.bridge.set_links(links if event.stream is not None else set())
        self._say(
            "sound", call=event.call, codec=event.codec, srtp=event.srtp, held=event.held_there or event.held_here
        )
