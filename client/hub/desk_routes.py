"""The desks' face: sessions, their logs, signals and the stream. Paths and bodies stand in `client.wire`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from client import __version__
from client.domain.access import PERMISSIONS
from client.domain.session_log import Appended
from client.domain.signal import Mirror
from client.hub.auth import Asker, asker, hub_of
from client.hub.bodies import answer, answer_text, read
from client.hub.desk import Desk
from client.hub.desk_streams import for_person, info
from client.hub.event_stream import EventStream
from client.hub.ice import ice_servers
from client.hub.openapi import STORED_EVENTS, UUID7, After, SessionId, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.reader import Reader, dumps, frame
from client.wire import (
    MAX_PAGE,
    STREAM_HELLO,
    EventBatch,
    Health,
    IceList,
    Link,
    Me,
    Opened,
    OpenSession,
    Release,
    SessionInfo,
    SessionList,
    SignalBatch,
    Stored,
    StoredBatch,
    Transfer,
)

IN = (400, 413, 415, 422)  # what can be wrong with a body
SESSION = (401, 403, 404, 422)

routes = APIRouter(prefix="/v1", dependencies=[Depends(refuse_unknown_parameters)])


async def desk_of(request: Request, who: Annotated[Asker, Depends(asker)]) -> Desk:
    """The hub as this request's principal may use it."""
    return Desk(hub_of(request), who)


TheDesk = Annotated[Desk, Depends(desk_of)]


def _session(done: Appended, *, joined: bool = False, status: int = 200) -> Response:
    return answer(info(done.facts, joined=joined), status)


health_says = described(200, Health, also=(422,))
health_says["openapi_extra"]["x-open"] = True


@routes.get("/health", **health_says)
async def health(request: Request) -> Response:
    """Whether the hub serves, without a credential."""
    return answer(Health(status="ok", version=__version__, time=hub_of(request).stamp()))


@routes.get("/me", **described(200, Me, also=(401, 422)))
async def me(desk: TheDesk) -> Response:
    """Who this credential is, and the hub's clock."""
    person = desk.person
    permissions = tuple(sorted(PERMISSIONS[person.role]))
    return answer(
        Me(principal=person.id, name=person.name, role=person.role, permissions=permissions, time=desk.hub.stamp())
    )


@routes.get("/ice", **described(200, IceList, also=(401, 422)))
async def ice(desk: TheDesk) -> Response:
    """The centre's STUN and TURN servers; the credential is good for some hours."""
    return answer(IceList(servers=ice_servers(desk.hub.settings, desk.person.id, desk.hub.now())))


@routes.post(
    "/sessions",
    **described(201, SessionInfo, takes=OpenSession, others={200: SessionInfo}, also=(*IN, 401, 403, 409, 507)),
)
async def open_session(request: Request, desk: TheDesk) -> Response:
    """Open a session (201), or join the one that has its id or one of its keys (200)."""
    wish = await read(request, OpenSession)
    done = await desk.open(wish)
    known = done.before is not None
    return _session(done, joined=known and not done.taken, status=200 if known else 201)


@routes.get("/sessions", **described(200, SessionList, also=(401, 422)))
async def list_sessions(desk: TheDesk) -> Response:
    """Open sessions and those closed in the last 24 h that the principal may see, newest first."""
    return answer(SessionList(sessions=tuple(info(facts) for facts in desk.hub.rooms.seen_by(desk.person))))


@routes.get("/sessions/{session}", **described(200, SessionInfo, also=SESSION))
async def get_session(session: SessionId, desk: TheDesk) -> Response:
    """One session beside its log."""
    return answer(info(await desk.seen(session)))


@routes.post(
    "/sessions/{session}/events",
    **described(200, StoredBatch, takes=EventBatch, also=(*IN, 401, 403, 404, 409, 507)),
)
async def append(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """Store a batch, in order, all of it or nothing; an id that is there already is answered as `duplicate`."""
    batch = await read(request, EventBatch)
    return answer(stored(await desk.append(session, batch, len(await request.body()))))


def stored(done: Appended) -> StoredBatch:
    """What was stored, as the asker is told."""
    return StoredBatch(
        stored=tuple(
            Stored(
                id=taken.id,
                seq=taken.event.seq or 0,
                recorded=taken.event.recorded or "",
                duplicate=taken.duplicate,
            )
            for taken in done.taken
        )
    )


Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@routes.get(
    "/sessions/{session}/events", **described(200, contents={"application/json": STORED_EVENTS}, also=(*SESSION, 507))
)
async def events(session: SessionId, desk: TheDesk, after: After = 0, limit: Limit = MAX_PAGE) -> Response:
    """Events with seq > `after`, by seq. That another than the owner reads is logged, once an hour."""
    page = await desk.events(session, after, limit)
    return answer_text(f'{{"events":[{",".join(for_person(taken, desk.person) for taken in page)}]}}')


@routes.post("/sessions/{session}/opened", **described(204, takes=Opened, also=(*IN, 401, 403, 404, 507)))
async def opened(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """The person at the desk opened this session on the screen. Logged, the owner's too."""
    await desk.opened(session, await read(request, Opened))
    return Response(status_code=204)


@routes.post("/sessions/{session}/signals", **described(204, takes=SignalBatch, also=(*IN, 401, 403, 404)))
async def signals(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """Pass signals on."""
    await desk.signal(session, await read(request, SignalBatch))
    return Response(status_code=204)


@routes.post("/sessions/{session}/claim", **described(200, SessionInfo, also=(*SESSION, 409, 507)))
async def claim(session: SessionId, desk: TheDesk) -> Response:
    """Become the session's one owner; 409 `owned` if another is."""
    return _session(await desk.claim(session))


@routes.post(
    "/sessions/{session}/transfer", **described(200, SessionInfo, takes=Transfer, also=(*IN, 401, 403, 404, 409, 507))
)
async def transfer(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """Hand the session to a colleague."""
    wish = await read(request, Transfer)
    return _session(await desk.transfer(session, wish.to, wish.note))


@routes.post(
    "/sessions/{session}/release", **described(200, SessionInfo, takes=Release, also=(*IN, 401, 403, 404, 409, 507))
)
async def release(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """Back to the queue."""
    return _session(await desk.release(session, (await read(request, Release)).reason))


@routes.post("/sessions/{session}/close", **described(200, SessionInfo, also=(*SESSION, 409, 507)))
async def close(session: SessionId, desk: TheDesk) -> Response:
    """Nothing more is expected; late events are still taken."""
    return _session(await desk.close(session))


@routes.post("/sessions/{session}/link", **described(200, Link, also=(*SESSION, 507)))
async def link(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """The citizen's address; the same one while it is good. `expires` is empty while the session is open."""
    token, expires = await desk.link(session)
    return answer(Link(address=f"{request.app.state.public_url}/c/{token}", expires=expires))


@routes.post("/sessions/{session}/link/renew", **described(200, Link, also=(*SESSION, 507)))
async def renew_link(session: SessionId, request: Request, desk: TheDesk) -> Response:
    """A new address for the citizen; the one before opens nothing any more, and who came in by it is out."""
    token, expires = await desk.renew_link(session)
    return answer(Link(address=f"{request.app.state.public_url}/c/{token}", expires=expires))


OneSession = Annotated[str | None, Query(pattern=UUID7, description="Only this session.")]


@routes.get("/stream", **described(200, media="text/event-stream", also=(*SESSION, 507)))
async def stream(desk: TheDesk, session: OneSession = None) -> Response:
    """Everything that the principal may see, from now on (Server-Sent Events, names in `client.wire`). Logged."""
    hub = desk.hub
    seen = [await desk.watched(session)] if session else hub.rooms.seen_by(desk.person)
    reader = Reader(person=desk.person, session=session, origin=desk.asker.origin)
    reader.put(frame(STREAM_HELLO, dumps({"time": hub.stamp(), "principal": desk.person.id})))
    hub.desks.join(reader)
    if session is None:
        hub.later(desk.note("", "listen"))
    for facts in seen:
        for signal in hub.signals.of(facts.id):
            if not isinstance(signal.body, Mirror) or hub.looks.may_mirror(facts.id, reader):
                hub.desks.repeat(signal, [reader])
            else:
                hub.begin_mirror(facts.id, [reader])
    return EventStream(reader, lambda: hub.desks.leave(reader))
