"""The video engine: calls with browsers, the camera, pictures and sound behind the requests of one desk."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from client.domain.call import Telling
from client.domain.codec import decode
from client.domain.video import MAIL, far_leg
from client.engines.server import EngineRefusal
from client.engines.video import requests as rq
from client.engines.video.call import Call, Outlet
from client.engines.video.camera import SIZES, Camera
from client.engines.video.mail_player import MailPlayer
from client.picture_ring import ring_file
from client.settings import Settings

CODECS = {"480p": ("VP8", "H264"), "720p": ("H264", "VP8")}  # measured: each is the cheaper one at its size
PREVIEW = " preview"  # not the name of any call


class VideoEngine:
    """`request`, `snapshot` and `stop` are what its server asks (`client.engines.server.Engine`)."""

    def __init__(self, settings: Settings, outlet: Outlet, directory: Path, camera: Camera | None = None) -> None:
        self._outlet = outlet
        self._directory = directory
        self._codecs = CODECS[settings.picture]
        self._camera = camera or Camera(directory, settings.camera, SIZES[settings.picture], outlet.tell)
        self._mail = MailPlayer(ring_file(directory, MAIL), outlet.tell)
        self._calls: dict[str, Call] = {}
        self._samples: dict[str, int] = {}  # of far legs whose call is between two connections
        self._tasks: set[asyncio.Task[None]] = set()
        self._ops: dict[str, tuple[type[Any], Callable[[Any], Any]]] = {
            "configure": (rq.Configure, self._configure),
            "preview": (rq.Preview, self._preview),
            "answer": (rq.Answer, self._answer),
            "show": (rq.Switch, lambda a: self._switch(a.call, lambda call: call.show(on=a.on))),
            "mute": (rq.Switch, lambda a: self._switch(a.call, lambda call: call.mute(on=a.on))),
            "hold": (rq.Switch, lambda a: self._switch(a.call, lambda call: call.hold(on=a.on))),
            "write": (rq.Write, lambda a: {"sent": self._call(a.call).write(a.text)}),
            "sound": (rq.Sound, lambda a: self._call(a.call).send_sound(a.port, a.token, a.leg)),
            "snapshot": (rq.OnCall, self._snapshot),
            "close": (rq.OnCall, self._close),
            "mail_play": (rq.MailPlay, lambda a: self._mail.play(Path(a.file))),
            "mail_pause": (rq.MailPause, lambda a: self._mail.pause(on=a.on)),
            "mail_seek": (rq.MailSeek, lambda a: self._mail.seek(a.ms)),
            "mail_rate": (rq.MailRate, lambda a: self._mail.rate(a.rate)),
            "mail_stop": (rq.MailStop, lambda _: self._mail.stop()),
        }

    async def start(self) -> None:
        """Look for cameras; none runs before it is wanted."""
        await self._camera.start()

    async def request(self, op: str, args: dict[str, Any]) -> object:
        """Meet a request; raises `EngineRefusal` or `BadInput`."""
        if op not in self._ops:
            raise EngineRefusal(f"there is no request {op}")
        kind, act = self._ops[op]
        answer = act(decode(kind, args, op))
        return await answer if asyncio.iscoroutine(answer) else answer

    def snapshot(self) -> Iterable[Telling]:
        """Cameras and calls as they are now."""
        mail = [self._mail.told] if self._mail.told else []
        return [
            self._camera.telling,
            *mail,
            *(told for call in self._calls.values() if (told := call.told) is not None),
        ]

    async def stop(self) -> None:
        """End every call politely, let go of the camera."""
        for call in list(self._calls.values()):
            await call.close()
            self._outlet.end_leg(far_leg(call.name))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._mail.stop()
        await self._camera.stop()

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    async def _configure(self, wanted: rq.Configure) -> None:
        if wanted.camera is None:
            return
        if not self._camera.may_choose(wanted.camera):
            raise EngineRefusal(f"no_camera: {wanted.camera} is not there")
        await self._camera.choose(wanted.camera)

    async def _preview(self, wanted: rq.Preview) -> None:
        problem = self._camera.telling.problem
        if wanted.on and problem:
            await self._camera.want(PREVIEW, on=True)  # it runs as soon as there is one
            raise EngineRefusal(f"no_camera: {problem}")
        await self._camera.want(PREVIEW, on=wanted.on)

    async def _answer(self, wanted: rq.Answer) -> dict[str, str]:
        call = self._calls.get(wanted.call)
        if call is None:
            call = self._new_call(wanted.call, shown=wanted.shown)
        try:
            sdp = await call.answer(wanted.generation, wanted.sdp, wanted.ice, wanted.languages)
        except EngineRefusal:
            if call.told is None and self._calls.get(wanted.call) is call:
                del self._calls[wanted.call]
                await call.close()
            raise
        await self._look()
        return {"sdp": sdp}

    def _new_call(self, name: str, *, shown: bool) -> Call:
        ring = ring_file(self._directory, name)
        samples = self._samples.pop(name, 0)
        call = Call(name, self._outlet, self._camera, ring, self._codecs, self._ended, shown=shown, samples=samples)
        self._calls[name] = call
        return call

    async def _switch(self, name: str, act: Callable[[Call], None]) -> None:
        act(self._call(name))
        await self._look()

    def _snapshot(self, wanted: rq.OnCall) -> dict[str, str]:
        return {"jpeg": base64.b64encode(self._call(wanted.call).snapshot()).decode("ascii")}

    async def _close(self, wanted: rq.OnCall) -> None:
        call = self._calls.pop(wanted.call, None)
        self._samples.pop(wanted.call, None)
        if call is not None:
            await call.close()
        self._outlet.end_leg(far_leg(wanted.call))
        await self._look()

    def _call(self, name: str) -> Call:
        if name not in self._calls:
            raise EngineRefusal("no_call: there is no such call now")
        return self._calls[name]

    # ── what calls say ───────────────────────────────────────────────────────────────────────────

    def _ended(self, call: Call) -> None:
        """A connection ended by itself; its page may come back, and its leg goes on counting then."""
        if self._calls.get(call.name) is call:
            del self._calls[call.name]
            self._samples[call.name] = call.samples
            task = asyncio.ensure_future(self._clear(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _clear(self, call: Call) -> None:
        await call.close()
        await self._look()

    async def _look(self) -> None:
        """The camera runs for whoever shows it, and for nobody else."""
        for name, call in list(self._calls.items()):
            await self._camera.want(name, on=call.looks)
        for gone in self._camera.wanted - {PREVIEW, *self._calls}:
            await self._camera.want(gone, on=False)
