"""What the relay to an office says: where it is, what the office is told first, and who hears, sees and reads whom."""

from __future__ import annotations

from client.domain.relay import RelayState, Sense, WhoLine
from client.domain.words import Party
from client.services.relay_lines import COLLEAGUE, RelayView
from ui.language import tr
from ui.wording import party_text


def relay_text(view: RelayView) -> str:
    """Where the relay is, in a sentence."""
    return {
        RelayState.DIALLING: tr("Calling {office}", office=view.office),
        RelayState.ANNOUNCING: tr("{office} answered: tell them first, then ask", office=view.office),
        RelayState.JOINED: tr("Relaying with {office}", office=view.office),
    }.get(view.state, tr("The phone relay is over"))


def announcement(view: RelayView) -> str:
    """What the office hears first, from whoever speaks with it."""
    if view.voice == COLLEAGUE:
        return tr(
            "“A counselor relays for a deaf citizen, I speak for them. What you say is shown as captions. Do you agree?”"
        )
    return tr("“I relay for a deaf citizen in sign language. What you say is shown as captions. Do you agree?”")


def who_text(view: RelayView) -> str:
    """Who hears, sees and reads whom, in one line; that nobody is heard at the office is said too."""
    lines = [line for line in view.who if line.whom or (line.who, line.sense) == (Party.OFFICE, Sense.HEARS)]
    return " · ".join(line_text(line) for line in lines)


def line_text(line: WhoLine) -> str:
    """One of them."""
    who, whom = party_text(line.who), ", ".join(party_text(party) for party in line.whom) or tr("nobody")
    return {
        Sense.HEARS: tr("{who} hears: {whom}", who=who, whom=whom),
        Sense.SEES: tr("{who} sees: {whom}", who=who, whom=whom),
    }.get(line.sense, tr("{who} reads: {whom}", who=who, whom=whom))
