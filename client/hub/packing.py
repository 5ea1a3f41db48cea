"""From a row of the queue to what a provider is given: files are read when they are needed, and kept once."""

from __future__ import annotations

import asyncio

from client.domain.codec import decode
from client.domain.event import LinkButton
from client.domain.session_log import LogRefused
from client.hub.attachments.files import Attachments
from client.hub.delivery_table import Delivery
from client.hub.gateways.gateway import File, Outgoing


async def outgoing(attachments: Attachments, held: Delivery) -> Outgoing:
    """The message as its gateway sends it. A file that is gone was erased: the message goes without it."""
    content = held.content
    files = [file for id_ in content.get("attachments", ()) if (file := await _file(attachments, held.session, id_))]
    return Outgoing(
        message=held.message,
        session=held.session,
        address=held.address,
        text=content.get("text", ""),
        subject=content.get("subject", ""),
        sender=content.get("sender", ""),
        status=content.get("status", ""),
        files=tuple(files),
        buttons=tuple(decode(LinkButton, data) for data in content.get("buttons", ())),
        attempt=held.attempts + 1,
    )


async def _file(attachments: Attachments, session: str, id_: str) -> File | None:
    try:
        attachment, path = await attachments.read(session, id_)
        data = await asyncio.to_thread(path.read_bytes)
    except (LogRefused, OSError):
        return None
    return File(name=attachment.name, media_type=attachment.media_type, data=data)
