"""How a benchmark waits, and how it says that it cannot measure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
UP_S = 60.0  # a desk with its models is up well within this, on a busy machine too
POLL_S = 0.02


class BenchFailed(Exception):
    """What was to be measured did not happen; the text says what. The exit code is 1."""


async def until(condition: Callable[[], T | None], what: str, seconds: float = UP_S) -> T:
    """The first true value; raises `BenchFailed` after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise BenchFailed(f"this did not happen within {seconds:.0f} s: {what}")
        await asyncio.sleep(POLL_S)
    return value
