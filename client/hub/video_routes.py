"""Sign-language video and calls from the homepage, on the citizens' face. What their room asks is the citizen page's own `/c/api`.

* `GET /c/sign`, `GET /c/call` `[?lang=en]` — where they begin (`GET /sign`, `GET /call` lead there, for addresses in print); with a
  running session's cookie: 303 into its room.
* `POST /c/video/begin` (form: `kind` sign|call, `language`, `name`, `once`, `media` "none" for text alone) — a session that waits:
  303 into the room, with the chat's kind of cookie. Closed, full, or switched off: the page says so.
* `GET /c/video/room` — the room, the one page of the centre that may use camera and microphone.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from client.domain.opening_hours import is_open, read_hours
from client.domain.words import Channel
from client.hub import video_pages, visits
from client.hub.auth import hub_of, origin_of
from client.hub.chat_routes import MAX_FORM, MAX_ONCE, with_cookie
from client.hub.citizen import LANGUAGE, CitizenPage
from client.hub.citizen_routes import COOKIE, require_origin
from client.hub.core import Hub
from client.hub.database import StoreFull
from client.hub.links import Link
from client.hub.openapi import described
from client.hub.problems import Refused
from client.hub.secret import new_token
from client.hub.shield import HEADERS

CHANNELS = {video_pages.SIGN: Channel.SIGN_VIDEO, video_pages.CALL: Channel.WEB_CALL}
SIGN_LANGUAGE = "kvk"  # BCP 47, Korean Sign Language
MAY = {
    "permissions-policy": HEADERS["permissions-policy"]
    .replace("camera=()", "camera=(self)")
    .replace("microphone=()", "microphone=(self)")
}

doors = APIRouter()
routes = APIRouter(prefix="/c")


def closed(hub: Hub) -> bool:
    """True while no counselor is there by the settings' hours, in this machine's own time."""
    hours = [read_hours("video.hours", line) for line in hub.settings.video_hours]
    return not is_open(hours, hub.now().astimezone())


def _visit(hub: Hub, kind: str) -> visits.Visit:
    return visits.Visit(
        channel=CHANNELS[kind],
        queue=kind,
        actor="gateway:web-video",
        limit=hub.settings.video_limit,
        language=SIGN_LANGUAGE if kind == video_pages.SIGN else "",
    )


def _entered(request: Request) -> Link | None:
    """The link behind the request's cookie, where it leads to a video or web call."""
    hub = hub_of(request)
    link = hub.links.by_cookie(request.cookies.get(COOKIE, ""))
    facts = hub.rooms.get(link.session) if link is not None and hub.links.alive(link) else None
    return link if facts is not None and facts.channel.is_web else None


@doors.get("/sign", **described(303, media="text/html", open_=True))
async def short_sign() -> Response:
    """The address that people can type."""
    return RedirectResponse("/c/sign", 303)


@doors.get("/call", **described(303, media="text/html", open_=True))
async def short_call() -> Response:
    """The address that people can type."""
    return RedirectResponse("/c/call", 303)


@routes.get("/sign", **described(media="text/html", others={303: None}, open_=True))
async def sign(request: Request, lang: str = "") -> Response:
    """Where sign-language video begins."""
    return await _start(request, video_pages.SIGN, lang)


@routes.get("/call", **described(media="text/html", others={303: None}, open_=True))
async def call(request: Request, lang: str = "") -> Response:
    """Where a call from the homepage begins."""
    return await _start(request, video_pages.CALL, lang)


async def _start(request: Request, kind: str, lang: str) -> Response:
    hub, link = hub_of(request), _entered(request)
    if link is not None and not await visits.is_over(hub, link.session):
        return RedirectResponse("/c/video/room", 303)
    wish = lang or request.headers.get("accept-language", "")
    trouble = "" if hub.settings.video_on else "off"
    if kind == video_pages.SIGN and not trouble and closed(hub):
        trouble = "closed"
    return _start_page(hub, kind, wish, trouble)


def _start_page(
    hub: Hub, kind: str, wish: str, trouble: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    settings = hub.settings
    mail = bool(trouble) and settings.videomail and settings.video_on
    html = video_pages.start_page(
        kind, _tag(wish), settings.centre_name, settings.keep_content_days, new_token(), trouble=trouble, mail=mail
    )
    return HTMLResponse(html, status, headers=dict(headers or {}))


def _tag(wish: str) -> str:
    """One language tag of what was asked for, safe to stand in a page."""
    first = wish.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].strip()
    return first if LANGUAGE.fullmatch(first) else ("en" if first else "ko")


@routes.post("/video/begin", **described(303, media="text/html", also=(403, 413), pages=(429, 503, 507), open_=True))
async def begin(request: Request) -> Response:
    """Begin a session that waits."""
    require_origin(request)
    hub = hub_of(request)
    form = parse_qs((await request.body())[:MAX_FORM].decode("utf-8", "replace"))
    kind, wish, name, once, media = (
        form.get(field, [""])[0] for field in ("kind", "language", "name", "once", "media")
    )
    kind = kind if kind in CHANNELS else video_pages.SIGN
    wish = _tag(wish)
    if not hub.settings.video_on or (kind == video_pages.SIGN and closed(hub)):
        return _start_page(hub, kind, wish, "closed" if hub.settings.video_on else "off", 503)
    try:
        hub.chats_begun.take(origin_of(request))
        link = await visits.begin(hub, _visit(hub, kind), wish, name, once[:MAX_ONCE])
        value = await hub.links.enter(link, request.cookies.get(COOKIE, ""))
    except Refused as refused:  # a person reads it
        return _start_page(hub, kind, wish, "full", refused.status, refused.headers)
    except StoreFull:
        return _start_page(hub, kind, wish, "full", 507)
    place = f"/c/video/room?media={'none' if media == 'none' else 'own'}"
    return with_cookie(request, RedirectResponse(place, 303), value)


@routes.get("/video/room", **described(media="text/html", others={303: None}, open_=True))
async def room(request: Request) -> Response:
    """The room of the session behind the cookie; without one, where it begins."""
    hub, link = hub_of(request), _entered(request)
    facts = hub.rooms.get(link.session) if link is not None else None
    if link is None or facts is None:
        return RedirectResponse("/c/sign", 303)
    kind = video_pages.CALL if facts.channel is Channel.WEB_CALL else video_pages.SIGN
    language, settings = await CitizenPage(hub, link).language(), hub.settings
    html = video_pages.room_page(kind, language, settings.centre_name, settings.keep_content_days)
    return with_cookie(request, HTMLResponse(html, headers=MAY), request.cookies[COOKIE])
