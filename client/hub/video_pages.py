"""The pages of sign-language video and of calls from the homepage as HTML: where one begins, and the room that the script fills.

They speak Korean and English; whoever asked for another language is greeted in English and keeps their language for the agent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template

from client.hub.pages import consent_version, preload, version
from client.resources import resource_path

LANGUAGES = ("ko", "en")
SIGN, CALL = "sign", "call"
KINDS = (SIGN, CALL)


def spoken(wish: str) -> str:
    """The language of the page for whom `wish` (a tag or an `Accept-Language` value) is what they asked for."""
    first = wish.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].strip().split("-")[0].lower()
    return first if first in LANGUAGES else ("en" if wish.strip() else "ko")


def start_page(
    kind: str, wish: str, centre: str, keep_days: int, once: str, *, trouble: str = "", mail: bool = False
) -> str:
    """Where it begins. `trouble` is `closed`, `full` or `off`; `mail` — a video message can be left instead."""
    say = texts(wish)
    heading = f"{trouble}.heading" if trouble else f"{kind}.heading"
    lead = f"{trouble}.lead" if trouble else f"{kind}.lead"
    return _fill(
        "start.html",
        {
            "lang": spoken(wish),
            "title": escape(say[f"{kind}.title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "heading": escape(say[heading]),
            "lead": escape(say[lead]),
            "drawing": _drawing(kind),
            "steps": "" if trouble else _steps(kind, say),
            "keep": escape(say["start.keep"].replace("{days}", str(keep_days))),
            "languages": _languages(kind, wish),
            "form": "" if trouble else _form(kind, wish, say, once),
            "others": _others(wish, say, mail=mail and kind == SIGN, open_=not trouble),
            "script": escape(say["script"]),
        },
    )


def room_page(kind: str, wish: str, centre: str, keep_days: int) -> str:
    """The room."""
    say = texts(wish)
    return _fill(
        "room.html",
        {
            "lang": spoken(wish),
            "chosen": wish,
            "kind": kind,
            "title": escape(say[f"{kind}.title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "keep_days": str(keep_days),
            "consent": consent_version(),
            "preload": preload("js/**/*.js", "video/room/*.js"),
            "script": escape(say["script"]),
        },
    )


def texts(wish: str) -> Mapping[str, str]:
    """The words."""
    return _all()[spoken(wish)]


def _steps(kind: str, say: Mapping[str, str]) -> str:
    items = "".join(f"<li>{escape(say[f'{kind}.step.{n}'])}</li>" for n in (1, 2, 3))
    return f'<ol class="steps">{items}</ol>'


def _drawing(kind: str) -> str:
    """A picture for who reads signs better than words; the words beside it say the same."""
    return (resource_path("citizen") / "video" / f"{kind}.svg").read_text(encoding="utf-8")


def _languages(kind: str, wish: str) -> str:
    chosen = spoken(wish)
    links = "".join(
        f'<li><a href="/c/{kind}?lang={tag}" lang="{tag}"{" aria-current=true" if tag == chosen else ""}>'
        f"{escape(_all()[tag]['name'])}</a></li>"
        for tag in LANGUAGES
    )
    return f'<nav aria-label="{escape(texts(wish)["language"])}"><ul class="languages" role="list">{links}</ul></nav>'


def _form(kind: str, wish: str, say: Mapping[str, str], once: str) -> str:
    return (
        '<form action="/c/video/begin" method="post">'
        f'<input type="hidden" name="kind" value="{kind}"><input type="hidden" name="once" value="{once}">'
        f'<input type="hidden" name="language" value="{escape(wish) or "ko"}">'
        f'<div class="field"><label for="name">{escape(say["start.name"])}</label>'
        '<input type="text" id="name" name="name" maxlength="50" autocomplete="nickname"></div>'
        f'<button type="submit" class="primary wide">{escape(say[f"{kind}.begin"])}</button>'
        f'<button type="submit" class="wide" name="media" value="none">{escape(say["begin.text"])}</button></form>'
    )


def _others(wish: str, say: Mapping[str, str], *, mail: bool, open_: bool) -> str:
    """What else can be done."""
    links = [("/c/sign/mail", "others.mail")] if mail else []
    links += [("/c/chat", "others.chat")]
    items = "".join(f'<li><a href="{href}?lang={spoken(wish)}">{escape(say[key])}</a></li>' for href, key in links)
    heading = say["others.heading" if open_ else "others.instead"]
    return f'<section class="others"><h2>{escape(heading)}</h2><ul role="list">{items}</ul></section>'


def _fill(template: str, values: Mapping[str, str]) -> str:
    file = resource_path("citizen") / "video" / template
    return Template(file.read_text(encoding="utf-8")).substitute(values, static=f"/c/static/{version()}")


@cache
def _all() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        (resource_path("citizen") / "video" / "texts.json").read_text(encoding="utf-8")
    )
    return found
