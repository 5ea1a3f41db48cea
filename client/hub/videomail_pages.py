"""The page on which a signed video message is recorded, and to which its citizen comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from string import Template

from client.hub.pages import preload, version
from client.resources import resource_path
from client.settings import Settings


def mail_page(language: str, settings: Settings) -> str:
    """In Korean or English (`video_pages.spoken`)."""
    say = texts()[language]
    values = {
        "lang": language,
        "title": say["title"].replace("{centre}", settings.centre_name),
        "centre": settings.centre_name,
        "heading": say["heading"],
        "script": say["script"],
        "seconds": str(settings.videomail_seconds),
        "bytes": str(settings.videomail_mb * 1_000_000),
        "days": str(settings.videomail_days),
    }
    file = resource_path("citizen") / "video" / "mail" / "mail.html"
    template = Template(file.read_text(encoding="utf-8"))
    filled = {name: escape(value) for name, value in values.items()}
    modules = preload("js/dom.js", "js/ids.js", "js/prefs.js", "video/mail/*.js")
    return template.substitute(filled, preload=modules, static=f"/c/static/{version()}")


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Language → key → words."""
    found: Mapping[str, Mapping[str, str]] = json.loads(
        (resource_path("citizen") / "video" / "mail" / "texts.json").read_text(encoding="utf-8")
    )
    return found
