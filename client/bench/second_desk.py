"""A second desk of the same agent, without window and engines: what it sees of a session came over the hub's stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from client.adapters.clock import LoopClock
from client.adapters.hub_http import HttpHub
from client.composition import load_catalogue, load_codes
from client.domain.timeline import Change, NoteLine
from client.fakes.outbox import MemoryOutbox
from client.fakes.speech import FakeSpeech
from client.fakes.telephony import FakePhone
from client.fakes.video import FakeVideo
from client.services.desk import Desk, Ports
from client.services.policy import Policy

SETTLE_S = 0.05  # a stream that is cut off between two events complains when it is collected


class SecondDesk:
    """The services that read a session. Attributes: `desk`; `notes` — a note's text → when its timeline had it (perf_counter)."""

    def __init__(self, hub: HttpHub) -> None:
        clock = LoopClock()
        ports = Ports(
            telephony=FakePhone(clock.now),
            video=FakeVideo(clock.now),
            speech=FakeSpeech(),
            hub=hub,
            outbox=MemoryOutbox(),
            clock=clock,
        )
        self.desk = Desk(ports, Policy(captions=False), load_catalogue(), load_codes())
        self.notes: dict[str, asyncio.Future[float]] = {}

    def watch(self, session: str) -> None:
        """Note the moment of every line that this session gets from now on."""
        timeline = self.desk.sessions.timeline(session)

        def changed(change: Change, index: int) -> None:
            line = timeline.lines[index] if change is Change.ADDED else None
            if isinstance(line, NoteLine):
                self.arrival(line.text).set_result(time.perf_counter())

        timeline.listen(changed)

    def arrival(self, text: str) -> asyncio.Future[float]:
        """When the note with this text came."""
        return self.notes.setdefault(text, asyncio.get_running_loop().create_future())


@asynccontextmanager
async def second_desk(url: str, token: str) -> AsyncIterator[SecondDesk]:
    """A second desk at a hub."""
    hub = HttpHub()
    hub.aim(url, token)
    second = SecondDesk(hub)
    second.desk.log.start()
    try:
        yield second
    finally:
        await asyncio.sleep(SETTLE_S)
        await second.desk.stop()
        await hub.disconnect()
