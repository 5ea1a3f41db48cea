"""The PCM of calls on one steady clock: each leg gets 320 samples every 20 ms, so that its sample count is time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from client.domain.call import mix_leg
from client.engine_protocol import FRAME_SAMPLES, SAMPLE_RATE
from client.engines.voice.frame_bytes import ZERO

MOST_LATE_S = 0.5  # beyond this PJSIP's clock leaves frames out instead of catching up

Publish = Callable[[str, int, bytes], None]


class CallLegs:
    """Both legs of one call: `<call>/citizen` (the far end) and `<call>/agent` (what was really sent).

    With `mixed` a third, `<call>/mix`: all that a far end without SIP is to hear; it is not among the counts.
    `hear` and `say` come from the bridge, `tick` from its clock, all on one thread; `gate` and `counts` from the loop.
    """

    def __init__(
        self, call: str, publish: Publish, now: Callable[[], float] = time.monotonic, *, mixed: bool = False
    ) -> None:
        self.citizen, self.agent = f"{call}/citizen", f"{call}/agent"
        self.mix = mix_leg(call) if mixed else ""
        self._publish = publish
        self._now = now
        self._lock = threading.Lock()
        self._hears = self._speaks = False
        self._count = 0
        self._began = now()
        self._microphone = self._heard = self._said = self._mixed = ZERO

    def gate(self, *, hears: bool, speaks: bool) -> dict[str, int]:
        """Let the far end through to us, the microphone to it; the sample count from which that is so."""
        with self._lock:
            self._hears, self._speaks = hears, speaks
            return self._counts()

    def counts(self) -> dict[str, int]:
        """Samples published so far, by leg."""
        with self._lock:
            return self._counts()

    def hear(self, pcm: bytes) -> None:
        """A frame of the far end."""
        self._heard = pcm

    def say(self) -> bytes:
        """The frame that the far end gets now."""
        self._said = self._microphone if self._speaks else ZERO
        return self._said

    def take_mix(self, pcm: bytes) -> None:
        """A frame of what the far end is to hear."""
        self._mixed = pcm

    def tick(self, microphone: bytes) -> None:
        """20 ms are over: publish what was heard and said in them; `microphone` is the next frame to say."""
        with self._lock:
            self._fill_hole()
            open_ = self._hears
            self._emit(self._heard if open_ else ZERO, self._said, self._mixed if open_ else ZERO)
        self._microphone = microphone
        self._heard = self._said = self._mixed = ZERO

    def _fill_hole(self) -> None:
        late = self._now() - self._began - self._count / SAMPLE_RATE
        if late > MOST_LATE_S:
            for _ in range(int(late * SAMPLE_RATE) // FRAME_SAMPLES - 1):
                self._emit(ZERO, ZERO, ZERO)

    def _emit(self, citizen: bytes, agent: bytes, mix: bytes) -> None:
        self._publish(self.citizen, self._count, citizen)
        self._publish(self.agent, self._count, agent)
        if self.mix:
            self._publish(self.mix, self._count, mix)
        self._count += FRAME_SAMPLES

    def _counts(self) -> dict[str, int]:
        return {self.citizen: self._count, self.agent: self._count}
