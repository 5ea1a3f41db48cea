"""A port of the mixing bridge whose frames are ours: 16 kHz mono s16, 20 ms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from client.engine_protocol import SAMPLE_RATE
from client.engines.voice.frame_bytes import FRAME_BYTES, ZERO, FrameBytes

PTIME_US = 20_000


class PcmPort(pj.AudioMediaPort):  # type: ignore[misc]  # the wheel has no types
    """Callbacks come on PJSIP's clock thread every 20 ms; a slow one slows every call, so they only hand over.

    A port is never destroyed while the clock runs (the clock may be inside it): it is lent to one call after another.
    Attributes: `heard` — takes each frame of what is sent to the port; `said` — gives the frame that the port says;
    `failed` — takes an exception of either, which PJSIP would only print.
    """

    def __init__(self, name: str, frames: FrameBytes, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self.heard: Callable[[bytes], None] | None = None
        self.said: Callable[[], bytes] | None = None
        self._frames = frames
        self._failed = failed
        self._vector = frames.vector()
        pcm = pj.MediaFormatAudio()
        pcm.init(pj.PJMEDIA_FORMAT_PCM, SAMPLE_RATE, 1, PTIME_US, 16)
        self.createPort(name, pcm)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802 — PJSIP's name
        """One frame of the mix that is sent to this port; without a sender it is empty, so the clock goes on."""
        heard = self.heard
        if heard is None:
            return
        try:
            sound = frame.type == pj.PJMEDIA_FRAME_TYPE_AUDIO and frame.size == FRAME_BYTES
            heard(self._frames.read(frame) if sound else ZERO)
        except Exception as error:  # noqa: BLE001 — PJSIP would print it and go on; told instead
            self._failed(error)

    def onFrameRequested(self, frame: Any) -> None:  # noqa: N802 — PJSIP's name
        """The next frame that this port says to its listeners."""
        said, pcm = self.said, ZERO
        try:
            if said is not None:
                pcm = said()
        except Exception as error:  # noqa: BLE001 — as above; the far end gets silence
            self._failed(error)
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = self._vector = self._frames.fill(self._vector, pcm)
        frame.size = FRAME_BYTES
