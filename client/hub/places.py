"""Everybody who waits knows their place: of chats, of sign-language video and of calls from the homepage, each in a queue of its own."""

from __future__ import annotations

import asyncio

from client.domain.session_log import Appended
from client.domain.signal import QueuePlace, Signal
from client.domain.words import Channel
from client.hub.core import Hub

QUEUES = (Channel.CHAT, Channel.SIGN_VIDEO, Channel.WEB_CALL)
CALM_S = 0.2  # so that a rush of citizens is told their places once


def waiting(hub: Hub, channel: Channel) -> list[str]:
    """Sessions of a channel that nobody has, the longest waiting first; who left a video message does not wait."""
    mail = hub.videomail.sessions
    there = [facts for facts in hub.rooms.waiting() if facts.channel is channel and facts.id not in mail]
    return [facts.id for facts in sorted(there, key=lambda facts: (facts.opened, facts.id))]


class Places:
    """Tells every waiting session its place, and one that an agent took that it was taken."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._due: asyncio.TimerHandle | None = None
        hub.log.listen(self._follow)

    def tell(self) -> None:
        """Where everybody stands now."""
        self._due = None
        for channel in QUEUES:
            for facts in self._hub.rooms.open_of(channel):
                if facts.owner is not None:
                    self._say(facts.id, QueuePlace(ahead=0, taken=True))
            for ahead, session in enumerate(waiting(self._hub, channel)):
                self._say(session, QueuePlace(ahead=ahead))

    def _follow(self, done: Appended) -> None:
        before, facts = done.before, done.facts
        if facts.channel not in QUEUES:
            return
        if before is not None and (before.owner, before.closed) == (facts.owner, facts.closed):
            return
        if facts.owner is not None and facts.closed is None:
            self._say(facts.id, QueuePlace(ahead=0, taken=True))
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(CALM_S, self.tell)

    def _say(self, session: str, place: QueuePlace) -> None:
        held = [signal.body for signal in self._hub.signals.of(session) if signal.key == QueuePlace.kind]
        if held != [place] and self._hub.rooms.get(session) is not None:
            self._hub.signal(Signal(session=session, key=QueuePlace.kind, body=place))
