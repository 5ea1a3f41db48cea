"""The phone through the voice engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client.adapters.engine_link import EngineAway, EngineLink, EngineRefused, LinkState
from client.domain.call import Account, Call, CallState, Devices, Registration, Silence, Telling
from client.domain.event import timestamp
from client.ports.telephony import TelephonyError

ENGINE_AWAY = "the phone is being brought back; try again in a moment"


class VoiceTelephony:
    """`Telephony` over an engine that is adopted or started by `start` and brought back when it dies.

    A dead engine took its calls along: they are told as ended by failure as soon as a fresh one stands.
    Attributes: `link` — the connection.
    """

    def __init__(
        self,
        directory: Path,
        *,
        on_state: Callable[[LinkState], None] = lambda _: None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.link = EngineLink("voice", directory, self._take, self._state_changed, environment)
        self._on_state = on_state
        self._listeners: list[Callable[[Telling], None]] = []
        self._calls: dict[str, Call] = {}
        self._registrations: dict[str, Registration] = {}
        self._silences: dict[tuple[str, str], Silence] = {}
        self._devices: Devices | None = None

    def start(self) -> None:
        """Begin to keep the engine connected."""
        self.link.start()

    async def close(self, *, end_engine: bool) -> None:
        """Let go; `end_engine` ends its calls politely, otherwise they run on for 30 s for another desk."""
        await self.link.close(end_engine=end_engine)

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, from the present state on."""
        self._listeners.append(listener)
        present: list[Telling] = [*self._registrations.values(), *self._calls.values(), *self._silences.values()]
        for telling in [*present, *([self._devices] if self._devices else [])]:
            listener(telling)

    async def answer(self, call: str) -> None:
        """Answer an offered call; 200 is on the wire when this returns."""
        await self._ask("answer", call=call)

    async def reject(self, call: str, code: int = 480) -> None:
        """Refuse an offered call."""
        await self._ask("reject", call=call, code=code)

    async def hang_up(self, call: str) -> None:
        """End the call."""
        await self._ask("hangup", call=call)

    async def hold(self, call: str) -> None:
        """Put the far end on hold."""
        await self._ask("hold", call=call)

    async def resume(self, call: str) -> None:
        """End the hold; other active calls are held first."""
        await self._ask("resume", call=call)

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending the microphone."""
        await self._ask("mute", call=call, on=on)

    async def send_tones(self, call: str, digits: str) -> None:
        """Send DTMF."""
        await self._ask("tones", call=call, digits=digits)

    async def transfer(self, call: str, to: str, headers: Mapping[str, str]) -> None:
        """Blind transfer; `headers` reach the new INVITE."""
        await self._ask("transfer", call=call, to=to, headers=dict(headers))

    async def transfer_attended(self, call: str, with_call: str) -> None:
        """Connect the far ends of two of our calls."""
        await self._ask("transfer_attended", call=call, with_call=with_call)

    async def conference(self, calls: Sequence[str]) -> None:
        """Mix these calls and the agent."""
        await self._ask("conference", calls=tuple(calls))

    async def dial(self, to: str, headers: Mapping[str, str], account: str = "", join: str = "") -> str:
        """Call a number or SIP URI; the new call's SIP Call-ID. Once answered it is mixed with the call `join`."""
        answer = await self._ask("dial", to=to, headers=dict(headers), account=account, join=join)
        return str(answer["call"])

    async def web(self, session: str, source: tuple[int, str], leg: str) -> str:
        """Bring a browser's sound into the bridge."""
        port, token = source
        return str((await self._ask("web", session=session, port=port, token=token, leg=leg))["call"])

    async def confide(self, call: str, on: bool) -> None:
        """Let what this far end says reach the agent alone."""
        await self._ask("confide", call=call, on=on)

    async def volume(self, call: str, percent: int) -> None:
        """How loud this far end is in the agent's ear."""
        await self._ask("volume", call=call, percent=percent)

    async def ring(self, on: bool, soft: bool = False) -> None:
        """Sound the ring device, or one soft note in the agent's ear."""
        await self._ask("ring", on=on, soft=soft)

    async def subscribe(self) -> tuple[int, str]:
        """(port, one-time token) for one subscriber of PCM."""
        answer = await self._ask("grant")
        return int(answer["port"]), str(answer["token"])

    async def configure(
        self, *, accounts: Sequence[Account] | None = None, headers: Sequence[str] | None = None, **sound: str | int
    ) -> None:
        """Change accounts, asked-for headers or sound (microphone, speaker, ring_device, ring_volume, wav) at once."""
        wanted: dict[str, object] = dict(sound)
        if accounts is not None:
            wanted["accounts"] = tuple(accounts)
        if headers is not None:
            wanted["headers"] = tuple(headers)
        await self._ask("configure", **wanted)

    async def _ask(self, op: str, **args: object) -> Any:
        try:
            return await self.link.request(op, **args)
        except EngineAway as error:
            raise TelephonyError(ENGINE_AWAY) from error
        except EngineRefused as error:
            raise TelephonyError(str(error)) from error

    # ── what the engine says ─────────────────────────────────────────────────────────────────────

    def _take(self, telling: Telling) -> None:
        if isinstance(telling, Call):
            if telling.state is CallState.ENDED:
                self._calls.pop(telling.call, None)
            else:
                self._calls[telling.call] = telling
        elif isinstance(telling, Registration):
            self._registrations[telling.account] = telling
        elif isinstance(telling, Silence):
            self._keep_silence(telling)
        elif isinstance(telling, Devices):
            self._devices = telling
        for listener in list(self._listeners):
            listener(telling)

    def _keep_silence(self, telling: Silence) -> None:
        if telling.silent:
            self._silences[telling.side, telling.call] = telling
        else:
            self._silences.pop((telling.side, telling.call), None)

    def _state_changed(self, state: LinkState) -> None:
        if state is LinkState.STARTED:
            self._forget_the_dead()
        elif state is LinkState.AWAY:
            for told in list(self._registrations.values()):
                self._take(replace(told, registered=False, code=0, reason="the voice engine is away"))
        self._on_state(state)

    def _forget_the_dead(self) -> None:
        self._registrations.clear()
        for key, silence in list(self._silences.items()):
            del self._silences[key]
            self._take(replace(silence, silent=False))
        now = timestamp(datetime.now(UTC))
        for told in list(self._calls.values()):
            dead = replace(
                told,
                state=CallState.ENDED,
                by="failure",
                reason="the voice engine died",
                hears_agent=False,
                conference=(),
                since=now,
            )
            self._take(dead)
