"""When a line of a timeline was painted: for measuring what an agent can see, and when."""

from __future__ import annotations

import asyncio
import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from client.domain.timeline import MessageLine, Timeline
from client.domain.words import Party


class PaintWatch(QObject):
    """Watches one widget's paints."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._waiting: list[tuple[Timeline, str, Party, asyncio.Future[float]]] = []
        widget.installEventFilter(self)

    def after(self, timeline: Timeline, text: str, party: Party) -> asyncio.Future[float]:
        """The end (ms since 1970) of the first paint after this text stands in the timeline."""
        made: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append((timeline, text, party, made))
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002 — Qt's own override
        """A paint: what stands in the timeline by now is on the screen when it is over."""
        if event.type() == QEvent.Type.Paint and self._waiting:
            asyncio.get_running_loop().call_soon(self._tell, [one for one in self._waiting if _stands(one)])
        return False

    def _tell(self, seen: list[tuple[Timeline, str, Party, asyncio.Future[float]]]) -> None:
        for one in seen:
            if not one[3].done():
                one[3].set_result(time.time() * 1000)
            self._waiting = [other for other in self._waiting if other is not one]


def _stands(one: tuple[Timeline, str, Party, asyncio.Future[float]]) -> bool:
    timeline, text, party, _ = one
    return any(
        isinstance(line, MessageLine) and line.party is party and line.text == text for line in reversed(timeline.lines)
    )
