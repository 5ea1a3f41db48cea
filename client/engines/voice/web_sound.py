"""The sound of citizens' browsers: PCM legs of another engine, given to the bridge frame by frame on PJSIP's clock."""

from __future__ import annotations

import asyncio
import logging

import numpy as np

from client.engine_protocol import FRAME_SAMPLES, ProtocolError
from client.engines.pcm_client import read_leg
from client.engines.voice.drift import DriftBuffer

log = logging.getLogger(__name__)

FROM_NOW_ON = 1 << 62  # beyond every sample kept: what was said before we listened is over


class BrowserSound:
    """One browser's sound. `say` runs on PJSIP's clock thread, everything else on the loop.

    Attributes: `frames` — how many have arrived from all sources so far.
    """

    def __init__(self) -> None:
        self.frames = 0
        self._buffer = DriftBuffer()
        self._readers: list[asyncio.Task[None]] = []

    def listen_to(self, port: int, token: str, leg: str) -> None:
        """Read this leg from now on; the source before it is let go with the first sound of the new one."""
        self._readers.append(asyncio.ensure_future(self._read(port, token, leg)))

    def say(self) -> bytes:
        """The next 20 ms; silence while nothing arrives."""
        return self._buffer.read(FRAME_SAMPLES).tobytes()

    def stop(self) -> None:
        """Read no more."""
        for reader in self._readers:
            reader.cancel()
        self._readers.clear()

    async def _read(self, port: int, token: str, leg: str) -> None:
        """The end of a source is no end of the call: the desk brings another."""
        first = True
        try:
            async for _, pcm in read_leg(port, token, leg, FROM_NOW_ON):
                if first:
                    first = False
                    self._replace_others()
                self._buffer.write(np.frombuffer(pcm, np.int16))
                self.frames += 1
        except (OSError, ProtocolError) as error:  # the publishing engine died
            log.info("a browser's sound is gone: %s", type(error).__name__)

    def _replace_others(self) -> None:
        mine = asyncio.current_task()
        for reader in [reader for reader in self._readers if reader is not mine]:
            reader.cancel()
            self._readers.remove(reader)
        self._buffer.clear()


class BrowserSounds:
    """The sounds by Call-ID."""

    def __init__(self) -> None:
        self._of: dict[str, BrowserSound] = {}

    def begin(self, call: str) -> BrowserSound:
        """The sound of a call, made when first asked for."""
        return self._of.setdefault(call, BrowserSound())

    def frames(self, call: str) -> int:
        """How many frames a call's browser has sent."""
        return self._of[call].frames if call in self._of else 0

    def end(self, call: str) -> None:
        """The call is over."""
        if call in self._of:
            self._of.pop(call).stop()

    def end_all(self) -> None:
        """Every call is over."""
        for call in list(self._of):
            self.end(call)
