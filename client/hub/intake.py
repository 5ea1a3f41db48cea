"""What comes from outside on its way into the log: nothing forged, nothing that is another's to say, masked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from client.domain.codec import BadInput
from client.domain.event import (
    HUB_ONLY,
    VERSION,
    ConsentAnswered,
    Event,
    MessageRead,
    MessageSent,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    event_from_json,
)
from client.domain.session_log import Draft, draft
from client.domain.signal import (
    LiveText,
    MediaState,
    Mirror,
    PageState,
    QueuePlace,
    Signal,
    VideoOffer,
    signal_from_json,
)
from client.domain.words import Party
from client.hub.core import Hub
from client.wire import MAX_BATCH

STAMPED = ("actor", "seq", "recorded")  # the hub's own
CITIZENS_ONLY = (ConsentAnswered, ScreenAnswered, ScreenDelivered, ScreenOpened)
LONG = 24_000  # characters of a batch that are looked through apart from the loop


def parse_events(batch: Sequence[Mapping[str, Any]], session: str) -> list[Event]:
    """The batch's events; `BadInput` names the place (`events.2.body.text`)."""
    if not 1 <= len(batch) <= MAX_BATCH:
        raise BadInput("events", f"must be 1 to {MAX_BATCH}")
    return [_parse(data, session, f"events.{n}") for n, data in enumerate(batch)]


def _parse(data: Mapping[str, Any], session: str, path: str) -> Event:
    for name in STAMPED:
        if data.get(name) is not None:
            raise BadInput(f"{path}.{name}", "is stamped by the hub and cannot be said")
    try:
        event = event_from_json(dict(data))
    except BadInput as error:
        raise BadInput(f"{path}.{error.path}" if error.path else path, error.why) from error
    if event.session != session:
        raise BadInput(f"{path}.session", "is not the session of this address")
    if event.v != VERSION:
        raise BadInput(f"{path}.v", f"must be {VERSION}")
    if event.media_ms is not None and event.media_ms < 0:
        raise BadInput(f"{path}.media_ms", "must not be negative")
    if isinstance(event.body, HUB_ONLY):
        raise BadInput(f"{path}.type", "is written by the hub alone")
    return event


def refuse_citizens_words(events: Sequence[Event]) -> None:
    """A desk cannot say what only the citizen can: consent, answers, that a screen was seen."""
    for n, event in enumerate(events):
        if isinstance(event.body, CITIZENS_ONLY):
            raise BadInput(f"events.{n}.type", "is the citizen's own to say")
        if isinstance(event.body, MessageSent) and event.body.party is Party.CITIZEN:
            raise BadInput(f"events.{n}.body.party", "only the citizen writes as the citizen")
        if isinstance(event.body, MessageSent | MessageRead) and event.body.party is not Party.AGENT:
            raise BadInput(f"events.{n}.body.party", "a desk speaks for its agent")


def parse_signals(batch: Sequence[Mapping[str, Any]], session: str) -> list[Signal]:
    """The batch's signals; `BadInput` names the place."""
    if not 1 <= len(batch) <= MAX_BATCH:
        raise BadInput("signals", f"must be 1 to {MAX_BATCH}")
    found = []
    for n, data in enumerate(batch):
        if unknown := set(data) - {"session", "key", "kind", "body"}:
            raise BadInput(f"signals.{n}.{min(unknown)}", "unknown field")
        try:
            signal = signal_from_json(dict(data))
        except BadInput as error:
            raise BadInput(f"signals.{n}.{error.path}", error.why) from error
        if signal.session != session:
            raise BadInput(f"signals.{n}.session", "is not the session of this address")
        found.append(signal)
    return found


def refuse_citizens_signals(signals: Sequence[Signal]) -> None:
    """What the citizen's page alone can tell."""
    for n, signal in enumerate(signals):
        if isinstance(signal.body, Mirror | PageState | QueuePlace | VideoOffer):
            raise BadInput(f"signals.{n}.kind", "is the citizen's own to say")
        if isinstance(signal.body, MediaState | LiveText) and signal.body.party is not Party.AGENT:
            raise BadInput(f"signals.{n}.body.party", "a desk speaks for its agent")


async def drafts(hub: Hub, events: Sequence[Event], actor: str, size: int) -> list[Draft]:
    """Masked, fingerprinted, ready to store. `size` — characters of the request: a long one does not hold up the loop."""
    if size > LONG:
        return await asyncio.to_thread(_drafts, hub, events, actor)
    return _drafts(hub, events, actor)


def _drafts(hub: Hub, events: Sequence[Event], actor: str) -> list[Draft]:
    return [one_draft(hub, event, actor) for event in events]


def one_draft(hub: Hub, event: Event, actor: str) -> Draft:
    """One event, masked and fingerprinted."""
    return draft(hub.masker.event(event), actor, said=event, key=hub.key.fingerprint_key)
