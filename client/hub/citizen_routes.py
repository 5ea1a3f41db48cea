"""The citizens' face: what the page under `/c/{token}` may ask. Everything else of the hub does not exist here.

JSON in and out; every error is `application/problem+json` (`code` is for programs, `detail` for persons). Every POST
must carry the page's own `Origin` (browsers send it by themselves); another or none is refused with 403 `bad-origin`.

* `GET /c/{token}` — the page as HTML. Changes nothing: preview robots open links. 404 page where the token opens nothing.
* `GET /c/static/{file}` — files of `resources/citizen`, with an `ETag`; `?v=<hash>` makes the answer cacheable for a year.
* `POST /c/{token}/enter` `{"language": "ko"}` — exchanges the token for an HttpOnly cookie and writes `page.entered`.
  204. Again with the cookie of the same link: 204 and nothing is written, so a reload may enter by itself. 404
  `unknown-link`, 410 `link-expired`, 429 `too-many` with `Retry-After`. 409 `link-in-use` while another browser is on the
  page (its stream is open, or was less than 20 s ago): a link is for one at a time, and the agent is told
  (`page.refused`). Entering ends the browser's cookie of another link, and the cookie of one that has gone.

With the cookie (401 `not-entered` without; 410 `link-expired` when the link has ended meanwhile):

* `GET /c/api/state` →
  `{"session", "language", "centre", "time", "closed", "call", "last_seq", "events": [event…], "signals": [signal…],
  "consents": {purpose: given}, "screen": {"push", "screen", "delivered", "opened", "answers" or null} or null}`.
  `call` is `none`, `ringing`, `active`, `held` or `ended`; `events` are all that the citizen may see, by `seq` (which has
  holes here: others are not for the citizen); `screen` is the newest push that was not withdrawn; `consents` the last
  answer per purpose.
* `GET /c/api/stream[?after=seq]` — Server-Sent Events. Start with `after=<last_seq of the state>`; on reconnecting
  the browser's own `Last-Event-ID` takes its place: what was missed comes first, nothing is missed. Events:
  `hello` `{"time", "session"}` · `event` an event as JSON, `id:` its seq · `signal` a signal as JSON ·
  `session` `{"closed", "call"}` at the start and at every change · `heads` `{"heads": {session: last seq visible here}}` at the
  start and every 10 s (also the sign of life: nothing for 25 s means that the connection is dead).
  The stream's end is told to the agent as page state `gone`; the mirror is dropped when it stays away.
* `POST /c/api/events` `{"events": [{"id": UUIDv7, "at": RFC 3339, "type", "body"}…]}` →
  `{"stored": [{"id", "seq", "recorded", "duplicate"}…]}`. Types: `message.sent` `{"party": "citizen", "text", "language"}`,
  `screen.delivered` / `screen.opened` `{"push"}`, `screen.answered` `{"push", "answers"}`,
  `screen.withdrawn` `{"push", "party": "citizen"}`, `consent.answered` `{"purpose", "given", "version", "language"}`
  (`version` of the wording in `resources/citizen/consent`, and the days in it: `2026-11-1/90d`).
  The whole batch or nothing. The same `id` again is one event (`duplicate` true), so an unanswered POST is repeated with
  its ids. A second `delivered` or `opened` of one push answers `duplicate` too. 422 `bad-input` with `field` (for answers
  `events.0.body.answers.<field>`); 403 `no-consent` for a form's answers without consent `form:<push>`; 404 `unknown-push`;
  409 `already-answered`, `withdrawn`, `id-reused`, `chat-over` (words to an ended web chat); 413 `too-large`; 429 `too-many` with `Retry-After`; 507 `store-full`.
* `POST /c/api/signals` `{"signals": [{"key", "kind", "body"}…]}` → 204. Kinds: `mirror` `{"push", "values", "focus",
  "scroll"}` (403 `no-consent` unless `share_screen` is given now), `typing` `{"party": "citizen", "on"}` with key
  `typing:citizen`, `page` `{"state": "open" | "hidden"}`; for video `video_offer`, `media:citizen` and
  `live_text:citizen` as `client.domain.signal` describes them.
* `GET /c/api/ice` → `{"servers": [{"urls", "username", "credential"}…]}`, for `RTCPeerConnection`.
* `POST /c/api/leave` — ends this cookie; the link stays good. 204.

`session` in an event or signal may be left out; the hub knows it. A page always says it: entering another link in the same
browser changes the cookie of all its tabs, and 422 with field `events.0.session` tells the older tab. Captions reach the
page as `caption.said` (parties other than the citizen, heard by the citizen), running ones as signal `caption:<leg>` with
`stable` and `provisional` (empty both: nothing was said after all), corrections as `caption.corrected` `{"caption": event
id, "text"}`. An erased event is followed by `log.erased` `{"events": [id…]}` and reads `log.emptied` from then on.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from client.hub import pages
from client.hub.auth import hub_of, origin_of
from client.hub.bodies import answer, read
from client.hub.citizen import CitizenPage
from client.hub.event_stream import EventStream
from client.hub.ice import ice_servers
from client.hub.links import Link
from client.hub.openapi import After, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.problems import Refused
from client.hub.reader import Reader, dumps, frame
from client.wire import STREAM_HELLO, CitizenState, Enter, EventBatch, IceList, SignalBatch, Stored, StoredBatch

COOKIE = "ieum"
COOKIE_PATH = "/c/"
ROOM = "/c/video/room"  # of sessions by video and calls from the homepage

routes = APIRouter(prefix="/c")  # an address may come back with a link shortener's own parameters
api = APIRouter(prefix="/c/api", dependencies=[Depends(refuse_unknown_parameters)])


def require_origin(request: Request) -> None:
    """Only the page itself may post: a request from elsewhere would carry the citizen's cookie (CSRF)."""
    if request.headers.get("origin") not in request.app.state.origins:
        raise Refused(403, "bad-origin", "requests are taken from the citizen's page alone")


def page_of(request: Request) -> CitizenPage:
    """The page behind the request's cookie."""
    hub = hub_of(request)
    link = hub.links.by_cookie(request.cookies.get(COOKIE, ""))
    if link is None:
        raise Refused(401, "not-entered", "open the link first", {"WWW-Authenticate": 'Cookie realm="link"'})
    if not hub.links.alive(link):
        raise Refused(410, "link-expired", "this link has ended; ask the agent for a new one")
    return CitizenPage(hub, link)


def _link(request: Request, token: str) -> Link:
    """The link that a token opens. Guessing is slowed down; who is inside already does not notice."""
    hub = hub_of(request)
    link = hub.links.by_token(token)
    if link is None:  # a guesser must not shut out who has the right address behind the same router
        hub.wrong_tokens.take(origin_of(request))
        raise Refused(404, "unknown-link", "this link opens nothing; ask the agent for a new one")
    if not hub.links.alive(link):
        raise Refused(410, "link-expired", "this link has ended; ask the agent for a new one")
    return link


@routes.get("/{token}", **described(media="text/html", pages=(404, 410, 429)))
async def door(request: Request, token: str) -> Response:
    """The page as HTML. Changes nothing."""
    settings = hub_of(request).settings
    language = request.headers.get("accept-language", "")
    try:
        link = _link(request, token)
    except Refused as refused:
        html = pages.trouble_page(language, settings.centre_name, refused.status)
        return HTMLResponse(html, refused.status, headers=dict(refused.headers or {}))
    facts = hub_of(request).rooms.get(link.session)
    room = ROOM if facts is not None and facts.channel.is_web else ""
    html = pages.page(language, settings.centre_name, keep_days=settings.keep_content_days, room=room)
    return HTMLResponse(html)


@routes.post("/{token}/enter", **described(204, takes=Enter, also=(400, 403, 404, 409, 410, 413, 415, 422, 429, 507)))
async def enter(request: Request, token: str) -> Response:
    """Exchange the token for a cookie."""
    require_origin(request)
    hub, link = hub_of(request), _link(request, token)
    wish = await read(request, Enter)
    page, before = CitizenPage(hub, link), request.cookies.get(COOKIE, "")
    async with link.door:
        if hub.links.by_cookie(before) is link:
            return Response(status_code=204)
        if hub.links.in_use(link):
            await page.refuse()
            raise Refused(
                409, "link-in-use", "this page is open in another browser; close it there or ask for a new link"
            )
        await page.enter(wish.language)
        value = await hub.links.enter(link, before)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        value,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure,
    )
    return response


@api.get("/state", **described(200, CitizenState, also=(401, 410, 422)))
async def state(request: Request) -> Response:
    """All that the page shows."""
    return answer(await page_of(request).state())


@api.get("/stream", **described(media="text/event-stream", also=(401, 410, 422)))
async def stream(request: Request, after: After = 0) -> Response:
    """Server-Sent Events from seq `after` on, or from `Last-Event-ID`."""
    page, hub = page_of(request), hub_of(request)
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else after  # noqa: PLR2004 — a safe integer
    reader = Reader(person=None, session=page.session)
    reader.put(frame(STREAM_HELLO, dumps({"time": hub.stamp(), "session": page.session})))
    await hub.citizens.join(reader, page.session, seen, hub.signals.of(page.session))
    cookie = request.cookies.get(COOKIE, "")
    hub.links.joined(cookie, reader)
    page.page_state("open")

    def gone() -> None:
        hub.links.left(cookie, reader)
        if hub.citizens.leave(reader, page.session):
            page.page_state("gone")
            page.forget_mirror()

    return EventStream(reader, gone)


@api.post(
    "/events",
    **described(200, StoredBatch, takes=EventBatch, also=(400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 507)),
)
async def post_events(request: Request) -> Response:
    """Store the citizen's events."""
    require_origin(request)
    page = page_of(request)
    batch = await read(request, EventBatch)
    done = await page.post(batch.events, len(await request.body()))
    return answer(
        StoredBatch(
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
    )


@api.post(
    "/signals",
    **described(204, takes=SignalBatch, also=(400, 401, 403, 404, 410, 413, 415, 422, 429)),
)
async def post_signals(request: Request) -> Response:
    """Pass the citizen's signals on."""
    require_origin(request)
    page = page_of(request)
    await page.signal((await read(request, SignalBatch)).signals)
    return Response(status_code=204)


@api.get("/ice", **described(200, IceList, also=(401, 410, 422)))
async def ice(request: Request) -> Response:
    """The centre's STUN and TURN servers; the credential is good for some hours."""
    page, hub = page_of(request), hub_of(request)
    return answer(IceList(servers=ice_servers(hub.settings, page.link.id, hub.now())))


@api.post("/leave", **described(204, also=(401, 403, 410, 422, 507)))
async def leave(request: Request) -> Response:
    """End this cookie."""
    require_origin(request)
    page_of(request)
    await hub_of(request).links.leave(request.cookies.get(COOKIE, ""))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
