"""A transcript of a session as WebVTT: who said what, in the order and at the time of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from client.domain import event as e
from client.domain.caption_file import Cue, vtt
from client.domain.event import Event, parse_timestamp


def to_vtt(events: Sequence[Event]) -> str:
    """Cues from the first caption's moment on; corrections stand in their caption's place."""
    corrected = {event.body.caption: event.body.text for event in events if isinstance(event.body, e.CaptionCorrected)}
    said = sorted((event for event in events if isinstance(event.body, e.Caption)), key=lambda event: event.at)
    if not said:
        return vtt(())
    began = parse_timestamp(said[0].at)
    return vtt(
        _cue(event, (parse_timestamp(event.at) - began) // timedelta(milliseconds=1), corrected) for event in said
    )


def _cue(event: Event, start_ms: int, corrected: Mapping[str, str]) -> Cue:
    body = event.body
    assert isinstance(body, e.Caption)
    text = corrected.get(event.id, body.text)
    return Cue(start_ms, start_ms + max(0, body.end_ms - body.start_ms), text, voice=body.party.value)
