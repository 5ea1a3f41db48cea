"""Portals and forms: whoever can sign JSON writes to the centre, and is answered at its callback.

    POST /v1/gateways/{name}/messages         with the headers of `client.hub.gateways.signatures`
    {"id": "form-1", "thread": "case-20261126-1", "text": "공원 의자가 부서졌습니다.", "subject": "", "name": "홍길동",
     "number": "01012345678", "language": "ko", "at": "2026-11-26T09:00:00+09:00",
     "files": [{"name": "1.jpg", "media_type": "image/jpeg", "data": "base64"}]}

`id` is the portal's own of this message (the same again is the same message), `thread` names the conversation: a second message
of one thread goes into its open session. All but `id`, `thread` and one of `text` and `files` may be left out; fields that are
not named here are ignored: portals grow, and a citizen's words must not be lost over one. `at` names its offset. How far an answer
came is told by `POST …/receipts` `{"id": "…", "state": "delivered" or "failed", "reason": ""}`, that the writer types by
`POST …/typing` `{"thread": "…", "on": true}`, that the conversation is over by `POST …/ended` `{"thread": "…", "reason": "ended"}`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from client.domain.attachment import MAX_ATTACHMENTS
from client.domain.bodies.written import DeliveryState
from client.domain.codec import decode
from client.domain.event import parse_timestamp
from client.domain.gateway_account import WebhookAccount
from client.domain.words import Channel
from client.hub.clock import Now, system_now
from client.hub.gateways.callback import Callback
from client.hub.gateways.gateway import (
    Accepted,
    File,
    Health,
    Inbound,
    Inbox,
    Limits,
    Outgoing,
    Receipt,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.http_client import ANSWER_S
from client.hub.gateways.signatures import require_signature
from client.hub.gateways.text_messages import DONE, file_of, no_such, not_ready, parsed, require

T = TypeVar("T")
MAX_ID = 200
MAX_NAME = 100
MAX_TEXT = 100_000  # characters of one message; the log keeps it in pieces
FIRST_YEAR, LAST_YEAR = 2000, 2999
ENDS = ("ended", "blocked", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file as JSON."""

    name: str
    media_type: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a portal."""

    id: str
    thread: str
    text: str = ""
    subject: str = ""
    name: str = ""
    number: str = ""
    language: str = ""
    at: str = ""
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    id: str
    state: DeliveryState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typing:
    thread: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    thread: str
    reason: str = "ended"


class Webhook:
    """One portal. What comes in and goes out is signed with the account's secret; without one it takes nothing."""

    channel = Channel.PORTAL

    def __init__(self, account: WebhookAccount, *, now: Now = system_now, answer_s: float = ANSWER_S) -> None:
        self.name = account.name
        self.limits = Limits(files=MAX_ATTACHMENTS, buttons=5)
        self._secret = account.secret
        self._now = now
        self.callback = Callback(account.callback_url, account.secret, now, answer_s=answer_s)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Know where to hand things over."""
        self._inbox = inbox

    async def stop(self) -> None:
        """Let go."""
        await self.callback.close()

    async def send(self, outgoing: Outgoing) -> Accepted:
        """To the callback."""
        return await self.callback.send(outgoing)

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:
        """Whether the portal has our reference."""
        return await self.callback.look_up(outgoing.message)

    async def end(self, address: str, reason: str) -> None:
        """The portal is told nothing: its own case has its own end."""

    def health(self) -> Health:
        """As the last answers were."""
        return self.callback.health()

    async def receive(self, request: WebRequest) -> WebAnswer:
        """One of the webhooks above. Raises `LogRefused` and `BadInput`."""
        act = self.acts().get(request.path)
        if request.method != "POST" or act is None:
            raise no_such(request.path)
        if self._inbox is None:
            raise not_ready()
        await require_signature(request, gateway=self.name, secret=self._secret, inbox=self._inbox, now=self._now())
        await act(parsed(request.body), self._inbox)
        return DONE

    def acts(self) -> Mapping[str, Callable[[Any, Inbox], Awaitable[None]]]:
        """Path → what is done with its JSON."""
        return {"messages": self.take, "receipts": self._receipt, "typing": self._typing, "ended": self._ended}

    async def take(self, data: Any, inbox: Inbox) -> None:
        """A message."""
        await inbox.message(self.name, inbound(read(Message, data)))

    async def _receipt(self, data: Any, inbox: Inbox) -> None:
        told = read(_Told, data)
        require(told.state in (DeliveryState.DELIVERED, DeliveryState.FAILED), "state", "must be delivered or failed")
        require_id("id", told.id)
        await inbox.receipt(self.name, Receipt(state=told.state, provider=told.id, reason=told.reason[:MAX_ID]))

    async def _typing(self, data: Any, inbox: Inbox) -> None:
        told = read(_Typing, data)
        require_id("thread", told.thread)
        await inbox.typing(self.name, told.thread, on=told.on)

    async def _ended(self, data: Any, inbox: Inbox) -> None:
        told = read(_Ended, data)
        require_id("thread", told.thread)
        require(told.reason in ENDS, "reason", f"must be one of {', '.join(ENDS)}")
        await inbox.ended(self.name, told.thread, told.reason)


# ── what is read of it ───────────────────────────────────────────────────────────────────────────


def read(kind: type[T], data: Any) -> T:
    """`data` as `kind`, without the fields that it does not know. Raises `BadInput`."""
    return decode(kind, _known(kind, data))


def _known(kind: Any, data: Any) -> Any:
    if isinstance(data, list) and get_origin(kind) is tuple:
        return [_known(get_args(kind)[0], item) for item in data]
    if isinstance(data, dict) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return {name: _known(hints[name], value) for name, value in data.items() if name in hints}
    return data


def moment(text: str, path: str = "at") -> datetime:
    """An RFC 3339 time that can have been: portals' clocks fail to year 1. Raises `BadInput`."""
    found = parse_timestamp(text, path)
    require(FIRST_YEAR <= found.year <= LAST_YEAR, path, f"must be within {FIRST_YEAR} and {LAST_YEAR}")
    return found


def require_id(name: str, value: str) -> None:
    """Refuse an id or thread that is empty, too long or cannot be printed; raises `BadInput`."""
    fits = 1 <= len(value) <= MAX_ID and value.isprintable()
    require(fits, name, f"must have 1 to {MAX_ID} printable characters")


def inbound(message: Message, **more: Any) -> Inbound:
    """What the hub takes; `more` are further fields of `Inbound`. Raises `BadInput`."""
    require_id("id", message.id)
    require_id("thread", message.thread)
    for name in ("name", "number", "language", "subject"):
        require(len(getattr(message, name)) <= MAX_NAME, name, f"must be at most {MAX_NAME} characters")
    require(len(message.text) <= MAX_TEXT, "text", f"must be at most {MAX_TEXT} characters")
    require(len(message.files) <= MAX_ATTACHMENTS, "files", f"must be at most {MAX_ATTACHMENTS}")
    require(bool(message.text.strip() or message.files or more.get("facts")), "text", "must not be empty")
    files: tuple[File, ...] = tuple(
        file_of(file.name, file.media_type, file.data, f"files.{n}") for n, file in enumerate(message.files)
    )
    return Inbound(
        id=message.id,
        address=message.thread,
        text=message.text,
        subject=message.subject,
        at=moment(message.at) if message.at else None,
        name=message.name,
        number=message.number,
        language=message.language,
        files=files,
        **more,
    )
