"""The chat's pages as HTML, in six languages: where it begins, and the room that the script fills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template

from client.hub.pages import version
from client.resources import resource_path

LANGUAGES = ("ko", "en", "ja", "zh", "vi", "mn")


def nearest(wish: str) -> str:
    """The first of our languages that a tag or an `Accept-Language` value asks for; English for others, Korean for none."""
    for part in wish.split(","):
        tag = part.split(";")[0].strip().split("-")[0].lower()
        if tag in LANGUAGES:
            return tag
    return "en" if wish.strip() else "ko"


def start_page(language: str, centre: str, keep_days: int, *, trouble: str = "") -> str:
    """Where a chat begins. `trouble` is `closed` or `full`: then it says so and what else can be done."""
    say = texts(language)
    heading, lead = (f"{trouble}.heading", f"{trouble}.lead") if trouble else ("start.heading", "start.lead")
    keep = f'<p class="keep">{escape(say["start.keep"].replace("{days}", str(keep_days)))}</p>'
    return _fill(
        "start.html",
        {
            "lang": language,
            "title": escape(say["title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "heading": escape(say[heading]),
            "lead": escape(say[lead]),
            "notice": "" if trouble else keep,
            "languages": _languages(language),
            "form": "" if trouble == "closed" else _form(language, say),
            "script": escape(say["script"]),
        },
    )


def room_page(language: str, centre: str, largest: int) -> str:
    """The room; `largest` — bytes of one file."""
    say = texts(language)
    return _fill(
        "room.html",
        {
            "lang": language,
            "title": escape(say["title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "largest": str(largest),
            "script": escape(say["script"]),
        },
    )


def texts(language: str) -> Mapping[str, str]:
    """The chat's words."""
    return _all()[language if language in LANGUAGES else "en"]


def _languages(chosen: str) -> str:
    links = "".join(
        f'<li><a href="/c/chat?lang={tag}" lang="{tag}"{" aria-current=true" if tag == chosen else ""}>'
        f"{escape(_all()[tag]['name'])}</a></li>"
        for tag in LANGUAGES
    )
    return f'<nav aria-label="{escape(texts(chosen)["start.language"])}"><ul class="languages" role="list">{links}</ul></nav>'


def _form(language: str, say: Mapping[str, str]) -> str:
    return (
        '<form action="/c/chat/begin" method="post">'
        f'<input type="hidden" name="language" value="{language}">'
        f'<div class="field"><label for="name">{escape(say["start.name"])}</label>'
        '<input id="name" name="name" maxlength="50" autocomplete="nickname"></div>'
        f'<button type="submit" class="primary wide">{escape(say["start.begin"])}</button></form>'
    )


def _fill(template: str, values: Mapping[str, str]) -> str:
    file = resource_path("citizen") / "chat" / template
    return Template(file.read_text(encoding="utf-8")).substitute(values, static=f"/c/static/{version()}")


@cache
def _all() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(
        (resource_path("citizen") / "chat" / "texts.json").read_text(encoding="utf-8")
    )
    return found
