"""The hub, as a desk uses it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from client.domain.event import Event
from client.domain.signal import Signal
from client.domain.words import Role


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

    async def colleagues(self) -> Sequence[Colleague]:
        """Other principals who can take a session."""
