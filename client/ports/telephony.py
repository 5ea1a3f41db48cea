"""The phone: what a desk may ask of it. What it tells comes as `client.domain.call` facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from client.domain.call import Telling


class TelephonyError(Exception):
    """What was asked cannot be done now; the message says why, for a person."""


class Telephony(Protocol):
    """Every method raises `TelephonyError`; a state change is told by a `Call`, not by the return."""

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, on the desk's thread, from the present state of all calls on."""

    async def answer(self, call: str) -> None:
        """Answer an offered call; returns when 200 is on the wire."""

    async def reject(self, call: str, code: int = 480) -> None:
        """Refuse an offered call: 480 lets the queue offer it to another, 486 says busy, 603 declines for all."""

    async def hang_up(self, call: str) -> None:
        """End the call."""

    async def hold(self, call: str) -> None:
        """Put the far end on hold."""

    async def resume(self, call: str) -> None:
        """End the hold; other active calls are held first."""

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending the microphone."""

    async def send_tones(self, call: str, digits: str) -> None:
        """Send DTMF (RFC 4733)."""

    async def transfer(self, call: str, to: str, headers: Mapping[str, str]) -> None:
        """Blind transfer to a number or SIP URI; progress comes as `TransferProgress`."""

    async def transfer_attended(self, call: str, with_call: str) -> None:
        """Connect the far ends of two of our calls."""

    async def conference(self, calls: Sequence[str]) -> None:
        """Mix these calls and the agent; one call alone ends the conference."""

    async def dial(self, to: str, headers: Mapping[str, str], account: str = "", join: str = "") -> str:
        """Call a number or SIP URI; the new call's SIP Call-ID. Once answered it is mixed with the call `join`."""

    async def web(self, session: str, source: tuple[int, str], leg: str) -> str:
        """Bring a browser's sound into the bridge: a call without SIP, at once active, of the account `web`; its Call-ID.

        `source` — port and one-time token where the PCM leg `leg` is published. Its legs are those of any call, and
        `<Call-ID>/mix` is what its far end is to hear. Again for the same session: the sound comes from there now.
        """

    async def confide(self, call: str, on: bool) -> None:
        """Let what this call's far end says reach the agent alone, not those it is mixed with."""

    async def volume(self, call: str, percent: int) -> None:
        """How loud this far end is in the agent's ear, 0-200 %."""

    async def ring(self, on: bool, soft: bool = False) -> None:
        """Sound the ring device; `soft` is the short tone in a call that the citizen never hears."""

    async def subscribe(self) -> tuple[int, str]:
        """(port, one-time token) with which one subscriber may read PCM streams."""
