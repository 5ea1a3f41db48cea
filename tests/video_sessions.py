"""A desk on the fakes in a session by video or a web call, with or without a sound of the citizen."""

from __future__ import annotations

import asyncio

from client.domain.signal import Signal, VideoAnswer, VideoOffer, VideoWish
from client.domain.words import Channel
from client.services.notices import TroubleTold
from client.services.policy import Policy
from tests.desks import FakeDesk, fake_desk
from tests.waiting import until

SOUND = "v=0\r\nm=video 9 x\r\nm=audio 9 x\r\n"
SILENT = "v=0\r\nm=video 9 x\r\n"


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(30):
        await asyncio.sleep(0)


async def started(policy: Policy | None = None, **parts: object) -> FakeDesk:
    """A desk that runs; `troubles` is what its agent was told."""
    rig = fake_desk(policy or Policy(signs=True), **parts)
    rig.troubles = []
    rig.desk.publisher.subscribe(TroubleTold, rig.troubles.append)
    rig.desk.start()
    await until(lambda: rig.desk.log.connected)
    return rig


async def talking(rig: FakeDesk, sdp: str = SOUND, channel: Channel = Channel.SIGN_VIDEO, language: str = "kvk") -> str:
    """A citizen is answered and connected; the session."""
    session = rig.hub.citizen_opens(channel, language=language)
    await until(lambda: session in rig.desk.sessions)
    await rig.desk.video.answer(session)
    await until(lambda: told(rig, VideoWish))
    await offered(rig, session, 1, sdp)
    return session


async def offered(rig: FakeDesk, session: str, generation: int, sdp: str = SOUND) -> None:
    """The page offers, and its connection stands."""
    rig.hub.pass_on(Signal(session=session, key=VideoOffer.kind, body=VideoOffer(generation=generation, sdp=sdp)))
    await until(lambda: any(answer.generation == generation for answer in told(rig, VideoAnswer)))
    rig.video.far_connect(session)
    await settle()


def told(rig: FakeDesk, kind: type) -> list:
    """What was signalled of a kind."""
    return [signal.body for signal in rig.hub.signals if isinstance(signal.body, kind)]


def bodies(rig: FakeDesk, session: str, kind: type) -> list:
    """What the session's log says of a kind."""
    return [event.body for event in rig.hub.logs.get(session, []) if isinstance(event.body, kind)]


async def said(rig: FakeDesk, leg: str, text: str) -> None:
    """Somebody speaks."""
    rig.speech.finish(leg, text)
    await settle()
