"""Signed video messages on the citizens' face. The page is `GET /c/sign/mail[?lang=en]`; every request but the page's own
bears `Upload-Key`, which the page made: who has it may upload, look, take back.

* `POST /c/api/videomail` `{"id", "key", "media_type"}` — a place for a message: 201 with `Upload-Offset`; again is the same.
* `PATCH /c/api/videomail/{id}` with `Upload-Offset` — a piece of at most 1 MB (`application/offset+octet-stream`): 204 with the
  new offset; the same piece again is the same; 409 `wrong-offset` with the right one; 413 `too-large`.
* `HEAD /c/api/videomail/{id}` — `Upload-Offset`. `DELETE` — not sent: gone; sent: erased. 204.
* `POST /c/api/videomail/{id}/finish` `{"bytes", "seconds", "number", "name", "language"}` → its state. 409 `incomplete` with the
  offset; 422 on `file`, `seconds`, `number`. Again is the same message.
* `GET /c/api/videomail/{id}` → how it stands and what was answered.
* `POST /c/api/videomail/{id}/enter` — a cookie for `/c/video/room`, where a counselor calls back by video. 204.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from client.domain.codec import BadInput
from client.domain.event import MessageSent
from client.domain.ids import is_id
from client.domain.session_log import LogRefused
from client.domain.words import Party
from client.hub import video_pages
from client.hub.auth import hub_of, origin_of
from client.hub.bodies import answer, read
from client.hub.chat_routes import with_cookie
from client.hub.citizen import LANGUAGE
from client.hub.citizen_routes import COOKIE, require_origin
from client.hub.openapi import UUID7, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.problems import Refused
from client.hub.shield import CSP_PAGE
from client.hub.video_routes import MAY
from client.hub.videomail import Videomails, Wish
from client.hub.videomail_pages import mail_page
from client.hub.videomail_shelf import Note
from client.wire import BeginVideomail, FinishVideomail, VideomailState

KEY = range(16, 101)  # characters
MAX_NAME = 50
REVIEW = f"{CSP_PAGE}; media-src blob:"  # the citizen looks at the recording before it is sent

routes = APIRouter(prefix="/c")
api = APIRouter(prefix="/c/api/videomail", dependencies=[Depends(refuse_unknown_parameters)])

Id = Annotated[str, Path(pattern=UUID7)]
Key = Annotated[str, Header(alias="Upload-Key", min_length=KEY.start, max_length=KEY.stop - 1)]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0)]


@routes.get("/sign/mail", **described(media="text/html", others={303: None}, open_=True))
async def page(request: Request, lang: str = "") -> Response:
    """Where a message is recorded, and where its citizen comes back to."""
    settings = hub_of(request).settings
    if not (settings.video_on and settings.videomail):
        return RedirectResponse("/c/sign", 303)
    wish = lang or request.headers.get("accept-language", "")
    html = mail_page(video_pages.spoken(wish), settings)
    return HTMLResponse(html, headers={**MAY, "content-security-policy": REVIEW})


@api.post("", **described(201, takes=BeginVideomail, also=(400, 403, 404, 409, 413, 415, 422, 429, 503, 507)))
async def begin(request: Request) -> Response:
    """A place for a message."""
    require_origin(request)
    hub, wish = hub_of(request), await read(request, BeginVideomail)
    if not (hub.settings.video_on and hub.settings.videomail):
        raise LogRefused(404, "no-videomail", "no video messages are taken here")
    if not is_id(wish.id):
        raise BadInput("id", "must be a UUIDv7")
    if len(wish.key) not in KEY:
        raise BadInput("key", f"must have {KEY.start} to {KEY.stop - 1} characters")
    hub.chats_begun.take(origin_of(request))
    return _at(await Videomails(hub).begin(wish.id, wish.key, wish.media_type), 201)


@api.patch("/{mail}", **described(204, also=(403, 404, 409, 413, 415, 422, 429, 507)))
async def append(request: Request, mail: Id, key: Key, offset: Offset) -> Response:
    """A piece."""
    require_origin(request)
    hub = hub_of(request)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/offset+octet-stream":
        raise Refused(415, "not-a-piece", "the body must be application/offset+octet-stream")
    hub.citizen_posts.take(mail)
    return _at(await Videomails(hub).append(mail, key, offset, await request.body()), 204)


@api.head("/{mail}", **described(200, also=(404, 422)))
async def offset(request: Request, mail: Id, key: Key) -> Response:
    """How much is there."""
    return _at(await Videomails(hub_of(request)).offset(mail, key), 200)


@api.get("/{mail}", **described(200, VideomailState, also=(404, 422)))
async def state(request: Request, mail: Id, key: Key) -> Response:
    """How it stands and what was answered."""
    mails = Videomails(hub_of(request))
    return answer(await _state(mails, request, await mails.note(mail, key)))


@api.post(
    "/{mail}/finish",
    **described(200, VideomailState, takes=FinishVideomail, also=(400, 403, 404, 409, 413, 415, 422, 429, 507)),
)
async def finish(request: Request, mail: Id, key: Key) -> Response:
    """Leave it for a counselor."""
    require_origin(request)
    hub, said = hub_of(request), await read(request, FinishVideomail)
    hub.citizen_posts.take(mail, 5)
    if not LANGUAGE.fullmatch(said.language):
        raise BadInput("language", "must be a language tag (BCP 47)")
    name = " ".join("".join(c if c.isprintable() else " " for c in said.name).split())[:MAX_NAME]
    wish = Wish(bytes=said.bytes, seconds=said.seconds, number=said.number, name=name, language=said.language)
    mails = Videomails(hub)
    return answer(await _state(mails, request, await mails.finish(mail, key, wish)))


@api.delete("/{mail}", **described(204, also=(403, 404, 422, 507)))
async def discard(request: Request, mail: Id, key: Key) -> Response:
    """Take it back."""
    require_origin(request)
    await Videomails(hub_of(request)).discard(mail, key)
    return Response(status_code=204)


@api.post("/{mail}/enter", **described(204, also=(403, 404, 409, 410, 422, 507)))
async def enter(request: Request, mail: Id, key: Key) -> Response:
    """Into the room of its session, where a counselor calls back."""
    require_origin(request)
    hub = hub_of(request)
    note = await Videomails(hub).note(mail, key)
    facts = hub.rooms.get(note.session) if note.done else None
    if facts is None or facts.closed is not None:
        raise LogRefused(410, "over", "nobody calls back in this session any more")
    link, _token, _fresh = await hub.links.issue(note.session)
    value = await hub.links.enter(link, request.cookies.get(COOKIE, ""))
    return with_cookie(request, Response(status_code=204), value)


async def _state(mails: Videomails, request: Request, note: Note) -> VideomailState:
    hub = hub_of(request)
    if not note.session:
        return VideomailState(state="uploading", offset=await mails.offset_of(note))
    view, taken = await hub.citizens.load(note.session)
    facts = await hub.facts(note.session)
    bodies = [one.event.body for one in taken]
    said = [body.text for body in bodies if isinstance(body, MessageSent) and body.party is Party.AGENT]
    kept = bool(await hub.attachments.films(note.session))
    stands = "closed" if view.closed else "taken" if facts.owner else "waiting"
    return VideomailState(
        state=stands if kept else "erased",
        offset=note.size,
        seconds=note.seconds,
        keep_until=note.keep_until,
        video=view.call in ("active", "held"),
        messages=tuple(said),
    )


def _at(offset_: int, status: int) -> Response:
    return Response(status_code=status, headers={"Upload-Offset": str(offset_)})
