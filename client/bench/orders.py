"""A benchmark's helper process: orders come as JSON lines on standard input and are answered as JSON lines."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from client.bench.waiting import BenchFailed, until
from client.demo.child import TalkingChild

PATIENCE_S = 5.0


async def orders() -> AsyncIterator[dict[str, Any]]:
    """Each line of standard input until it ends. In the helper."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    threading.Thread(target=_read, args=(loop, lines.put_nowait), daemon=True).start()
    while line := await lines.get():
        yield json.loads(line)


def _read(loop: asyncio.AbstractEventLoop, put: Callable[[str], None]) -> None:
    while line := sys.stdin.readline():
        loop.call_soon_threadsafe(put, line)
    loop.call_soon_threadsafe(put, "")


def say(event: str, **facts: Any) -> None:
    """Answer. In the helper."""
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


class Helper:
    """The benchmark's end of a helper: `module` runs in a process of its own."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._child = TalkingChild([sys.executable, "-m", module, *arguments], lambda _said: None)

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._child.pid

    async def ask(self, op: str, answer: str, **facts: Any) -> dict[str, Any]:
        """Give an order and wait for the event that answers it. Raises `BenchFailed`."""
        before = len(self._child.said)
        self._child.say(json.dumps({"op": op, **facts}) + "\n")
        await until(lambda: self._found(before, answer) or self._child.code is not None, f"{self._module}: {answer}")
        return await until(lambda: self._found(before, answer), f"{self._module} did not end: {answer}", 1)

    def _found(self, before: int, answer: str) -> dict[str, Any] | None:
        return next((line for line in self._child.said[before:] if line.get("event") == answer), None)

    async def end(self) -> None:
        """Let it go; it is made to where it does not by itself."""
        self._child.finish()
        with contextlib.suppress(BenchFailed):
            await until(lambda: self._child.code is not None, f"{self._module} ended", PATIENCE_S)
        self._child.end()
