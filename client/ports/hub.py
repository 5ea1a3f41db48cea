"""The hub, as a desk uses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from client.domain.attachment import Attachment
from client.domain.event import Event
from client.domain.signal import Signal
from client.domain.video import IceServer
from client.domain.words import Channel, Role


class HubAway(Exception):
    """The hub does not answer; what was asked may be asked again."""


class HubRefused(Exception):
    """The hub answered no. `status` is HTTP's, `code` the problem's; asking again will not help."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this desk is at the hub, and the hub's clock minus ours in seconds."""

    principal: str
    name: str
    role: Role
    permissions: tuple[str, ...]
    offset_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """What the hub knows of a session beside its log."""

    id: str
    owner: str | None
    owner_name: str
    last_seq: int
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """Session → last seq, of all that this desk may see."""

    heads: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The stream is open (again)."""

    identity: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The number the hub gave an event."""

    id: str
    seq: int
    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A principal to whom a session can go."""

    id: str
    name: str
    role: Role
    connected: bool
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """An earlier session of the same citizen."""

    id: str
    channel: Channel
    opened: str
    closed: str
    owner_name: str
    codes: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """One outside service. `state` good|slow|down and why; `senders` — registered numbers; limits: characters of a text
    (0: counted otherwise), files, bytes of one, media types, buttons; `queued`, `uncertain` — messages in its queue."""

    name: str
    channel: Channel
    state: str
    reason: str = ""
    senders: tuple[str, ...] = ()
    text: int = 0
    subject: int = 0
    files: int = 0
    file_bytes: int = 0
    media_types: tuple[str, ...] = ()
    buttons: int = 0
    queued: int = 0
    uncertain: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One event in which searched words stand."""

    session: str
    id: str
    at: str
    excerpt: str


StreamItem = Connected | Event | Signal | Heads | SessionState


class Hub(Protocol):
    """Every method raises `HubAway` or `HubRefused`."""

    async def open_session(self, event: Event, keys: Sequence[str], number: str) -> SessionState:
        """Open a session or join the one that has one of `keys`; the state's id is the one to use."""

    async def sessions(self) -> Sequence[SessionState]:
        """All sessions this desk may see."""

    async def append(self, session: str, events: Sequence[Event]) -> Sequence[Stored]:
        """Store events, in order; the same id twice is one event."""

    async def events(self, session: str, after: int) -> Sequence[Event]:
        """The session's events with seq > `after`, all of them."""

    async def signal(self, signals: Sequence[Signal]) -> None:
        """Send signals of one session."""

    def stream(self) -> AsyncGenerator[StreamItem, None]:
        """Everything that happens from now on, until the connection ends (`HubAway`)."""

    async def claim(self, session: str) -> SessionState:
        """Become the one owner; `HubRefused` 409 if another is."""

    async def transfer(self, session: str, to: str, note: str) -> SessionState:
        """Hand the session to a colleague."""

    async def release(self, session: str, reason: str) -> SessionState:
        """Back to the queue."""

    async def close(self, session: str) -> SessionState:
        """Nothing more is expected."""

    async def link(self, session: str) -> str:
        """The citizen's address."""

    async def renew_link(self, session: str) -> str:
        """A new address for the citizen; the one before opens nothing any more."""

    async def unmask(self, session: str, reason: str) -> str:
        """The citizen's whole number; the look is logged."""

    async def opened(self, session: str, at: datetime) -> None:
        """The agent opened the session on the screen, then; logged, the owner's look too."""

    async def ice(self) -> Sequence[IceServer]:
        """STUN and TURN servers of the centre, with credentials that are good for some hours."""

    async def colleagues(self) -> Sequence[Colleague]:
        """Other principals who can take a session."""

    # ── written channels ─────────────────────────────────────────────────────────────────────────

    async def next_waiting(self, channels: Sequence[Channel], languages: Sequence[str]) -> SessionState | None:
        """Claim the longest waiting session of these (none named: any); None: nothing waits. 409 `full` at capacity."""

    async def merge(self, session: str, target: str) -> SessionState:
        """`session` goes on in `target`; both must be ours. The target's state."""

    async def history(self, session: str) -> Sequence[PastSession]:
        """Earlier sessions of the same citizen, newest first; 403 `not-confirmed` where it must be confirmed who writes."""

    async def gateways(self) -> Sequence[GatewayState]:
        """The outside services: whether they work and what they take."""

    async def settle(self, session: str, message: str, *, again: bool) -> None:
        """A failed or uncertain message is sent again, or left as failed."""

    async def upload(self, session: str, attachment: str, name: str, data: bytes) -> Attachment:
        """Keep a file under the id `attachment` (made here, UUIDv7); as it was kept. 422 where its content is refused."""

    async def download(self, session: str, attachment: str) -> bytes:
        """A file's bytes."""

    async def search(self, words: str) -> Sequence[Found]:
        """Events of our sessions in which the words stand, newest first; logged."""

    async def export(self, session: str, form: str, reason: str) -> bytes:
        """A session as `json`, `txt`, `html` or `vtt`; logged with the reason."""

    async def export_rows(self, since: datetime, until: datetime, reason: str) -> bytes:
        """Our sessions opened between these, one row each, as CSV (UTF-8 with BOM); logged with the reason."""
