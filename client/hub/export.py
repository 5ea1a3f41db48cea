"""A session for taking away: its log as JSON, its words as a plain transcript, as HTML or as WebVTT (W3C, 2019)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from client.domain.caption_file import Cue, vtt
from client.domain.event import Event, SessionOpened, WrapUpSaved, event_to_json
from client.hub.export_html import html_of
from client.hub.transcript import Spoken, lines_of


def export_text(events: Sequence[Event], form: str) -> str:
    """`events` as `json`, `txt`, `html` or `vtt`."""
    if form == "json":
        return json.dumps([event_to_json(event) for event in events], ensure_ascii=False, indent=1)
    lines = lines_of(events)
    if form == "html":
        return html_of("상담 기록", _facts(events), lines)
    return _vtt(lines) if form == "vtt" else plain(lines)


def _facts(events: Sequence[Event]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event.body, SessionOpened):
            found += [
                ("상담", event.session),
                ("채널", event.body.channel),
                ("시작", event.at),
                ("시민", event.body.number),
            ]
        elif isinstance(event.body, WrapUpSaved):
            found += [("분류", ", ".join(event.body.codes)), ("요약", event.body.summary)]
    return [(term, said) for term, said in found if said]


def plain(lines: Sequence[Spoken]) -> str:
    """One line each, with the time of day here."""
    return "".join(f"[{line.start.astimezone():%H:%M:%S}] {line.who}: {line.text}\n" for line in lines)


def _vtt(lines: Sequence[Spoken]) -> str:
    def ms(moment: datetime) -> int:
        return (moment - lines[0].start) // timedelta(milliseconds=1)

    return vtt(Cue(ms(line.start), ms(line.end), line.text, voice=line.who) for line in lines)
