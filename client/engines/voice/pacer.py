"""Moves sound every 20 ms: microphone to the calls, the mix to the ears, every leg to its subscribers."""

from __future__ import annotations

from collections.abc import Callable

from client.engines.voice.bridge import Bridge
from client.engines.voice.legs import CallLegs, Publish
from client.engines.voice.pcm_port import PcmPort


class Pacer:
    """`tick` runs on PJSIP's clock thread, everything else on the loop; the tuple of legs is swapped, never changed.

    `microphone` gives the next frame; `ears` takes each frame of the mix; `ended` is told the legs of a call that is
    over; `first_begins` that there is a call where there was none.
    """

    def __init__(
        self,
        microphone: Callable[[], bytes],
        ears: Callable[[bytes], None],
        publish: Publish,
        ended: Callable[[str], None],
        first_begins: Callable[[], None],
    ) -> None:
        self._microphone = microphone
        self._ears = ears
        self._publish = publish
        self._ended = ended
        self._first_begins = first_begins
        self._by_call: dict[str, CallLegs] = {}
        self._legs: tuple[CallLegs, ...] = ()
        self._bridge: Bridge | None = None

    def attach(self, bridge: Bridge) -> None:
        """Take the clock of this bridge."""
        self._bridge = bridge
        bridge.speaker.heard = self._ears
        bridge.clock.heard = self.tick

    def detach(self) -> None:
        """Stop: the bridge is about to go."""
        if self._bridge is not None:
            self._bridge.clock.heard = self._bridge.speaker.heard = None
            self._bridge = None
        for call in list(self._by_call):
            self.end(call)

    def begin(self, call: str, port: PcmPort, far: PcmPort | None = None) -> None:
        """Both legs of a call begin now, at sample 0; with the mix for `far`, a far end that is no SIP call."""
        if call in self._by_call:
            return
        if not self._by_call:
            self._first_begins()
        legs = self._by_call[call] = CallLegs(call, self._publish, mixed=far is not None)
        port.heard, port.said = legs.hear, legs.say
        if far is not None:
            far.heard = legs.take_mix
        self._legs = tuple(self._by_call.values())

    def gate(self, call: str, *, hears: bool, speaks: bool) -> dict[str, int] | None:
        """Open or close a call's legs; the sample counts from which that is so, None before the call has legs."""
        legs = self._by_call.get(call)
        return legs.gate(hears=hears, speaks=speaks) if legs else None

    def counts(self, call: str) -> dict[str, int] | None:
        """Samples so far by leg."""
        legs = self._by_call.get(call)
        return legs.counts() if legs else None

    def end(self, call: str) -> None:
        """The call is over."""
        legs = self._by_call.pop(call, None)
        if legs is not None:
            self._legs = tuple(self._by_call.values())
            self._ended(legs.citizen)
            self._ended(legs.agent)
            if legs.mix:
                self._ended(legs.mix)

    def tick(self, _empty: bytes) -> None:
        """20 ms are over."""
        frame = self._microphone()
        for legs in self._legs:
            legs.tick(frame)
