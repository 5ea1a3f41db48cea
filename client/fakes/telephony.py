"""A phone in memory: the same states and refusals as the real one, and the far ends in the hands of a test or a practice."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from client.domain.call import (
    WEB,
    Call,
    CallState,
    Devices,
    Registration,
    Silence,
    Telling,
    Tone,
    TransferProgress,
    may_become,
    web_call,
)
from client.domain.event import timestamp
from client.ports.telephony import TelephonyError

LIVE = (CallState.ACTIVE, CallState.HELD)
LOUDEST = 200  # percent
PORTS = range(65_536)
SOUND: dict[str, object] = {"wide_band": True, "codec": "G722"}


class FakePhone:
    """`Telephony` without a network. Methods that begin with `far_` are what the other end does.

    Attributes: `calls` — newest telling of each living call by Call-ID; `rings` — the ring device: off, ring or soft;
    `tones` — DTMF sent, by call; `dialled` — (to, headers) of every outbound call.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.calls: dict[str, Call] = {}
        self.rings = "off"
        self.tones: dict[str, str] = {}
        self.dialled: list[tuple[str, dict[str, str]]] = []
        self._now = now
        self._joins: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[Telling], None]] = []
        self._registered = Registration(account="1001@dasan.test", code=200, registered=True)

    # ── the port ─────────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, from the present state on."""
        self._listeners.append(listener)
        for telling in (self._registered, self._devices(), *self.calls.values()):
            listener(telling)

    async def answer(self, call: str) -> None:
        """Answer an offered call."""
        self._need(call, CallState.OFFERED)
        self._hold_others({call})
        self._change(call, state=CallState.ACTIVE, **_legs(call), **SOUND)

    async def reject(self, call: str, code: int = 480) -> None:
        """Refuse an offered call."""
        if not 300 <= code <= 699:  # noqa: PLR2004 — SIP's failures
            raise TelephonyError(f"{code} refuses nothing")
        self._need(call, CallState.OFFERED)
        self._end(call, by="agent", code=code)

    async def hang_up(self, call: str) -> None:
        """End the call."""
        self._need(call, *LIVE, CallState.DIALLING, CallState.EARLY, CallState.OFFERED)
        self._end(call, by="agent", code=200)

    async def hold(self, call: str) -> None:
        """Put the far end on hold."""
        self._need(call, *LIVE)
        self._change(call, state=CallState.HELD, on_hold=True)

    async def resume(self, call: str) -> None:
        """End the hold; another active call is held first."""
        told = self._need(call, *LIVE)
        self._hold_others({call, *told.conference})
        self._change(call, state=CallState.ACTIVE, on_hold=False)

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending the microphone."""
        self._need(call, *CallState)
        self._change(call, muted=on)

    async def send_tones(self, call: str, digits: str) -> None:
        """Send DTMF."""
        self._need_telephone(call, CallState.ACTIVE, CallState.EARLY)
        if not digits or set(digits) - set("0123456789*#ABCD"):
            raise TelephonyError("tones are 0-9, *, # and A-D")
        self.tones[call] = self.tones.get(call, "") + digits

    async def transfer(self, call: str, to: str, headers: Mapping[str, str]) -> None:
        """Blind transfer; it succeeds unless the number is `404`."""
        self._need_telephone(call, *LIVE)
        self.dialled.append((to, dict(headers)))
        if to == "404":
            self._tell(TransferProgress(call=call, code=404, final=True, reason="Not Found"))
            return
        self._tell(TransferProgress(call=call, code=200, final=True))
        self._end(call, by="agent", code=200)

    async def transfer_attended(self, call: str, with_call: str) -> None:
        """Connect the far ends of two calls; it succeeds unless the number of the second is `404`."""
        self._need_telephone(call, *LIVE)
        other = self._need_telephone(with_call, *LIVE)
        if call == with_call:
            raise TelephonyError("a call cannot be connected with itself")
        if other.number == "404":
            self._tell(TransferProgress(call=call, code=404, final=True, reason="Not Found"))
            return
        self._tell(TransferProgress(call=call, code=200, final=True))
        self._end(with_call, by="agent", code=200)
        self._end(call, by="agent", code=200)

    async def conference(self, calls: Sequence[str]) -> None:
        """Mix these calls and the agent; one call alone ends the conference."""
        if not calls:
            raise TelephonyError("a conference needs calls")
        for call in calls:
            self._need(call, *LIVE)
        for told in list(self.calls.values()):
            if told.conference and told.call not in calls:
                self._change(told.call, conference=())
        self._hold_others(set(calls))
        self._mix(*calls)

    async def dial(self, to: str, headers: Mapping[str, str], account: str = "", join: str = "") -> str:
        """Call a number; `far_answer` answers it."""
        if not to.strip():
            raise TelephonyError("no number")
        if join:
            self._need(join, *LIVE)
        call = f"out-{next(self._numbers)}"
        self.dialled.append((to, dict(headers)))
        self._joins[call] = join
        self._new(call, CallState.DIALLING, number=to, headers={}, display="", outbound=True, account=account)
        return call

    async def web(self, session: str, source: tuple[int, str], leg: str) -> str:
        """Bring a browser's sound into the bridge."""
        if not session or source[0] not in PORTS:
            raise TelephonyError("a browser's sound needs its session and the port where it is published")
        call = web_call(session)
        if call not in self.calls:
            self._hold_others({call})
            self._new(call, CallState.DIALLING, number="", headers={}, display="", outbound=False, account=WEB)
            self._change(call, state=CallState.ACTIVE, **_legs(call), wide_band=True, codec="opus")
        return call

    async def confide(self, call: str, on: bool) -> None:
        """Let what this far end says reach the agent alone."""
        self._need(call, *LIVE)
        self._change(call, confided=on)

    async def volume(self, call: str, percent: int) -> None:
        """How loud this far end is."""
        if not 0 <= percent <= LOUDEST:
            raise TelephonyError(f"a volume is 0 to {LOUDEST} percent")
        self._need(call, *LIVE)
        self._change(call, volume=percent)

    async def ring(self, on: bool, soft: bool = False) -> None:
        """Sound the ring device."""
        self.rings = ("soft" if soft else "ring") if on else "off"

    async def subscribe(self) -> tuple[int, str]:
        """A place without PCM."""
        return 0, "fake"

    # ── the far ends ─────────────────────────────────────────────────────────────────────────────

    def far_call(self, number: str = "01012345678", *, display: str = "", **headers: str) -> str:
        """A citizen calls in; underscores in header names stand for hyphens. The Call-ID."""
        call = f"in-{next(self._numbers)}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._new(call, CallState.OFFERED, number=number, headers=named, display=display, outbound=False)
        return call

    def far_answer(self, call: str) -> None:
        """The one dialled answers; what carries the sound is told a moment later."""
        self._need(call, CallState.DIALLING, CallState.EARLY)
        joined = self.calls.get(self._joins.get(call, ""))
        if joined is None:
            self._hold_others({call})
        self._change(call, state=CallState.ACTIVE, **_legs(call))
        if joined is not None:
            self._mix(joined.call, call)
        self._change(call, **SOUND)

    def far_refuse(self, call: str, code: int = 486) -> None:
        """The one dialled does not want to."""
        self._end(call, by="citizen", code=code)

    def far_hang_up(self, call: str) -> None:
        """The far end ends the call."""
        self._end(call, by="citizen", code=200)

    def far_hold(self, call: str, *, on: bool) -> None:
        """The far end puts us on hold."""
        self._need(call, *LIVE)
        self._change(call, held_by_remote=on)

    def far_tone(self, call: str, digit: str) -> None:
        """The far end presses a key."""
        self._tell(Tone(call=call, digit=digit))

    def far_break(self, call: str) -> None:
        """The way to the far end breaks."""
        self._end(call, by="failure", code=408)

    def break_off(self) -> None:
        """The engine dies: every call ends by failure."""
        for call in list(self.calls):
            self._end(call, by="failure", code=0)

    def register(self, *, registered: bool, code: int = 200) -> None:
        """The registrar's answer changes."""
        self._registered = Registration(account=self._registered.account, code=code, registered=registered)
        self._tell(self._registered)

    def fall_silent(self, side: str, *, silent: bool) -> None:
        """No audio arrives from `microphone` or `far_end`."""
        self._tell(Silence(side=side, silent=silent))

    def tell_again(self) -> None:
        """As a running engine does when a restarted desk adopts it."""
        for told in list(self.calls.values()):
            self._tell(told)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _mix(self, *calls: str) -> None:
        for call in calls:
            others = tuple(other for other in calls if other != call)
            self._change(call, state=CallState.ACTIVE, on_hold=False, conference=others)

    def _hold_others(self, but: set[str]) -> None:
        for other in list(self.calls.values()):
            if other.call not in but and other.state is CallState.ACTIVE:
                self._change(other.call, state=CallState.HELD, on_hold=True)

    @staticmethod
    def _devices() -> Devices:
        return Devices(inputs=(), outputs=(), microphone="", speaker="", ring="")

    def _new(
        self,
        call: str,
        state: CallState,
        *,
        number: str,
        headers: dict[str, str],
        display: str,
        outbound: bool,
        account: str = "",
    ) -> None:
        told = Call(
            call=call,
            account=account or self._registered.account,
            state=state,
            outbound=outbound,
            remote=f"sip:{number}@dasan.test",
            number=number,
            display=display,
            headers=headers,
            since=timestamp(self._now()),
        )
        self.calls[call] = told
        self._tell(told)

    def _need(self, call: str, *states: CallState) -> Call:
        told = self.calls.get(call)
        if told is None or told.state not in states:
            raise TelephonyError("there is no such call now")
        return told

    def _need_telephone(self, call: str, *states: CallState) -> Call:
        told = self._need(call, *states)
        if told.account == WEB:
            raise TelephonyError("a citizen's browser is no telephone")
        return told

    def _change(self, call: str, **changes: object) -> None:
        told = self.calls[call]
        changed: Call = replace(told, **changes)  # type: ignore[arg-type]  # the fields' types are the callers'
        if not may_become(told.state, changed.state):
            raise TelephonyError(f"a call cannot go from {told.state} to {changed.state}")
        hears = changed.state is CallState.ACTIVE and not changed.muted and not changed.held_by_remote
        changed = replace(changed, hears_agent=hears)
        if changed.state is not told.state:
            changed = replace(changed, since=timestamp(self._now()))
        self.calls[call] = changed
        self._tell(changed)

    def _end(self, call: str, *, by: str, code: int) -> None:
        told = self.calls.pop(call)
        ended = replace(
            told,
            state=CallState.ENDED,
            by=by,
            code=code,
            hears_agent=False,
            conference=(),
            since=timestamp(self._now()),
        )
        self._tell(ended)
        for other in [x for x in self.calls.values() if call in x.conference]:
            self._change(other.call, conference=tuple(c for c in other.conference if c != call))

    def _tell(self, telling: Telling) -> None:
        asyncio.get_running_loop()  # the real one tells on the desk's loop only
        for listener in list(self._listeners):
            listener(telling)


def _legs(call: str) -> dict[str, object]:
    legs = (f"{call}/citizen", f"{call}/agent")
    return {"legs": legs, "samples": dict.fromkeys(legs, 0)}
