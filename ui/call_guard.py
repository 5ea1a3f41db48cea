"""Answering and hanging up stand still for a moment after the call they mean has changed.

An agent about to answer one call must not take the next one, which slipped into its place under the finger.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QObject

from client.services.desk import Desk
from client.services.notices import CallsChanged
from ui.listen import listen

STILL = timedelta(seconds=0.5)


class CallGuard(QObject):
    """Remembers when the offered or the running call last changed."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._meant = self._means()
        self._since = datetime.min.replace(tzinfo=desk.clock.now().tzinfo)
        listen(self, desk.publisher, CallsChanged, lambda _: self._look())

    def open(self) -> bool:
        """True if the offered and the running call have been the same for half a second."""
        return self._desk.clock.now() - self._since >= STILL

    def _means(self) -> tuple[str, str]:
        calls = self._desk.calls
        return (calls.offers[0].session if calls.offers else "", calls.running or "")

    def _look(self) -> None:
        means = self._means()
        if means != self._meant:
            self._meant = means
            self._since = self._desk.clock.now()
