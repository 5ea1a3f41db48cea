"""From a row of the queue to what a provider is given: files are read when they are needed, and kept once."""

from __future__ import annotations

import asyncio

from client.domain.codec import BadInput, decode
from client.domain.event import LinkButton
from client.domain.session_log import LogRefused
from client.hub.attachments.files import Attachments
from client.hub.attachments.pictures import carriers_jpeg
from client.hub.delivery_table import Delivery
from client.hub.gateways.gateway import File, Limits, Outgoing

JPEG = "image/jpeg"


async def outgoing(attachments: Attachments, held: Delivery, limits: Limits) -> Outgoing:
    """The message as its gateway sends it. A file that is gone was erased: the message goes without it."""
    content = held.content
    files = [
        file for id_ in content.get("attachments", ()) if (file := await _file(attachments, held.session, id_, limits))
    ]
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
        attempt=held.attempts,
    )


async def _file(attachments: Attachments, session: str, id_: str, limits: Limits) -> File | None:
    try:
        attachment, path = await attachments.read(session, id_)
        data = await asyncio.to_thread(path.read_bytes)
    except (LogRefused, OSError):
        return None
    file = File(name=attachment.name, media_type=attachment.media_type, data=data)
    fits = not limits.media_types or file.media_type in limits.media_types
    if attachment.is_picture and JPEG in limits.media_types and not (fits and len(data) <= limits.file_bytes):
        return await asyncio.to_thread(_as_carriers_take_it, file, limits.file_bytes)
    return file


def _as_carriers_take_it(file: File, most: int) -> File:
    try:
        data = carriers_jpeg(file.data, most)
    except BadInput:
        return file  # the gateway says why it cannot take it
    return File(name=f"{file.name.rpartition('.')[0] or 'picture'}.jpg", media_type=JPEG, data=data)
