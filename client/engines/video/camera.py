"""The agent's camera: runs while somebody wants it, on a thread of its own, and comes back by itself."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
from av.video.reformatter import VideoReformatter

from client.domain.video import Cameras
from client.engines.video.camera_device import (
    NONE,
    SIGNER,
    CameraDevice,
    CameraTrouble,
    Open,
    list_cameras,
    open_camera,
)
from client.engines.video.pixels import show
from client.picture_ring import PictureWriter, ring_file

AGAIN_S = 1.5  # a camera that is away is tried again
LOOK_S = 4.0  # what is plugged in is looked at
VIDEO_CLOCK = 90_000
TIME_BASE = fractions.Fraction(1, VIDEO_CLOCK)
SIZES = {"480p": (640, 480), "720p": (1280, 720)}


class Camera:
    """Attributes: `size` — the largest picture sent; `newest` — the newest picture, its `pts` the steady clock in 1/90,000 s;
    None while there is none."""

    def __init__(
        self,
        directory: Path,
        chosen: str,
        size: tuple[int, int],
        tell: Callable[[Cameras], None],
        *,
        find: Callable[[], tuple[CameraDevice, ...]] = list_cameras,
        open_device: Open = open_camera,
        again_s: float = AGAIN_S,
        look_s: float = LOOK_S,
    ) -> None:
        self.size = size
        self.newest: av.VideoFrame | None = None
        self._directory = directory
        self._wish = chosen
        self._tell = tell
        self._find = find
        self._open = open_device
        self._again_s, self._look_s = again_s, look_s
        self._found: tuple[CameraDevice, ...] = ()
        self._problem = ""
        self._wanted: set[str] = set()
        self._run: _Run | None = None
        self._told: Cameras | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._settling = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look what there is, and go on looking."""
        self._found = await asyncio.to_thread(self._find)
        self._say()
        self._looking = asyncio.ensure_future(self._look())

    async def stop(self) -> None:
        """Let go of the camera."""
        if self._looking is not None:
            self._looking.cancel()
        self._wanted.clear()
        await self._settle()

    @property
    def wanted(self) -> frozenset[str]:
        """Who wants pictures."""
        return frozenset(self._wanted)

    @property
    def telling(self) -> Cameras:
        """How it stands."""
        names = tuple(device.name for device in self._found)
        if self._wish == SIGNER:
            names += (SIGNER,)
        chosen = self._chosen()
        problem = self._problem or ("" if chosen else NONE)
        return Cameras(
            names=names, chosen=chosen.name if chosen else "", on=self._run is not None and not problem, problem=problem
        )

    def may_choose(self, name: str) -> bool:
        """True for a camera that is there, for the signer, and for "" (the system's first)."""
        return name in ("", SIGNER) or any(device.name == name for device in self._found)

    async def choose(self, name: str) -> None:
        """Use this camera from now on."""
        self._wish, self._problem = name, ""
        await self._settle(anew=True)

    async def want(self, who: str, *, on: bool) -> None:
        """Somebody wants pictures, or no longer does."""
        (self._wanted.add if on else self._wanted.discard)(who)
        await self._settle()

    async def after(self, pts: int, seconds: float) -> av.VideoFrame | None:
        """The first picture later than `pts`, unless none comes in time."""
        if self.newest is not None and (self.newest.pts or 0) > pts:
            return self.newest
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiter, seconds)
        return self.newest if self.newest is not None and (self.newest.pts or 0) > pts else None

    # ── running it ───────────────────────────────────────────────────────────────────────────────

    def _chosen(self) -> CameraDevice | None:
        if self._wish == SIGNER:
            return CameraDevice(SIGNER, "")
        if self._wish:
            return next((device for device in self._found if device.name == self._wish), None)
        return next(iter(self._found), None)

    async def _settle(self, *, anew: bool = False) -> None:
        """Begin or end as is wanted now; one after another, since a device is let go of before it is taken."""
        async with self._settling:
            await self._begin_or_end(anew=anew)

    async def _begin_or_end(self, *, anew: bool) -> None:
        run, device = self._run, self._chosen()
        if run is not None and (anew or not self._wanted or device != run.device):
            self._run, self.newest, self._problem = None, None, ""
            run.stop()
            await asyncio.to_thread(run.join)
            self._say()  # its ring is gone: whoever reads pictures must look for the next one
        if self._run is None and self._wanted and device is not None:
            self._run = _Run(self, device, asyncio.get_running_loop())
            self._run.start()
        self._say()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            self._found = await asyncio.to_thread(self._find)
            await self._settle()

    def _say(self) -> None:
        if self.telling != self._told:
            self._told = self.telling
            self._tell(self._told)

    def _came(self, run: _Run, frame: av.VideoFrame) -> None:
        if run is not self._run:
            return
        self.newest = frame
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)
        if self._problem:
            self._problem = ""
            self._say()

    def _failed(self, run: _Run, problem: str) -> None:
        if run is self._run:
            self.newest, self._problem = None, problem
            self._say()


class _Run:
    """One thread with one device, from opening it to letting go of it, again and again while it fails."""

    def __init__(self, camera: Camera, device: CameraDevice, loop: asyncio.AbstractEventLoop) -> None:
        self.device = device
        self._camera = camera
        self._loop = loop
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._work, name="camera", daemon=True
        )  # a driver may hang: it must not hold us

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def join(self) -> None:
        self._thread.join(3)

    def _work(self) -> None:
        ring = PictureWriter(ring_file(self._camera._directory, ""))  # noqa: SLF001 — the same module
        try:
            while not self._over.is_set():
                try:
                    self._read(ring)
                except CameraTrouble as trouble:
                    self._report(self._camera._failed, str(trouble))  # noqa: SLF001
                    self._over.wait(self._camera._again_s)  # noqa: SLF001
        finally:
            ring.close()

    def _read(self, ring: PictureWriter) -> None:
        fit = _Fit(self._camera.size)
        with contextlib.closing(self._camera._open(self.device, self._camera.size)) as frames:  # type: ignore[type-var]  # noqa: SLF001
            for given in frames:
                if self._over.is_set():
                    return
                frame = fit(given)
                frame.pts = int(time.monotonic() * VIDEO_CLOCK)
                self._report(self._camera._came, frame)  # noqa: SLF001
                show(frame, ring)

    def _report(self, hear: Callable[..., None], what: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be gone before a hung driver comes back
            self._loop.call_soon_threadsafe(hear, self, what)


class _Fit:
    """Brings a camera's pictures to what is sent: planes, no larger than asked, of the same shape."""

    def __init__(self, largest: tuple[int, int]) -> None:
        self._largest = largest
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        scale = min(1.0, self._largest[0] / frame.width, self._largest[1] / frame.height)
        width, height = int(frame.width * scale) & ~1, int(frame.height * scale) & ~1
        if (width, height, frame.format.name) != (frame.width, frame.height, "yuv420p"):
            frame = self._reformatter.reformat(frame, width=width, height=height, format="yuv420p")
        frame.time_base = TIME_BASE
        return frame
