"""Plays a citizen's video message: decoded in a thread of its own, so that a hostile or heavy one stops no call.

Browsers record without an index, so the file is looked through once for its key pictures, and a jump begins at the one
before. There is no sound: signing is read, and the desk says that there is one to hear elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from client.domain.video import MailPlaying
from client.engines.server import EngineRefusal
from client.engines.video.pixels import show
from client.picture_ring import PictureWriter

RATES = (0.25, 0.5, 0.75, 1.0, 1.5)
LARGEST = 1920 * 1920  # pixels of one picture: what a telephone's camera gives
MOST_PACKETS = 300_000
TELL_S = 0.25
LATE_S = 0.2  # a picture that is later is left out
DAMAGED = "the video cannot be shown: it is damaged or of a kind that is not known here"


@dataclass(frozen=True, slots=True)
class Index:
    """What a look through the file found: `keys` — ms of its key pictures; `start` — the container's own zero, in ms."""

    duration_ms: int
    keys: tuple[int, ...]
    start: int
    sound: bool


def index(file: Path) -> Index:
    """Look a file through; raises `EngineRefusal` for what has no picture that could be shown."""
    try:
        with av.open(str(file)) as film:
            video = film.streams.video[0]
            if not 0 < video.width * video.height <= LARGEST:
                raise EngineRefusal(f"failed: {DAMAGED}")
            times, keys = _times(film, video)
            sound = bool(film.streams.audio)
    except (OSError, IndexError, av.error.FFmpegError) as error:
        raise EngineRefusal(f"failed: {DAMAGED}") from error
    if not keys:
        raise EngineRefusal(f"failed: {DAMAGED}")
    start = min(times)
    last = max(times) - start
    step = last // max(1, len(times) - 1)
    return Index(last + step, tuple(sorted(key - start for key in keys)), start, sound)


def _times(film: av.container.InputContainer, video: av.VideoStream) -> tuple[list[int], list[int]]:
    times, keys = [], []
    for packet in film.demux(video):
        if packet.pts is None or packet.time_base is None:
            continue
        at = int(packet.pts * packet.time_base * 1000)
        times.append(at)
        if packet.is_keyframe:
            keys.append(at)
        if len(times) > MOST_PACKETS:
            raise EngineRefusal(f"failed: {DAMAGED}")
    return times, keys


def pictures(file: Path, found: Index, from_ms: int = 0) -> Iterator[tuple[int, av.VideoFrame]]:
    """(ms, picture) from `from_ms` on; what is damaged in between is left out."""
    key = found.keys[max(0, bisect_right(found.keys, from_ms) - 1)] + found.start
    with av.open(str(file)) as film:
        for packet in film.demux(film.streams.video[0]):
            early = packet.pts is not None and packet.time_base and int(packet.pts * packet.time_base * 1000) < key
            if early:
                continue
            with contextlib.suppress(av.error.FFmpegError):
                for frame in packet.decode():
                    at = int((frame.time or 0.0) * 1000) - found.start
                    if at >= from_ms:
                        yield at, frame


class MailPlayer:
    """One message at a time. Its methods are for the engine's loop; `told` — as it was told last, None: nothing is open."""

    def __init__(self, ring: Path, tell: Callable[[MailPlaying], None]) -> None:
        self.told: MailPlaying | None = None
        self._tell = tell
        self._file_of_ring = ring
        self._ring: PictureWriter | None = None
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._index: Index | None = None
        self._position = 0
        self._jump: int | None = None
        self._playing = False
        self._rate = 1.0
        self._ending = False
        self._anchor = (0.0, 0)

    async def play(self, file: Path) -> None:
        """Open a file and play it from its beginning; one that was open is closed. Raises `EngineRefusal`."""
        await self.stop()
        found = await asyncio.to_thread(index, file)
        self._loop = asyncio.get_running_loop()
        self._index, self._position, self._jump = found, 0, 0
        self._playing, self._rate, self._ending = True, 1.0, False
        self._ring = PictureWriter(self._file_of_ring)
        self._thread = threading.Thread(target=self._run, args=(file, found), name="videomail", daemon=True)
        self._thread.start()
        self._say()

    def pause(self, *, on: bool) -> None:
        """Stand still, or go on; at the end it goes on from the beginning."""
        found = self._need()
        with self._change:
            if not on and self._position >= found.duration_ms:
                self._jump = 0
            self._playing = not on
            self._set_anchor()
            self._change.notify_all()
        self._say()

    def seek(self, ms: int) -> None:
        """Go to a place and show it, playing or not."""
        found = self._need()
        with self._change:
            self._jump = self._position = max(0, min(ms, found.duration_ms - 1))
            self._change.notify_all()
        self._say()

    def rate(self, rate: float) -> None:
        """Slower or faster; raises `EngineRefusal` for a rate that is not offered."""
        self._need()
        if rate not in RATES:
            raise EngineRefusal(f"failed: {rate} is not one of {RATES}")
        with self._change:
            self._rate = rate
            self._set_anchor()
            self._change.notify_all()
        self._say()

    async def stop(self) -> None:
        """Close it; the ring is gone."""
        if self._thread is not None:
            with self._change:
                self._ending = True
                self._change.notify_all()
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        if self._ring is not None:
            self._ring.close()
            self._ring = self._index = None
            self.told = None
            self._tell(MailPlaying(over=True))

    # ── in its thread ────────────────────────────────────────────────────────────────────────────

    def _run(self, file: Path, found: Index) -> None:
        problem = ""
        try:
            while self._wait_for_work():
                self._show_from(file, found, self._take_jump())
        except (OSError, ValueError, av.error.FFmpegError):
            problem = DAMAGED
        if problem:
            self._say_from_thread(problem)

    def _wait_for_work(self) -> bool:
        with self._change:
            self._change.wait_for(lambda: self._ending or self._jump is not None)
            return not self._ending

    def _take_jump(self) -> int:
        with self._change:
            at, self._jump = self._jump or 0, None
            self._position = at
            self._set_anchor()
            return at

    def _show_from(self, file: Path, found: Index, at: int) -> None:
        """Pictures until the end, the next jump or the stop."""
        first, told = True, 0.0
        for ms, frame in pictures(file, found, at):
            if not first and not self._due(ms):
                return
            if (first or not self._is_late(ms)) and self._ring is not None:
                show(frame, self._ring)
            self._position, first = ms, False
            if time.monotonic() - told >= TELL_S:
                told = time.monotonic()
                self._say_from_thread()
        with self._change:
            if self._ending or self._jump is not None:
                return
            self._position, self._playing = found.duration_ms, False
        self._say_from_thread("" if not first or at else DAMAGED)

    def _due(self, ms: int) -> bool:
        """Wait until a picture is due; false where something else is wanted by then."""
        with self._change:
            while not self._ending and self._jump is None:
                wait = self._wait_s(ms) if self._playing else None
                if wait is not None and wait <= 0:
                    return True
                self._change.wait(wait)
            return False

    def _wait_s(self, ms: int) -> float:
        since, at = self._anchor
        return since + (ms - at) / 1000 / self._rate - time.monotonic()

    def _is_late(self, ms: int) -> bool:
        return self._wait_s(ms) < -LATE_S

    def _set_anchor(self) -> None:
        self._anchor = (time.monotonic(), self._position)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def _say_from_thread(self, problem: str = "") -> None:
        if self._loop is not None and not self._ending:
            with contextlib.suppress(RuntimeError):  # the engine ends
                self._loop.call_soon_threadsafe(self._say, problem)

    def _say(self, problem: str = "") -> None:
        if self._index is None:
            return
        self.told = MailPlaying(
            position_ms=min(self._position, self._index.duration_ms),
            duration_ms=self._index.duration_ms,
            playing=self._playing and not problem,
            rate=self._rate,
            sound=self._index.sound,
            problem=problem,
        )
        self._tell(self.told)

    def _need(self) -> Index:
        if self._index is None:
            raise EngineRefusal("no_call: no video message is open")
        return self._index
