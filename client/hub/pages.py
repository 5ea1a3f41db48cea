"""The citizens' pages as HTML: the door behind a link, and what stands there when a link opens nothing.

Both are plain documents that read well before any script runs, in Korean and English. They hold no inline script or
style; every address in them is under `/c/static/` on this very host.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from client.resources import resource_path

NOT_MODULES = ("button.js",)  # scripts of other sites' pages
TEXTS = ("ko", "en")  # languages that the page speaks whole; others get one honest line
_TROUBLE = {404: "trouble.link", 410: "trouble.link", 429: "trouble.busy"}


def page(language: str, centre_name: str, nonce: str = "", keep_days: int = 90, room: str = "") -> str:
    """The door behind a citizen's link, first in `language` (BCP 47), then in the other of Korean and English.

    `keep_days` goes into the texts of consent (retention). `room` — where this session's citizen goes on from the door. `nonce` is not needed: nothing here is inline.
    """
    del nonce
    chosen = nearest(language)
    spoken = _languages()[chosen]["texts"]
    order = (spoken, *(other for other in TEXTS if other != spoken))
    foreign = _unlisted(language) if chosen in TEXTS else ""
    line = _line(chosen, order if foreign else ())
    return _fill(
        "entry.html",
        {
            "lang": spoken,
            "line_lang": spoken if foreign else chosen,
            "centre": centre_name,
            "keep_days": str(keep_days),
            "consent": consent_version(),
            "room": room,
            "title": _say(spoken, "page.title", centre=centre_name),
            "line": line,
            "line_hidden": Markup("" if line else " hidden"),
            "first": _block(order[0], "h1", centre_name),
            "second": _block(order[1], "h2", centre_name),
            "options": _options(foreign or chosen),
            "buttons": _pair(order, "entry.button", " · "),
            "noscript": _pair(order, "entry.script", " "),
            "preload": preload("js/**/*.js"),
        },
    )


def trouble_page(language: str, centre_name: str, status: int = 404) -> str:
    """Said in place of the door, in both languages: 404 and 410 ask the agent for a new link, 429 to come again."""
    key = _TROUBLE.get(status, "trouble.link")
    spoken = _languages()[nearest(language)]["texts"]
    order = (spoken, *(other for other in TEXTS if other != spoken))
    blocks = [
        _tag(
            "section",
            lang,
            [_tag(head, lang, [_say(lang, f"{key}.title")]), _tag("p", lang, [_say(lang, f"{key}.lead")])],
        )
        for lang, head in zip(order, ("h1", "h2"), strict=True)
    ]
    title = _say(spoken, f"{key}.title")
    return _fill("trouble.html", {"lang": spoken, "centre": centre_name, "title": title, "blocks": _join(blocks)})


def nearest(language: str) -> str:
    """The language of the page's list that a BCP 47 tag or an `Accept-Language` value asks for first, else English."""
    for wish in language.split(","):
        tag = wish.split(";")[0].strip()
        for candidate in (tag, tag.split("-")[0].lower()):
            if candidate in _languages():
                return candidate
    return "en" if language.strip() else "ko"


@cache
def consent_version() -> str:
    """The version of the wording that citizens are asked with now."""
    current: str = json.loads((_root() / "consent.json").read_text(encoding="utf-8"))["current"]
    return current


@cache
def _consent_versions() -> frozenset[str]:
    """All wordings ever used: their files stay, so that an event's version can be read years later."""
    return frozenset(file.stem for file in (_root() / "consent").glob("*.json"))


def is_consent_version(said: str) -> bool:
    """True for a wording of ours with the days of retention that were named in it: `2026-11-1/90d`."""
    wording, _, days = said.partition("/")
    return wording in _consent_versions() and re.fullmatch(r"[1-9][0-9]{0,4}d", days) is not None


def _unlisted(language: str) -> str:
    """The language that an `Accept-Language` value asks for first, if the page has not even a line in it; else nothing."""
    wish = re.match(r"\s*([A-Za-z]{2,3})\b", language)
    tag = wish[1].lower() if wish else ""
    return "" if tag in _languages() else tag


def _line(chosen: str, order: Sequence[str]) -> Markup:
    """What the page says to whom it cannot speak: in their language, or, honestly, in both of its own."""
    if order:
        return Markup(" ".join(_tag("span", lang, [_say(lang, "entry.other")]) for lang in order))
    return Markup(escape(_languages()[chosen]["line"]))


def _base() -> str:
    return f"/c/static/{version()}"


@cache
def version() -> str:
    """A short hash over all static files: it changes when any of them does."""
    digest = hashlib.sha256()
    for file in _static_files():
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


class Markup(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


def _fill(template: str, values: Mapping[str, str]) -> str:
    ready = {name: value if isinstance(value, Markup) else escape(value) for name, value in values.items()}
    return Template((_root() / template).read_text(encoding="utf-8")).substitute(ready, static=_base())


def _block(lang: str, head: str, centre: str) -> Markup:
    inner = [_tag(head, lang, [_say(lang, "entry.heading")])]
    inner += [_tag("p", lang, [_say(lang, key, centre=centre)]) for key in ("entry.what", "entry.voice")]
    return _tag("section", lang, inner)


def _pair(order: tuple[str, ...], key: str, between: str) -> Markup:
    return Markup(escape(between).join(_tag("span", lang, [_say(lang, key)]) for lang in order))


def _options(chosen: str) -> Markup:
    names = {tag: entry["name"] for tag, entry in _languages().items()}
    names.setdefault(chosen, chosen)  # a language that is not ours: the agent is told of it all the same
    return _join(
        Markup(f'<option value="{tag}" lang="{tag}"{" selected" if tag == chosen else ""}>{escape(name)}</option>')
        for tag, name in names.items()
    )


def preload(*patterns: str) -> Markup:
    """All modules at once, instead of one after the other as they import each other."""
    found = [file for pattern in patterns for file in _root().glob(pattern) if file.name not in NOT_MODULES]
    modules = sorted(file.relative_to(_root()).as_posix() for file in found)
    return _join(Markup(f'<link rel="modulepreload" href="{_base()}/{module}">') for module in modules)


def _tag(name: str, lang: str, inner: Sequence[str]) -> Markup:
    body = "".join(part if isinstance(part, Markup) else escape(part) for part in inner)
    return Markup(f'<{name} lang="{lang}">{body}</{name}>')


def _join(parts: Iterable[str]) -> Markup:
    return Markup("\n".join(parts))


def _say(lang: str, key: str, **values: str) -> str:
    text: str = _texts(lang)[key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def _texts(lang: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((_root() / f"texts/{lang}.json").read_text(encoding="utf-8"))
    return texts


@cache
def _languages() -> dict[str, dict[str, str]]:
    languages: dict[str, dict[str, str]] = json.loads((_root() / "languages.json").read_text(encoding="utf-8"))
    return languages


def _static_files() -> Iterator[Path]:
    yield from sorted(file for file in _root().rglob("*") if file.is_file())


@cache
def _root() -> Path:
    return resource_path("citizen")
