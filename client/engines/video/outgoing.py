"""The picture that leaves: the camera's, or the privacy card."""

from __future__ import annotations

import asyncio
import contextlib
import time

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from client.engines.video.camera import TIME_BASE, VIDEO_CLOCK, Camera
from client.engines.video.card import draw_card

LATE_S = 0.3  # a camera that gives nothing for so long is replaced by the card
CARD_S = 0.1  # the card is still: ten a second tell that the way stands


class OutgoingPicture(MediaStreamTrack):
    """Attributes: `shown` — the camera's picture leaves; `sent` — pictures given out so far."""

    kind = "video"

    def __init__(self, camera: Camera, *, shown: bool) -> None:
        super().__init__()
        self.sent = 0
        self._shown = shown
        self._camera = camera
        self._card = draw_card(*camera.size).frame()
        self._last = 0
        self._changed = asyncio.Event()

    @property
    def shown(self) -> bool:
        """The camera's picture leaves, else the card."""
        return self._shown

    @shown.setter
    def shown(self, on: bool) -> None:
        self._shown = on
        self._changed.set()

    async def recv(self) -> av.VideoFrame:
        """The next picture to encode."""
        frame = await self._picture() if self._shown else None
        if frame is None:
            frame = await self._next_card()
        if self.readyState != "live":
            raise MediaStreamError
        frame.pts = self._last = max(self._last + 1, frame.pts or 0)
        self.sent += 1
        return frame

    async def _picture(self) -> av.VideoFrame | None:
        frame = await self._camera.after(self._last, LATE_S)
        return frame if self._shown else None  # it was taken away while we waited

    async def _next_card(self) -> av.VideoFrame:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), CARD_S)
        if self._shown and (frame := await self._picture()) is not None:
            return frame
        self._card.pts, self._card.time_base = int(time.monotonic() * VIDEO_CLOCK), TIME_BASE
        return self._card
