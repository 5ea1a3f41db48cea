"""Web chat: a citizen begins a session from the homepage, waits in a queue and knows their place in it."""

from __future__ import annotations

import asyncio

from client.domain.event import Body, PageEntered, SessionClosed, SessionOpened, ThreadEnded, new_event
from client.domain.ids import new_id
from client.domain.session_log import Appended, Draft, LogRefused, Opening, SessionView
from client.domain.signal import QueuePlace, Signal
from client.domain.words import Audience, Channel
from client.hub import intake
from client.hub.core import Hub
from client.hub.links import Link
from client.hub.problems import Refused

ACTOR = "gateway:web-chat"
MAX_NAME = 50  # characters
CALM_S = 0.2  # so that a rush of citizens is told their places once


async def begin(hub: Hub, language: str, name: str, once: str = "") -> Link:
    """A new chat, waiting for an agent; the same `once` again, a form sent twice, is the same chat while it runs.

    503 `chat-full` where too many wait.
    """
    session = await _begun(hub, once) or await _open(hub, language, name, once)
    entered = _draft(hub, session, PageEntered(language=language), ACTOR)
    await hub.log.append(session, lambda view: [] if view.having(PageEntered.type) else [entered])
    link, _token, _fresh = await hub.links.issue(session)
    return link


async def _begun(hub: Hub, once: str) -> str:
    """The running chat that this form began, or nothing."""
    if not once:
        return ""
    found = await hub.database.read(
        lambda connection: connection.execute("SELECT session FROM session_key WHERE key = ?", (_key(once),)).fetchone()
    )
    return found[0] if found and not await is_over(hub, found[0]) else ""


async def _open(hub: Hub, language: str, name: str, once: str) -> str:
    if len(_waiting(hub)) >= hub.settings.chat_limit:
        raise Refused(503, "chat-full", "too many citizens wait", {"Retry-After": "300"})
    session = new_id()
    opened = SessionOpened(channel=Channel.CHAT, language=language, name=_plain(name), queue="chat")
    keys = (_key(once),) if once else ()
    done = await hub.log.open(Opening(session=session, keys=keys, draft=_draft(hub, session, opened, ACTOR)))
    if await is_over(hub, done.facts.id):  # sent again by the browser's "back" after the end
        return await _open(hub, language, name, "")
    return done.facts.id


def _key(once: str) -> str:
    return f"chat:{once}"


def _plain(name: str) -> str:
    """A name without what could disguise it: line breaks, control and direction characters."""
    shown = "".join(c if c.isprintable() or c.isspace() else "" for c in name)
    return " ".join(shown.split())[:MAX_NAME]


async def is_over(hub: Hub, session: str) -> bool:
    """True once either side ended the chat, whether its agent still wraps it up or not."""
    facts = hub.rooms.get(session)
    if facts is None or facts.closed is not None:
        return True
    _view, events = await hub.citizens.load(session)
    return any(isinstance(taken.event.body, ThreadEnded) for taken in events)


async def end(hub: Hub, link: Link) -> None:
    """The citizen ends it: nobody's is closed, an agent's is for the agent to wrap up. Again changes nothing.

    409 `not-a-chat`: a call is ended by hanging up.
    """

    def decide(view: SessionView) -> list[Draft]:
        if view.facts.channel is not Channel.CHAT:
            raise LogRefused(409, "not-a-chat", "this session is no web chat")
        if view.facts.closed is not None or view.having(ThreadEnded.type):
            return []
        body = ThreadEnded(reason="ended") if view.facts.owner else SessionClosed(reason="citizen")
        return [_draft(hub, link.session, body, f"citizen:{link.id}")]

    await hub.log.append(link.session, decide)


def _draft(hub: Hub, session: str, body: Body, actor: str) -> Draft:
    # the citizen's page has to know of each of these, even of a thread's end, which other channels' pages need not
    said = new_event(session, body, at=hub.now(), audience=_AUDIENCE.get(body.type))
    return intake.one_draft(hub, said, actor)


_AUDIENCE = {ThreadEnded.type: Audience.CITIZEN}


def _waiting(hub: Hub) -> list[str]:
    """Chats that nobody has, the longest waiting first."""
    waiting = [facts for facts in hub.rooms.waiting() if facts.channel is Channel.CHAT]
    return [facts.id for facts in sorted(waiting, key=lambda facts: (facts.opened, facts.id))]


class ChatQueue:
    """Tells every waiting chat its place, and one that an agent took that it was taken."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._due: asyncio.TimerHandle | None = None
        hub.log.listen(self._follow)

    def tell(self) -> None:
        """Where everybody stands now."""
        self._due = None
        for facts in self._hub.rooms.open_of(Channel.CHAT):
            if facts.owner is not None:
                self._say(facts.id, QueuePlace(ahead=0, taken=True))
        for ahead, session in enumerate(_waiting(self._hub)):
            self._say(session, QueuePlace(ahead=ahead))

    def _follow(self, done: Appended) -> None:
        before, facts = done.before, done.facts
        if facts.channel is not Channel.CHAT:
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
