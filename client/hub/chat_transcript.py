"""The conversation for the citizen to take away: what their page showed them, in their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from client.domain.event import Event
from client.domain.words import Party
from client.hub import chat_pages
from client.hub.export import plain
from client.hub.export_html import html_of
from client.hub.transcript import lines_of


def chat_transcript(events: Sequence[Event], centre: str, language: str, form: str) -> str:
    """`events` that the citizen may see, as `txt` or `html`; `language` — a tag, of which six are spoken."""
    say = chat_pages.texts(language)
    lines = lines_of(events, _names(say), typed="")
    title = say["title"].replace("{centre}", centre)
    if form == "html":
        return html_of(title, (), lines, chat_pages.nearest(language))
    day = f"{lines[0].start.astimezone():%Y-%m-%d}\n" if lines else ""
    return f"{title}\n{day}\n{plain(lines)}"


def _names(say: Mapping[str, str]) -> Mapping[Party, str]:
    names = dict.fromkeys(Party, say["system"])
    agents = dict.fromkeys((Party.AGENT, Party.COLLEAGUE, Party.OFFICE), say["agent"])
    return names | agents | {Party.CITIZEN: say["me"], Party.BOT: say["bot"]}
