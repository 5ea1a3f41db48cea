"""What the agent attaches: uploaded at once, kept with the draft, sent with the message."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum

from client.domain.attachment import MAX_ATTACHMENTS, Attachment
from client.domain.codec import BadInput, decode, encode
from client.domain.ids import new_id
from client.ports.hub import Hub, HubAway, HubRefused
from client.ports.outbox import Outbox, OutboxFull
from client.services.asking import ask_hub
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.notices import AttachmentsChanged
from client.services.publisher import Publisher
from client.services.sending import ATTACHMENTS

MAX_PICTURES_KEPT = 40  # pictures of the timeline in memory


class UploadState(StrEnum):
    """Where a file is on its way."""

    UPLOADING = "uploading"
    KEPT = "kept"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file beside a message that is being written; `why` it was refused, `attachment` once the hub has it."""

    id: str
    name: str
    size: int
    state: UploadState
    why: str = ""
    attachment: Attachment | None = None


class AttachingService:
    """Files of the drafts by session, and the bytes of what stands in timelines."""

    def __init__(self, hub: Hub, log: EventLog, outbox: Outbox, publisher: Publisher) -> None:
        self._hub = hub
        self._log = log
        self._outbox = outbox
        self._publisher = publisher
        self._items: dict[str, dict[str, Item]] = {}
        self._data: dict[str, bytes] = {}
        self._shown: dict[str, bytes] = {}

    def items(self, session: str) -> tuple[Item, ...]:
        """The files of a session's draft, in the order attached; those of an earlier desk too."""
        if session not in self._items:
            self._items[session] = {one.id: _kept(one) for one in _drafted(self._outbox.drafts(session))}
        return tuple(self._items[session].values())

    def add(self, session: str, name: str, data: bytes) -> str:
        """Attach a file and upload it; its id. Raises `NotPossible` where there are enough."""
        if len(self.items(session)) >= MAX_ATTACHMENTS:
            raise NotPossible("too_many_files", str(MAX_ATTACHMENTS))
        item = Item(id=new_id(), name=name, size=len(data), state=UploadState.UPLOADING)
        self._data[item.id] = data
        self._put(session, item)
        self._log.in_background(self._upload(session, item))
        return item.id

    def retry(self, session: str, id_: str) -> None:
        """Upload again what could not go."""
        item = self._items.get(session, {}).get(id_)
        if item is not None and id_ in self._data:
            item = replace(item, state=UploadState.UPLOADING, why="")
            self._put(session, item)
            self._log.in_background(self._upload(session, item))

    def remove(self, session: str, id_: str) -> None:
        """Do not attach it after all."""
        self._items.get(session, {}).pop(id_, None)
        self._data.pop(id_, None)
        self._save(session)

    def taken(self, session: str) -> tuple[Attachment, ...]:
        """What goes with the message, which is then no draft's any more. Raises `NotPossible` while one is not kept."""
        items = self.items(session)
        if any(item.attachment is None for item in items):
            raise NotPossible("file_not_ready")
        return tuple(item.attachment for item in items if item.attachment is not None)

    def clear(self, session: str) -> None:
        """The message was sent."""
        self._items[session] = {}
        self._save(session)

    def forget(self, session: str) -> None:
        """Read the draft anew: a message that was taken back brought its files along."""
        held = {id_: item for id_, item in self._items.get(session, {}).items() if item.attachment is None}
        self._items.pop(session, None)
        self.items(session)
        self._items[session].update(held)
        self._publisher.publish(AttachmentsChanged(session))

    # ── in the timeline ──────────────────────────────────────────────────────────────────────────

    def shown(self, session: str, attachment: Attachment) -> bytes | None:
        """A picture's bytes, or None: they are being fetched and `AttachmentsChanged` tells when they are here."""
        data = self._shown.get(attachment.id)
        if data is None:
            self._shown[attachment.id] = b""
            self._log.in_background(self._fetch(session, attachment))
        return data or None

    async def kept_bytes(self, session: str, attachment: Attachment) -> bytes:
        """A file's bytes, for saving it. Raises `NotPossible`."""
        return await ask_hub(self._hub.download(session, attachment.id))

    async def _fetch(self, session: str, attachment: Attachment) -> None:
        try:
            data = await self._hub.download(session, attachment.id)
        except (HubAway, HubRefused):
            self._shown.pop(attachment.id, None)
            return
        if len(self._shown) > MAX_PICTURES_KEPT:
            del self._shown[next(iter(self._shown))]
        self._shown[attachment.id] = data
        self._publisher.publish(AttachmentsChanged(session))

    async def _upload(self, session: str, item: Item) -> None:
        try:
            target = await self._log.settled(session)
            kept = await self._hub.upload(target, item.id, item.name, self._data[item.id])
        except (HubAway, NotPossible):
            self._put(session, replace(item, state=UploadState.AWAY))
        except HubRefused as error:
            self._put(session, replace(item, state=UploadState.REFUSED, why=str(error)))
        else:
            self._data.pop(item.id, None)
            self._put(session, _kept(kept))

    def _put(self, session: str, item: Item) -> None:
        self.items(session)
        if item.state is not UploadState.UPLOADING and item.id not in self._items[session]:
            return  # removed meanwhile
        self._items[session][item.id] = item
        self._save(session)

    def _save(self, session: str) -> None:
        kept = [encode(item.attachment) for item in self._items.get(session, {}).values() if item.attachment]
        try:
            self._outbox.save_draft(session, ATTACHMENTS, json.dumps(kept, ensure_ascii=False) if kept else "")
        except OutboxFull as error:
            raise NotPossible("store_full", str(error)) from error
        finally:
            self._publisher.publish(AttachmentsChanged(session))


def _kept(attachment: Attachment) -> Item:
    return Item(
        id=attachment.id, name=attachment.name, size=attachment.size, state=UploadState.KEPT, attachment=attachment
    )


def _drafted(drafts: dict[str, str]) -> tuple[Attachment, ...]:
    try:
        return decode(tuple[Attachment, ...], json.loads(drafts.get(ATTACHMENTS, "[]")))
    except (BadInput, ValueError):
        return ()
