"""One open stream: a bounded queue between what happens and a browser or desk that reads as fast as it can."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable

from client.domain.access import Person

MAX_FRAMES = 4_000  # waiting for one reader
MAX_BYTES = 4_000_000


class Reader:
    """`person` is None for a citizen; `session` narrows a desk's stream to one, and is a citizen's only one.

    `origin` — the address that it is read from.
    """

    def __init__(self, *, person: Person | None, session: str | None, origin: str = "") -> None:
        self.person = person
        self.session = session
        self.origin = origin
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self.ended = False
        self.on_end: Callable[[], None] = lambda: None

    @property
    def asker(self) -> str:
        """The principal's id; a citizen has none."""
        return self.person.id if self.person else ""

    def put(self, frame: bytes) -> None:
        """Queue one frame; a reader that is too far behind is ended, it will come back and fetch what it missed."""
        if self.ended:
            return
        if len(self._frames) >= MAX_FRAMES or self._bytes + len(frame) > MAX_BYTES:
            self.end()
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        self._wake.set()

    async def take(self) -> bytes:
        """Everything that waits, in one piece; nothing once the stream has ended."""
        while not self._frames and not self.ended:
            self._wake.clear()
            await self._wake.wait()
        data = b"".join(self._frames)
        self._frames.clear()
        self._bytes = 0
        return data

    def end(self) -> None:
        """No more; whoever sends is told, even while it waits for a stalled peer."""
        if not self.ended:
            self.ended = True
            self._wake.set()
            self.on_end()


def dumps(data: object) -> str:
    """Compact JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def frame(name: str, data: str, id_: str = "") -> bytes:
    """One Server-Sent Event (HTML Living Standard, 9.2). `data` is JSON and so holds no line break."""
    head = f"id: {id_}\n" if id_ else ""
    return f"{head}event: {name}\ndata: {data}\n\n".encode()
