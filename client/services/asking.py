"""Asking the hub for the agent: what it cannot do now is said as `NotPossible`."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from client.ports.hub import HubAway, HubRefused
from client.services.errors import NotPossible

T = TypeVar("T")


async def ask_hub(question: Awaitable[T]) -> T:
    """The hub's answer; raises `NotPossible` with `hub_away` or `hub_refused`."""
    try:
        return await question
    except HubAway as error:
        raise NotPossible("hub_away") from error
    except HubRefused as error:
        raise NotPossible("hub_refused", error.code or str(error.status)) from error
