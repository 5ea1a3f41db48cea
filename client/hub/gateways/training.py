"""A provider that is this machine: for practice, demonstrations and tests. What it takes goes to nobody.

What it does with a message is told by `behave`: by default it takes and delivers it. It keeps what a real one would know:
what it took, under which reference.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from client.domain.bodies.written import DeliveryState
from client.domain.session_log import LogRefused
from client.domain.words import Channel
from client.hub.gateways.gateway import (
    Accepted,
    CannotTell,
    Health,
    Inbound,
    Inbox,
    Limits,
    Outgoing,
    Receipt,
    WebAnswer,
    WebRequest,
)

Behave = Callable[["Training", Outgoing], Awaitable[Accepted]]


async def take(gateway: Training, outgoing: Outgoing) -> Accepted:
    """Take the message, and say at once that it was delivered."""
    return gateway.take(outgoing)


class Training:
    """`Gateway` without an outside. Attributes: `taken` — what it took, by our reference; `ended_threads` — what was ended."""

    def __init__(
        self,
        name: str = "training",
        channel: Channel = Channel.SMS,
        *,
        limits: Limits | None = None,
        behave: Behave = take,
        tells: bool = True,
    ) -> None:
        self.name = name
        self.channel = channel
        self.limits = limits or Limits(senders=("120",), per_second=1_000.0)
        self.behave = behave
        self.taken: dict[str, Outgoing] = {}
        self.ended_threads: list[str] = []
        self._tells = tells
        self._numbers = itertools.count(1)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Know where to hand things over."""
        self._inbox = inbox

    async def stop(self) -> None:
        """Nothing to end."""

    async def send(self, outgoing: Outgoing) -> Accepted:
        """As it was told to behave."""
        return await self.behave(self, outgoing)

    def take(self, outgoing: Outgoing, *, delivered: bool = True) -> Accepted:
        """Keep it under our reference."""
        self.taken[outgoing.message] = outgoing
        return Accepted(provider=f"{self.name}-{next(self._numbers)}", delivered=delivered)

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:
        """Whether it was taken; `CannotTell` where this training provider is one that cannot be asked."""
        if not self._tells:
            raise CannotTell
        return Accepted(provider=f"{self.name}-found") if outgoing.message in self.taken else None

    async def receive(self, request: WebRequest) -> WebAnswer:
        """It has no webhook."""
        raise LogRefused(HTTPStatus.NOT_FOUND, "not-found", f"the training gateway has no {request.path}")

    async def end(self, address: str, reason: str) -> None:  # noqa: ARG002 — the gateway's shape
        """Know that it is over."""
        self.ended_threads.append(address)

    def health(self) -> Health:
        """Always good."""
        return Health()

    # ── the citizen's side ───────────────────────────────────────────────────────────────────────

    async def write(self, message: Inbound) -> str:
        """The citizen writes; the session."""
        return await self._there().message(self.name, message)

    async def tell(self, provider: str, state: DeliveryState, reason: str = "") -> None:
        """The provider tells how far a message came."""
        await self._there().receipt(self.name, Receipt(state=state, provider=provider, reason=reason))

    def _there(self) -> Inbox:
        if self._inbox is None:
            raise RuntimeError("the gateway was not started")
        return self._inbox
