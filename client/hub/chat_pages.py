"""The chat's pages as HTML, in six languages and a line in others: where it begins, and the room that the script fills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template
from typing import Any

from client.hub.pages import consent_version, preload, version
from client.resources import resource_path

LANGUAGES = ("ko", "en", "ja", "zh", "vi", "mn")


def listed(wish: str) -> str:
    """The language that a tag or an `Accept-Language` value asks for first, of those the page can greet; else `nearest`."""
    for part in wish.split(","):
        tag = part.split(";")[0].strip().split("-")[0].lower()
        if tag in LANGUAGES or tag in _others():
            return tag
    return "en" if wish.strip() else "ko"


def nearest(tag: str) -> str:
    """The language that the chat's words are shown in to whom asked for `tag`: one of six, English for others."""
    return tag if tag in LANGUAGES else "en"


def start_page(wish: str, centre: str, keep_days: int, once: str, *, trouble: str = "") -> str:
    """Where a chat begins, for whom `wish` (of `listed`) is the language.

    `trouble` is `closed` or `full`: then it says so and what else can be done. `once` makes a form sent twice one chat.
    """
    say = texts(wish)
    heading, lead = (f"{trouble}.heading", f"{trouble}.lead") if trouble else ("start.heading", "start.lead")
    return _fill(
        "start.html",
        {
            "lang": nearest(wish),
            "title": escape(say["title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "line": _line(wish),
            "heading": escape(say[heading]),
            "lead": escape(say[lead]),
            "notice": "" if trouble else _notice(say, keep_days),
            "languages": _languages(wish),
            "form": "" if trouble == "closed" else _form(wish, say, once),
            "script": escape(say["script"]),
        },
    )


def room_page(wish: str, centre: str, largest: int, keep_days: int) -> str:
    """The room; `largest` — bytes of one file, `keep_days` as the questions of consent name them."""
    say = texts(wish)
    return _fill(
        "room.html",
        {
            "lang": nearest(wish),
            "chosen": wish,
            "title": escape(say["title"].replace("{centre}", centre)),
            "centre": escape(centre),
            "largest": str(largest),
            "keep_days": str(keep_days),
            "consent": consent_version(),
            "preload": preload("js/**/*.js", "chat/*.js"),
            "script": escape(say["script"]),
        },
    )


def texts(language: str) -> Mapping[str, str]:
    """The chat's words."""
    return _all()[nearest(language)]


def _notice(say: Mapping[str, str], keep_days: int) -> str:
    keep = say["start.keep"].replace("{days}", str(keep_days))
    return f'<div class="keep"><p>{escape(keep)}</p><p>{escape(say["start.shared"])}</p></div>'


def _line(wish: str) -> str:
    """To whom the page does not speak: that the agents may, in their own language."""
    return "" if wish in LANGUAGES else f'<p class="line" lang="{wish}" dir="auto">{escape(_others()[wish])}</p>'


def _languages(wish: str) -> str:
    chosen = nearest(wish)
    links = "".join(
        f'<li><a href="/c/chat?lang={tag}" lang="{tag}"{" aria-current=true" if tag == chosen else ""}>'
        f"{escape(_all()[tag]['name'])}</a></li>"
        for tag in LANGUAGES
    )
    return f'<nav aria-label="{escape(texts(chosen)["start.language"])}"><ul class="languages" role="list">{links}</ul></nav>'


def _form(wish: str, say: Mapping[str, str], once: str) -> str:
    return (
        '<form action="/c/chat/begin" method="post">'
        f'<input type="hidden" name="language" value="{wish}"><input type="hidden" name="once" value="{once}">'
        f'<div class="field"><label for="name">{escape(say["start.name"])}</label>'
        '<input type="text" id="name" name="name" maxlength="50" autocomplete="nickname"></div>'
        f'<button type="submit" class="primary wide">{escape(say["start.begin"])}</button></form>'
    )


def _fill(template: str, values: Mapping[str, str]) -> str:
    file = resource_path("citizen") / "chat" / template
    return Template(file.read_text(encoding="utf-8")).substitute(values, static=f"/c/static/{version()}")


@cache
def _all() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = _read("texts.json")
    return found


@cache
def _others() -> dict[str, str]:
    found: dict[str, str] = _read("lines.json")
    return found


def _read(name: str) -> Any:
    return json.loads((resource_path("citizen") / "chat" / name).read_text(encoding="utf-8"))
