"""Who said and wrote what, when: the lines that every export of a session is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from client.domain.event import (
    Caption,
    CaptionCorrected,
    Event,
    LegJoined,
    MessageSent,
    MessageWithdrawn,
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
TYPED = "글"
SHOWN = timedelta(seconds=4)  # a message in a WebVTT file: it has no end of its own


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line."""

    start: datetime
    end: datetime
    who: str
    text: str


def lines_of(events: Sequence[Event], names: Mapping[Party, str] = NAMES, typed: str = TYPED) -> list[Spoken]:
    """The lines in the order of time. What was withdrawn is not among them."""
    corrected = {e.body.caption: e.body.text for e in events if isinstance(e.body, CaptionCorrected)}
    withdrawn = {e.body.message for e in events if isinstance(e.body, MessageWithdrawn)}
    began = {event.leg: parse_timestamp(event.at) for event in events if isinstance(event.body, LegJoined)}
    found = []
    for event in events:
        at = parse_timestamp(event.at)
        if isinstance(event.body, Caption):
            text = corrected.get(event.id, event.body.text)
            start, end = _times(event.body, at, began.get(event.leg))
            found.append(Spoken(start, end, _speaker(event.body, names), text))
        elif isinstance(event.body, MessageSent) and event.id not in withdrawn:
            who = f"{names[event.body.party]}({typed})" if typed else names[event.body.party]
            found.append(Spoken(at, at + SHOWN, who, _written(event.body)))
    return sorted((line for line in found if line.text.strip()), key=lambda line: line.start)


def _written(body: MessageSent) -> str:
    """Its subject, words and what is attached."""
    parts = [body.subject, body.text, *(f"[{attachment.name}]" for attachment in body.attachments)]
    return "\n".join(part for part in parts if part)


def _speaker(caption: Caption, names: Mapping[Party, str]) -> str:
    name = names[caption.party]
    heard = caption.party is Party.CITIZEN or Party.CITIZEN in caption.heard_by
    return name if heard else f"{name}({UNHEARD})"


def _times(caption: Caption, said: datetime, began: datetime | None) -> tuple[datetime, datetime]:
    """By the leg's own clock where its beginning is known, else back from when it was said."""
    if began is not None:
        return began + timedelta(milliseconds=caption.start_ms), began + timedelta(milliseconds=caption.end_ms)
    return said - timedelta(milliseconds=max(caption.end_ms - caption.start_ms, 0)), said
