"""The web chat on the citizens' face. Pages at `/c/chat`, what the room asks beside the citizen page's own `/c/api`.

* `GET /c/chat[?lang=ko]` — where a chat begins, in six languages; with a running chat's cookie: 303 into its room.
* `POST /c/chat/begin` (form: `language`, `name`) — a new chat: 303 into the room, with a cookie that outlives the browser's tab.
* `GET /c/chat/room` — the room. `GET /c/chat/button.js` — the button for the centre's homepage.
* `POST /c/api/attachments?id=…&name=…` — a file, its bytes as the body → 201 `Attachment`; the same id again is the same file.
* `GET /c/api/attachments/{id}` — a file of this session. `GET /c/api/transcript?format=txt|html` — what the citizen may see.
* `POST /c/api/end` — the citizen ends the chat. 204.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from client.domain.attachment import Attachment
from client.domain.words import Channel, Party
from client.hub import chat, chat_pages
from client.hub.attachments.serving import download
from client.hub.auth import hub_of, origin_of
from client.hub.bodies import answer
from client.hub.chat_pages import LANGUAGES
from client.hub.citizen_routes import COOKIE, COOKIE_PATH, page_of, require_origin
from client.hub.core import Hub
from client.hub.export import plain
from client.hub.export_html import html_of
from client.hub.links import Link
from client.hub.openapi import UUID7, described
from client.hub.parameters import refuse_unknown_parameters
from client.hub.problems import Refused
from client.hub.transcript import lines_of
from client.resources import resource_path

WEEK_S = 7 * 24 * 3600  # a cookie of a chat; the link behind it ends with its session
MAX_FORM = 4_000  # bytes

routes = APIRouter(prefix="/c/chat")
api = APIRouter(prefix="/c/api", dependencies=[Depends(refuse_unknown_parameters)])


def _running(request: Request) -> Link | None:
    """The running chat behind the request's cookie."""
    hub = hub_of(request)
    link = hub.links.by_cookie(request.cookies.get(COOKIE, ""))
    facts = hub.rooms.get(link.session) if link is not None and hub.links.alive(link) else None
    return link if facts is not None and facts.channel is Channel.CHAT and facts.closed is None else None


@routes.get("", **described(media="text/html", others={303: None}, open_=True))
async def start(request: Request, lang: str = "", new: str = "") -> Response:
    """Where a chat begins, or back into the one that runs."""
    hub = hub_of(request)
    language = chat_pages.nearest(lang or request.headers.get("accept-language", ""))
    if _running(request) is not None and not new:
        return RedirectResponse(f"/c/chat/room?lang={language}", 303)
    return HTMLResponse(_start_page(hub, language, "" if hub.settings.web_chat else "closed"))


def _start_page(hub: Hub, language: str, trouble: str) -> str:
    settings = hub.settings
    return chat_pages.start_page(language, settings.centre_name, settings.keep_content_days, trouble=trouble)


@routes.post("/begin", **described(303, media="text/html", also=(403, 413, 429, 507), pages=(503,), open_=True))
async def begin(request: Request) -> Response:
    """Begin a chat."""
    require_origin(request)
    hub = hub_of(request)
    form = parse_qs((await request.body())[:MAX_FORM].decode("utf-8", "replace"))
    language = chat_pages.nearest(form.get("language", [""])[0])
    if not hub.settings.web_chat:
        return HTMLResponse(_start_page(hub, language, "closed"), 503)
    hub.chats_begun.take(origin_of(request))
    try:
        link = await chat.begin(hub, language, form.get("name", [""])[0])
    except Refused as refused:
        return HTMLResponse(_start_page(hub, language, "full"), refused.status, headers=dict(refused.headers or {}))
    value = await hub.links.enter(link, request.cookies.get(COOKIE, ""))
    response = RedirectResponse(f"/c/chat/room?lang={language}", 303)
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
async def room(request: Request, lang: str = "") -> Response:
    """The room of the chat behind the cookie; without one, where it begins."""
    hub = hub_of(request)
    language = chat_pages.nearest(lang or request.headers.get("accept-language", ""))
    link = hub.links.by_cookie(request.cookies.get(COOKIE, ""))
    if link is None or not hub.links.alive(link):
        return RedirectResponse(f"/c/chat?lang={language}", 303)
    return HTMLResponse(
        chat_pages.room_page(language, hub.settings.centre_name, hub.settings.attachment_mb * 1_000_000)
    )


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
    state = await page.hub.citizens.load(page.session)
    language = await page.language()
    say = chat_pages.texts(language if language in LANGUAGES else "en")
    names = dict.fromkeys(Party, say["system"])
    names |= {Party.CITIZEN: say["me"], Party.AGENT: say["agent"], Party.COLLEAGUE: say["agent"], Party.BOT: say["bot"]}
    lines = lines_of([taken.event for taken in state[1]], names, typed="")
    title = say["title"].replace("{centre}", page.hub.settings.centre_name)
    text = plain(lines) if form == "txt" else html_of(title, (), lines, language)
    media = "text/plain" if form == "txt" else "text/html"
    disposition = {"content-disposition": f'attachment; filename="chat.{form}"'}
    return Response(text, media_type=media, headers=disposition)


@api.post("/end", **described(204, also=(401, 403, 410, 422, 507)))
async def end(request: Request) -> Response:
    """The citizen ends the chat."""
    require_origin(request)
    page = page_of(request)
    await chat.end(page.hub, page.link)
    return Response(status_code=204)
