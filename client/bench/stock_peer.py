"""aiortc as it comes, at the answering end of the video benchmark: no adjustment, everything in one event loop.

It draws its clock, reads the clocks that arrive as soon as `recv()` gives a picture, hears beeps and writes keystrokes.
Busy, its loop is blocked as a user interface in the same process would block it.

    {"op": "answer", "sdp", "width", "height"} → {"event": "answer", "sdp"} · {"op": "busy", "ms", "every_ms"} → {"event": "busy"}
    {"op": "begin"} → {"event": "begun"} · {"op": "finish"} → {"event": "seen", …}
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av.audio.resampler import AudioResampler

from client.bench.orders import orders, say
from client.bench.video_watch import Ear, now_ms
from client.engine_protocol import SAMPLE_RATE
from client.engines.video import clock_code
from client.engines.video.signer import Signer

KEYSTROKE_S = 0.2
STAMP = re.compile(r"\d{13}")


class ClockTrack(VideoStreamTrack):
    """The drawn signer with the time in the picture, 30 pictures a second."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._signer = Signer(width, height)

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        pts, time_base = await self.next_timestamp()
        canvas = await asyncio.to_thread(self._signer.draw, time.monotonic())
        clock_code.encode(canvas.planes[0], int(now_ms()))
        for plane in canvas.planes[1:]:
            plane[: canvas.height // 2 // clock_code.PART] = 128
        frame = canvas.frame()
        frame.pts, frame.time_base = pts, time_base
        return frame


class StockPeer:
    """One call."""

    def __init__(self) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("track", self._track)
        self._connection.on("datachannel", self._channel)
        self._tasks: list[asyncio.Task[None]] = []
        self._ear = Ear()
        self._forget()

    async def order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what one line says; what is told about it."""
        if order["op"] == "answer":
            return {"event": "answer", "sdp": await self._answer(order)}
        if order["op"] == "busy":
            self._start(self._block(order["ms"] / 1000, order["every_ms"] / 1000))
            return {"event": "busy"}
        if order["op"] == "begin":
            self._forget()
            return {"event": "begun"}
        told = {"pictures": self._shown, "sizes": dict(self._sizes), "heard": self._ear.heard, "texts": self._texts}
        return {"event": "seen", "begun": self._begun, "ended": now_ms(), **told}

    async def close(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    def _forget(self) -> None:
        self._begun = now_ms()
        self._shown: list[tuple[float, int | None]] = []
        self._sizes: Counter[str] = Counter()
        self._texts: list[float] = []
        self._ear.heard = []

    def _start(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def _answer(self, order: dict[str, Any]) -> str:
        await self._connection.setRemoteDescription(RTCSessionDescription(order["sdp"], "offer"))
        for track in (AudioStreamTrack(), ClockTrack(order["width"], order["height"])):
            self._connection.addTrack(track)
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        return str(self._connection.localDescription.sdp)

    def _track(self, track: MediaStreamTrack) -> None:
        self._start(self._look(track) if track.kind == "video" else self._listen(track))

    async def _look(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                at = now_ms()
                plane: Any = frame.planes[0]  # a buffer, which its types do not say
                luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
                self._shown.append((at, clock_code.decode(luma)))
                self._sizes[f"{frame.width}x{frame.height}"] += 1

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler("s16", "mono", SAMPLE_RATE)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                for part in resampler.resample(frame):
                    self._ear.take(now_ms(), part.to_ndarray().tobytes())

    def _channel(self, channel: RTCDataChannel) -> None:
        channel.on("message", self._read)
        self._start(self._type(channel))

    def _read(self, text: str) -> None:
        at = now_ms()
        self._texts += [at - int(stamp) for stamp in STAMP.findall(text)]

    async def _type(self, channel: RTCDataChannel) -> None:
        while channel.readyState == "open":
            channel.send(f"{int(now_ms())} ")
            await asyncio.sleep(KEYSTROKE_S)

    async def _block(self, seconds: float, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s - seconds)
            time.sleep(seconds)  # noqa: ASYNC251 — this is what is measured


async def _serve() -> None:
    peer = StockPeer()
    async for order in orders():
        say(**await peer.order(order))
    await peer.close()


if __name__ == "__main__":
    asyncio.run(_serve())
