"""What would kill the SIP library, done to it: each in a process of its own, for it may be started once in one.

`python -m tests.doubles.voice_dangers NAME` exits with 0 when the danger passed by.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import weakref

import pjsua2 as pj

from client.engines.voice import sip_events as ev
from client.engines.voice.bridge import PORT
from client.engines.voice.frame_bytes import FrameBytes
from client.engines.voice.pcm_port import PcmPort
from client.engines.voice.sip_call import SipCall
from client.engines.voice.sip_stack import SipStack, StackSettings
from tests.peers.sound import tones_in
from tests.waiting import until


class Loopback:
    """A stack whose calls ring at itself and are answered."""

    def __init__(self) -> None:
        self.events: list = []
        self.stack = SipStack(StackSettings(bind="127.0.0.1"), self.heard)
        self.account = self.stack.add_local_account("desk", "127.0.0.1")

    def heard(self, event: ev.SipEvent) -> None:
        self.events.append(event)
        if isinstance(event, ev.Incoming):
            self.stack.answer(event.call, 200)
        elif isinstance(event, ev.Media) and event.call in self.stack.calls:
            self.stack.bridge.renew(event.call, event.stream)

    def all(self, kind, **facts) -> list:
        found = [e for e in self.events if isinstance(e, kind)]
        return [e for e in found if all(getattr(e, name) == value for name, value in facts.items())]

    async def call(self, name: str) -> str:
        """A call to ourselves; the Call-ID of its answering half."""
        before = len(self.all(ev.Incoming))
        self.stack.dial(self.account, f"sip:{self.account}", {}, name)
        await until(lambda: self.all(ev.Moved, call=name, dialog=ev.Dialog.ANSWERED))
        await until(lambda: self.all(ev.Media, call=name))
        return self.all(ev.Incoming)[before].call

    async def end(self) -> None:
        self.stack.hang_up_all()
        await self.stack.until_quiet()
        self.stack.destroy()


async def a_dead_call_is_gone_at_once() -> None:
    """Without the garbage collector: a late `__del__` would hang up whatever call has its place by then."""
    phone = Loopback()
    gc.disable()
    for n in range(6):
        there = await phone.call(f"call-{n}")
        dead = [weakref.ref(phone.stack.calls[name]) for name in (f"call-{n}", there)]
        phone.stack.hang_up(f"call-{n}")
        await until(lambda: not phone.stack.calls)
        await until(lambda: all(ref() is None for ref in dead), 1, "both objects dead")  # noqa: B023
    gc.enable()
    await phone.end()


async def a_foreign_thread_is_refused() -> None:
    phone = Loopback()
    await phone.call("call")
    refused: list[str] = []

    def intrude() -> None:
        for act in (
            lambda: phone.stack.hang_up("call"),
            lambda: phone.stack.listen("tcp"),
            lambda: phone.stack.media("call", 0),
            lambda: phone.stack.add_local_account("x", "127.0.0.1"),
            phone.stack.destroy,
        ):
            try:
                act()
            except RuntimeError as error:
                refused.append(str(error))

    thread = threading.Thread(target=intrude)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert len(refused) == 5, refused
    assert "call" in phone.stack.calls
    await phone.end()


async def nothing_outlives_the_library() -> None:
    """Destroyed in mid-call, with ports in use: whatever is left would abort the process."""
    phone = Loopback()
    there = await phone.call("call")
    phone.stack.bridge.port("call")
    phone.stack.bridge.set_links({("call", PORT + "call"), (there, "speaker")})
    phone.stack.destroy()
    kinds = (pj.Call, pj.Account, pj.AudioMedia)
    left = [type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, kinds)]
    assert not left, left
    gc.collect()


async def an_exception_in_a_callback_is_told() -> None:
    phone = Loopback()
    await phone.call("call")
    port = phone.stack.bridge.port("call")

    def fail(*_: object) -> bytes:
        raise ValueError("on purpose")

    port.heard = port.said = fail
    phone.stack.bridge.set_links({("call", PORT + "call"), (PORT + "call", "call")})
    await until(lambda: phone.all(ev.CallbackFailed, where="frame"))
    port.heard = port.said = None
    del port  # what outlives the library aborts it, a test's variable too
    working = SipCall._media
    SipCall._media = fail
    phone.stack.hold("call")
    await until(lambda: phone.all(ev.CallbackFailed, where="onCallMediaState"))
    SipCall._media = working
    phone.stack.hang_up("call")
    await until(lambda: not phone.stack.calls)
    await phone.end()


async def without_pointers_sound_still_passes() -> None:
    phone = Loopback()
    there = await phone.call("call")
    frames = FrameBytes(by_pointer=False)
    heard: list[bytes] = []
    failed: list[Exception] = []
    ear, mouth = PcmPort("ear", frames, failed.append), PcmPort("mouth", frames, failed.append)
    ear.heard, mouth.said = heard.append, Tone().frame
    mouth.startTransmit(phone.stack.bridge._media["call"])
    phone.stack.bridge._media[there].startTransmit(ear)
    await until(lambda: tones_in(b"".join(heard[-30:])) == {440}, 10, "440 Hz")
    assert not failed
    phone.stack.hang_up_all()
    await phone.stack.until_quiet()
    phone.stack._endpoint.audDevManager().setNoDev()
    del ear, mouth
    await phone.end()


class Tone:
    def __init__(self) -> None:
        import numpy as np

        self._frames = (8_000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.int16).reshape(-1, 320)
        self._at = 0

    def frame(self) -> bytes:
        self._at = (self._at + 1) % len(self._frames)
        return self._frames[self._at].tobytes()


DANGERS = {
    act.__name__: act
    for act in (
        a_dead_call_is_gone_at_once,
        a_foreign_thread_is_refused,
        nothing_outlives_the_library,
        an_exception_in_a_callback_is_told,
        without_pointers_sound_still_passes,
    )
}

if __name__ == "__main__":
    asyncio.run(DANGERS[sys.argv[1]]())
