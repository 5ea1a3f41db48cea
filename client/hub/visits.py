"""A citizen begins a session from the centre's page, by chat or video, and ends it: what is the same for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.event import Body, CallEnded, PageEntered, SessionClosed, SessionOpened, ThreadEnded, new_event
from client.domain.ids import new_id
from client.domain.session_log import Draft, LogRefused, Opening, SessionView
from client.domain.words import Audience, Channel
from client.hub import intake
from client.hub.core import Hub
from client.hub.links import Link
from client.hub.places import waiting
from client.hub.problems import Refused

MAX_NAME = 50  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How a session begins: `queue` names it for agents, `actor` says it, `limit` — who may wait, `language` — of the
    session; "" is the page's."""

    channel: Channel
    queue: str
    actor: str
    limit: int
    language: str = ""


async def begin(hub: Hub, visit: Visit, language: str, name: str, once: str = "") -> Link:
    """A new session that waits; the same `once` again, a form sent twice, is the same session while it runs.

    503 `full` where too many wait.
    """
    session = await _begun(hub, visit, once) or await _open(hub, visit, language, name, once)
    entered = _draft(hub, session, PageEntered(language=language), visit.actor)
    await hub.log.append(session, lambda view: [] if view.having(PageEntered.type) else [entered])
    link, _token, _fresh = await hub.links.issue(session)
    return link


async def _begun(hub: Hub, visit: Visit, once: str) -> str:
    """The running session that this form began, or nothing."""
    if not once:
        return ""
    found = await hub.database.read(
        lambda connection: connection.execute(
            "SELECT session FROM session_key WHERE key = ?", (_key(visit, once),)
        ).fetchone()
    )
    return found[0] if found and not await is_over(hub, found[0]) else ""


async def _open(hub: Hub, visit: Visit, language: str, name: str, once: str) -> str:
    if len(waiting(hub, visit.channel)) >= visit.limit:
        raise Refused(503, "full", "too many citizens wait", {"Retry-After": "300"})
    session = new_id()
    spoken = visit.language or language
    opened = SessionOpened(channel=visit.channel, language=spoken, name=_plain(name), queue=visit.queue)
    keys = (_key(visit, once),) if once else ()
    done = await hub.log.open(Opening(session=session, keys=keys, draft=_draft(hub, session, opened, visit.actor)))
    if await is_over(hub, done.facts.id):  # sent again by the browser's "back" after the end
        return await _open(hub, visit, language, name, "")
    return done.facts.id


def _key(visit: Visit, once: str) -> str:
    return f"{visit.queue}:{once}"


def _plain(name: str) -> str:
    """A name without what could disguise it: line breaks, control and direction characters."""
    shown = "".join(c if c.isprintable() or c.isspace() else "" for c in name)
    return " ".join(shown.split())[:MAX_NAME]


async def is_over(hub: Hub, session: str) -> bool:
    """True once either side ended it, whether its agent still wraps it up or not."""
    facts = hub.rooms.get(session)
    if facts is None or facts.closed is not None:
        return True
    view, events = await hub.citizens.load(session)
    return view.call == "ended" or any(isinstance(taken.event.body, ThreadEnded) for taken in events)


async def end(hub: Hub, link: Link) -> None:
    """The citizen ends it: nobody's is closed, an agent's is for the agent to wrap up. Again changes nothing.

    409 `not-a-chat`: a telephone call is ended by hanging up.
    """

    def decide(view: SessionView) -> list[Draft]:
        channel = view.facts.channel
        if channel is not Channel.CHAT and not channel.is_web:
            raise LogRefused(409, "not-a-chat", "this session is no chat, video or web call")
        if view.facts.closed is not None or view.having(ThreadEnded.type, CallEnded.type):
            return []
        ended: Body = CallEnded(by="citizen") if channel.is_web else ThreadEnded(reason="ended")
        body = ended if view.facts.owner else SessionClosed(reason="citizen")
        return [_draft(hub, link.session, body, f"citizen:{link.id}")]

    await hub.log.append(link.session, decide)


def _draft(hub: Hub, session: str, body: Body, actor: str) -> Draft:
    # the citizen's page has to know of each of these, even of a thread's end, which other channels' pages need not
    said = new_event(session, body, at=hub.now(), audience=_AUDIENCE.get(body.type))
    return intake.one_draft(hub, said, actor)


_AUDIENCE = {ThreadEnded.type: Audience.CITIZEN}
