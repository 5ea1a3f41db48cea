"""The web chat on the citizens' face. Pages at `/c/chat`, what the room asks beside the citizen page's own `/c/api`.

Under `/c/` like every address of a citizen's, so that one cookie and one line in a proxy reach them all; `GET /chat` leads
here for addresses in print.

* `GET /c/chat[?lang=ko]` — where a chat begins, in six languages; with a running chat's cookie: 303 into its room.
* `POST /c/chat/begin` (form: `language`, `name`, `once`) — a new chat: 303 into the room, with a cookie that outlives the tab
  and the browser. The same `once` again is the same chat. Too many wait, or the hub is busy or full: the page says so.
* `GET /c/chat/room` — the room; each look keeps the cookie for another week. `GET /c/chat/button.js` — the button for the
  centre's homepage (for chat, sign-language video or a call), which opens a new tab: a frame in another site's page would have no cookie and could be clicked unseen.
* `POST /c/api/attachments?id=…&name=…` — a file, its bytes as the body → 201 `Attachment`; the same id again is the same file.
* `GET /c/api/attachments/{id}` — a file of this session. `GET /c/api/transcript?format=txt|html` — what the citizen may see.
* `POST /c/api/end` — the citizen ends the chat, video or web call. 204; 409 `not-a-chat` on a telephone call's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from client.domain.attachment import Attachment
from client.domain.words import Channel
from client.hub import chat_pages, visits
from client.hub.attachments.serving import download
from client.hub.auth import hub_of, origin_of
from client.hub.bodies import answer
from client.hub.chat_transcript import chat_transcript
from client.hub.citizen import CitizenPage
from client.hub.citizen_routes import COOKIE, COOKIE_PATH, page_of, require_origin
from client.hub.core import Hub
from client.hub.database import StoreFull
from client.hub.links import Link
from client.hub.openapi import UUID7, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.problems import Refused
from client.hub.secret import new_token
from client.resources import resource_path

WEEK_S = 7 * 24 * 3600  # a cookie of a chat; the link behind it ends with its session
MAX_FORM = 4_000  # bytes
MAX_ONCE = 64  # characters

doors = APIRouter()
routes = APIRouter(prefix="/c/chat")
api = APIRouter(prefix="/c/api", dependencies=[Depends(refuse_unknown_parameters)])


def _entered(request: Request) -> Link | None:
    """The link behind the request's cookie, where it leads to a chat."""
    hub = hub_of(request)
    link = hub.links.by_cookie(request.cookies.get(COOKIE, ""))
    facts = hub.rooms.get(link.session) if link is not None and hub.links.alive(link) else None
    return link if facts is not None and facts.channel is Channel.CHAT else None


def _wish(request: Request, lang: str) -> str:
    return chat_pages.listed(lang or request.headers.get("accept-language", ""))


@doors.get("/chat", **described(303, media="text/html", open_=True))
async def short(lang: str = "") -> Response:
    """The address that people can type."""
    return RedirectResponse(f"/c/chat?lang={chat_pages.listed(lang)}" if lang else "/c/chat", 303)


@routes.get("", **described(media="text/html", others={303: None}, open_=True))
async def start(request: Request, lang: str = "") -> Response:
    """Where a chat begins, or back into the one that runs."""
    hub, link, wish = hub_of(request), _entered(request), _wish(request, lang)
    if link is not None and not await visits.is_over(hub, link.session):
        return RedirectResponse("/c/chat/room", 303)
    return _start_page(hub, wish, "" if hub.settings.web_chat else "closed")


def _start_page(
    hub: Hub, wish: str, trouble: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    settings = hub.settings
    html = chat_pages.start_page(wish, settings.centre_name, settings.keep_content_days, new_token(), trouble=trouble)
    return HTMLResponse(html, status, headers=dict(headers or {}))


@routes.post("/begin", **described(303, media="text/html", also=(403, 413), pages=(429, 503, 507), open_=True))
async def begin(request: Request) -> Response:
    """Begin a chat."""
    require_origin(request)
    hub = hub_of(request)
    form = parse_qs((await request.body())[:MAX_FORM].decode("utf-8", "replace"))
    wish, name, once = (form.get(field, [""])[0] for field in ("language", "name", "once"))
    wish = chat_pages.listed(wish)
    if not hub.settings.web_chat:
        return _start_page(hub, wish, "closed", 503)
    try:
        hub.chats_begun.take(origin_of(request))
        link = await visits.begin(hub, _visit(hub), wish, name, once[:MAX_ONCE])
        value = await hub.links.enter(link, request.cookies.get(COOKIE, ""))
    except Refused as refused:  # a person reads it
        return _start_page(hub, wish, "full", refused.status, refused.headers)
    except StoreFull:
        return _start_page(hub, wish, "full", 507)
    return with_cookie(request, RedirectResponse("/c/chat/room", 303), value)


def _visit(hub: Hub) -> visits.Visit:
    return visits.Visit(channel=Channel.CHAT, queue="chat", actor="gateway:web-chat", limit=hub.settings.chat_limit)


def with_cookie(request: Request, response: Response, value: str) -> Response:
    """The cookie that a page begun without a link is entered by: it outlives tab and browser."""
    response.set_cookie(
        COOKIE,
        value,
        path=COOKIE_PATH,
        max_age=WEEK_S,
        httponly=True,
        samesite="lax",  # a link from elsewhere leads back into the running chat; every POST asks for its origin
        secure=request.app.state.secure,
    )
    return response


@routes.get("/room", **described(media="text/html", others={303: None}, open_=True))
async def room(request: Request) -> Response:
    """The room of the chat behind the cookie, in the language in which it was begun; without one, where it begins."""
    hub, link = hub_of(request), _entered(request)
    if link is None:
        return RedirectResponse("/c/chat", 303)
    settings, language = hub.settings, chat_pages.listed(await CitizenPage(hub, link).language())
    html = chat_pages.room_page(
        language, settings.centre_name, settings.attachment_mb * 1_000_000, settings.keep_content_days
    )
    return with_cookie(request, HTMLResponse(html), request.cookies[COOKIE])


@routes.get("/button.js", **described(media="text/javascript", open_=True))
async def button() -> Response:
    """The button for the centre's homepage: the one file that other sites may load."""
    script = (resource_path("citizen") / "chat" / "button.js").read_text(encoding="utf-8")
    headers = {"cross-origin-resource-policy": "cross-origin", "cache-control": "public, max-age=3600"}
    return Response(script, media_type="text/javascript", headers=headers)


FileId = Annotated[str, Query(alias="id", pattern=UUID7)]
FileName = Annotated[str, Query(min_length=1, max_length=255)]
OneFile = Annotated[str, Path(pattern=UUID7)]


@api.post("/attachments", **described(201, Attachment, also=(401, 403, 409, 410, 413, 422, 429, 507)))
async def attach(request: Request, id_: FileId, name: FileName) -> Response:
    """Keep a file of the citizen's for a message to come."""
    require_origin(request)
    page = page_of(request)
    page.hub.citizen_posts.take(page.link.id, 5)
    kept = await page.hub.attachments.add(
        page.session,
        await request.body(),
        name,
        request.headers.get("content-type", ""),
        by=page.actor,
        id_=id_,
    )
    return answer(kept, 201)


@api.get("/attachments/{attachment}", **described(media="application/octet-stream", also=(401, 404, 410, 422)))
async def fetch(request: Request, attachment: OneFile) -> Response:
    """A file of the citizen's session."""
    page = page_of(request)
    return download(*await page.hub.attachments.read(page.session, attachment))


Format = Annotated[Literal["txt", "html"], Query(alias="format")]
TRANSCRIPTS = {"text/plain": {"type": "string"}, "text/html": {"type": "string"}}


@api.get("/transcript", **described(200, contents=TRANSCRIPTS, also=(401, 410, 422)))
async def transcript(request: Request, form: Format = "txt") -> Response:
    """What the citizen may see of the conversation, for taking away, in the language of the page."""
    page = page_of(request)
    _view, events = await page.hub.citizens.load(page.session)
    language, centre = await page.language(), page.hub.settings.centre_name
    text = chat_transcript([taken.event for taken in events], centre, language, form)
    media = "text/plain" if form == "txt" else "text/html"
    disposition = {"content-disposition": f'attachment; filename="chat.{form}"'}
    return Response(text, media_type=media, headers=disposition)


@api.post("/end", **described(204, also=(401, 403, 409, 410, 422, 507)))
async def end(request: Request) -> Response:
    """The citizen ends the chat, video or web call."""
    require_origin(request)
    page = page_of(request)
    await visits.end(page.hub, page.link)
    return Response(status_code=204)
