"""Which events leave the centre, and what of them a provider is given."""

from __future__ import annotations

from typing import Any

from client.domain.codec import encode
from client.domain.event import ComplaintRouted, ComplaintStatus, Event, MessageSent
from client.domain.words import Channel, Party
from client.hub.delivery_table import Delivery
from client.hub.threads import Thread

OFFICE = "office:"


def leaves(event: Event) -> Channel | None:
    """The channel by which this event is to go out, or None: it stays here."""
    match event.body:
        case MessageSent(party=Party.AGENT, via=Channel() as via) if via.leaves_the_centre:
            return via
        case ComplaintStatus() | ComplaintRouted():
            return Channel.COMPLAINT
    return None


def outward_of(event: Event, thread: Thread, now: str) -> Delivery | None:
    """The row of the queue for this event, or None: it stays here."""
    if leaves(event) is None:
        return None
    return Delivery(
        message=event.id,
        session=event.session,
        gateway=thread.gateway,
        address=thread.address,
        content=_content(event),
        made=now,
    )


def _content(event: Event) -> dict[str, Any]:
    match event.body:
        case MessageSent() as body:
            return {
                "text": body.text,
                "subject": body.subject,
                "sender": body.sender,
                "attachments": [attachment.id for attachment in body.attachments],
                "buttons": [encode(button) for button in body.buttons],
            }
        case ComplaintStatus(status=status, note=note):
            return {"text": note, "status": status}
        case ComplaintRouted(office=office, why=why):
            return {"text": why, "status": f"{OFFICE}{office}"}
    return {}
