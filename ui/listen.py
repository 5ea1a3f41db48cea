"""The one crossing from the desk's notices into Qt: a handler lives exactly as long as its widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer

from client.services.publisher import Publisher

T = TypeVar("T")
FRAME_MS = 25  # changes within one frame are drawn once
CALM_MS = 100  # for what is read at a glance and not followed word by word


def listen(owner: QObject, publisher: Publisher, kind: type[T], handler: Callable[[T], None]) -> None:
    """Call `handler` with every published `kind` until `owner` is gone."""
    end = publisher.subscribe(kind, handler)
    owner.destroyed.connect(lambda _=None: end())


class Coalesced(QObject):
    """Does an act once for all asks within one frame.

    A desk with 200 events a second asks 200 times and draws 40 times.
    """

    def __init__(self, parent: QObject, act: Callable[[], None], ms: int = FRAME_MS) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=ms)
        self._timer.timeout.connect(act)

    def ask(self, *_: object) -> None:
        """The act is due within a frame."""
        if not self._timer.isActive():
            self._timer.start()


def every_second(parent: QObject, act: Callable[[], None]) -> QTimer:
    """Do an act once a second, for timers that are shown."""
    timer = QTimer(parent, interval=1000)
    timer.timeout.connect(act)
    timer.start()
    return timer
