"""A transcript of a session as WebVTT: who said what, in the order and at the time of the call."""

from __future__ import annotations

from collections.abc import Sequence

from client.domain import event as e
from client.domain.event import Event, parse_timestamp


def to_vtt(events: Sequence[Event]) -> str:
    """Cues from the first caption's moment on; corrections stand in their caption's place."""
    corrected = {event.body.caption: event.body.text for event in events if isinstance(event.body, e.CaptionCorrected)}
    said = sorted((event for event in events if isinstance(event.body, e.Caption)), key=lambda event: event.at)
    if not said:
        return "WEBVTT\n"
    began = parse_timestamp(said[0].at)
    cues = ["WEBVTT"]
    for event in said:
        body = event.body
        assert isinstance(body, e.Caption)
        start = (parse_timestamp(event.at) - began).total_seconds()
        end = start + max(0, body.end_ms - body.start_ms) / 1000
        text = corrected.get(event.id, body.text).replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
        cues.append(f"{_clock(start)} --> {_clock(end)}\n<v {body.party.value}>{text}")
    return "\n\n".join(cues) + "\n"


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
