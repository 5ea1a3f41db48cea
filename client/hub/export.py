"""A session for taking away: its log as JSON, its words as a plain transcript or as WebVTT (W3C, 2019)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.domain.caption_file import Cue, vtt
from client.domain.event import (
    Caption,
    CaptionCorrected,
    Event,
    LegJoined,
    MessageSent,
    event_to_json,
    parse_timestamp,
)
from client.domain.words import Party

NAMES: Mapping[Party, str] = {
    Party.CITIZEN: "시민",
    Party.AGENT: "상담사",
    Party.COLLEAGUE: "다른 상담사",
    Party.INTERPRETER: "통역사",
    Party.OFFICE: "담당 부서",
    Party.RELAY_OPERATOR: "중계사",
    Party.BOT: "챗봇",
    Party.SYSTEM: "안내",
}
UNHEARD = "시민에게 들리지 않음"  # a caption follows the ear, in an export too
SHOWN = timedelta(seconds=4)  # a message in a WebVTT file: it has no end of its own


@dataclass(frozen=True, slots=True)
class _Line:
    start: datetime
    end: datetime
    who: str
    text: str


def export_text(events: Sequence[Event], form: str) -> str:
    """`events` as `json`, `txt` or `vtt`."""
    if form == "json":
        return json.dumps([event_to_json(event) for event in events], ensure_ascii=False, indent=1)
    lines = sorted(_lines(events), key=lambda line: line.start)
    return _vtt(lines) if form == "vtt" else _plain(lines)


def _lines(events: Sequence[Event]) -> list[_Line]:
    corrected = {e.body.caption: e.body.text for e in events if isinstance(e.body, CaptionCorrected)}
    began = {event.leg: parse_timestamp(event.at) for event in events if isinstance(event.body, LegJoined)}
    found = []
    for event in events:
        at = parse_timestamp(event.at)
        if isinstance(event.body, Caption):
            text = corrected.get(event.id, event.body.text)
            start, end = _times(event.body, at, began.get(event.leg))
            found.append(_Line(start, end, _speaker(event.body), text))
        elif isinstance(event.body, MessageSent):
            found.append(_Line(at, at + SHOWN, f"{NAMES[event.body.party]}(글)", event.body.text))
    return [line for line in found if line.text.strip()]


def _speaker(caption: Caption) -> str:
    name = NAMES[caption.party]
    heard = caption.party is Party.CITIZEN or Party.CITIZEN in caption.heard_by
    return name if heard else f"{name}({UNHEARD})"


def _times(caption: Caption, said: datetime, began: datetime | None) -> tuple[datetime, datetime]:
    """By the leg's own clock where its beginning is known, else back from when it was said."""
    if began is not None:
        return began + timedelta(milliseconds=caption.start_ms), began + timedelta(milliseconds=caption.end_ms)
    return said - timedelta(milliseconds=max(caption.end_ms - caption.start_ms, 0)), said


def _plain(lines: Sequence[_Line]) -> str:
    return "".join(f"[{line.start.astimezone():%H:%M:%S}] {line.who}: {line.text}\n" for line in lines)


def _vtt(lines: Sequence[_Line]) -> str:
    def ms(moment: datetime) -> int:
        return (moment - lines[0].start) // timedelta(milliseconds=1)

    return vtt(Cue(ms(line.start), ms(line.end), line.text, voice=line.who) for line in lines)
