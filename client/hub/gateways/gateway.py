"""The one interface of every outside service: send, receive, look up, health, limits.

A gateway turns a provider's messages into ours and back, checks signatures, and keeps nothing: the queue, the retries, what
was received already and who hears of it are the hub's (`client.hub.deliveries`, `client.hub.inbox`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from client.domain.bodies.written import DeliveryState, LinkButton
from client.domain.event import Body
from client.domain.words import Channel, Party

# ── what goes out ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture or a document by its bytes; those that come in are unchecked."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to a citizen. `message` — its event id, our reference at the provider; `address` — the citizen's, as the
    thread has it; `sender` — a registered number ("": the account's first); `attempt` 1, 2, …. `status` is set, and `text` a note, where a complaint's state is told, not a message.
    """

    message: str
    address: str
    text: str
    subject: str = ""
    sender: str = ""
    files: tuple[File, ...] = ()
    buttons: tuple[LinkButton, ...] = ()
    attempt: int = 1
    status: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took it. `provider` — its own id of the message, by which receipts name it ("" where there is none);
    `delivered` — nothing more will be heard: taking it is having delivered it; `text_kind` SMS|LMS|MMS."""

    provider: str = ""
    delivered: bool = False
    text_kind: str = ""


class NotNow(Exception):
    """It certainly did not get there (no connection, 429, 503 before anything was taken): try again, not before `after_s`."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_s = after_s


class Rejected(Exception):
    """The provider will never take it; `reason` is its own word, for the agent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unanswered(Exception):
    """It was given to the provider and no answer came, or none that can be understood: it may have been sent or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CannotTell(Exception):
    """The provider cannot be asked by our reference."""


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a conversation before an agent's time (a chatbot's)."""

    party: Party
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Something a citizen wrote. `id` — the provider's own of it: the same again is the same message; `address` — the
    citizen's (number in digits with country code or as the provider has it, user key, reference): it names the thread.

    `number` — the whole telephone number where known; `history` — what a bot and the citizen said before; `facts` — events
    that stand after the message (`complaint.filed`, `bot.handed_over`); `queue` — a name for the session's queue.
    """

    id: str
    address: str
    text: str = ""
    subject: str = ""
    at: datetime | None = None
    name: str = ""
    number: str = ""
    language: str = ""
    queue: str = ""
    files: tuple[File, ...] = ()
    history: tuple[Line, ...] = ()
    facts: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider says later of a message: `provider` — its id, or `message` — our reference; state delivered or failed."""

    state: DeliveryState
    provider: str = ""
    message: str = ""
    reason: str = ""


class Inbox(Protocol):
    """Where a gateway hands over what came in. What these return from is on the disk: only then is the provider answered.

    All raise `LogRefused` or `StoreFull` (the provider is then told to come again).
    """

    async def message(self, gateway: str, message: Inbound) -> str:
        """Into the citizen's open session, or a new one; its id. The same provider's id again changes nothing."""

    async def receipt(self, gateway: str, receipt: Receipt) -> None:
        """How far a message came. Unknown ones are kept for a while: a receipt may overtake its acceptance."""

    async def typing(self, gateway: str, address: str, *, on: bool) -> None:
        """The citizen is writing; nobody's open thread: nothing happens."""

    async def ended(self, gateway: str, address: str, reason: str) -> None:
        """The citizen's thread is over: `ended`, `blocked` or `expired`. Again changes nothing."""

    async def fresh(self, gateway: str, nonce: str, good_s: float) -> bool:
        """True the first time this nonce is seen; kept for `good_s` seconds, over a restart too (replay check)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """A webhook: `path` after `/v1/gateways/{name}/`; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """What the provider is answered."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"


# ── the gateway ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the provider takes: characters of a text (0: counted otherwise, see `client.domain.sms_text`), media types and
    bytes of files, buttons, sends per second and at once; `senders` — the registered numbers, the first is the default."""

    text: int = 0
    subject: int = 0
    files: int = 0
    file_bytes: int = 0
    media_types: tuple[str, ...] = ()
    buttons: int = 0
    per_second: float = 50.0
    at_once: int = 10
    senders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`state`: `good`, `slow` (it answers, but late or with errors) or `down`; `reason` in words, without citizens' data."""

    state: str = "good"
    reason: str = ""


class Gateway(Protocol):
    """One account at one provider. `name` is unique at the hub, `channel` what its sessions are."""

    name: str
    channel: Channel
    limits: Limits

    async def start(self, inbox: Inbox) -> None:
        """Begin (bind, poll); returns at once, also while the provider is away."""

    async def stop(self) -> None:
        """End within 2 s."""

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Give one message to the provider. Raises `NotNow`, `Rejected` or `Unanswered`, nothing else."""

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:
        """Ask the provider what became of our reference: taken, or None: it certainly never got it. Raises `CannotTell`."""

    async def receive(self, request: WebRequest) -> WebAnswer:
        """A webhook. Raises `LogRefused` (401 `bad-signature`, 409 `replayed`, 404) and `BadInput`."""

    async def end(self, address: str, reason: str) -> None:
        """The agent ended the session: tell the provider where it knows sessions. Raises as `send`."""

    def health(self) -> Health:
        """As it is now."""


@runtime_checkable
class AsksResults(Protocol):
    """A gateway whose provider does not tell results by itself: it asks, also for what an earlier hub had sent."""

    def await_result(self, provider: str) -> None:
        """Ask for this message's result until it is there."""


Gateways = Sequence[Gateway]
