"""How calls are shown, and what is published when they change."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.call import Call, CallState
from client.services.call_book import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A session's call as the call bar shows it.

    `conference` — names of those who are mixed in, or are being called for that; `consultation` — the name of the one asked
    while the citizen waits; `alone_with` — the name of the one left when the citizen has gone; `ringing` — that one has
    not answered yet.
    """

    session: str
    call: str
    state: CallState
    muted: bool
    on_hold: bool
    held_by_remote: bool
    hears_agent: bool
    wide_band: bool
    srtp: bool
    conference: tuple[str, ...]
    consultation: str
    alone_with: str
    ringing: bool
    emergency: bool
    number_masked: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """A call that rings here."""

    session: str
    number_masked: str
    ars: str
    queue: str
    language: str
    since: str
    silenced: bool = False


@dataclass(frozen=True, slots=True)
class CallStarted:
    """Telephony's sound of a call is there: captions may attach to its legs."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallHearing:
    """Who hears whom in a call changed."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallFinished:
    """A call is over; `was_talking` if it had been answered. `session` goes on without it; `began` as in its record; `by` — who ended it;
    `reason` — SIP's code and words."""

    call: str
    session: str
    part: Part
    was_talking: bool
    lost: bool
    began: dict[str, str]
    by: str = ""
    reason: str = ""
