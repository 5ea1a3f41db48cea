"""Answering and hanging up stand still for a moment after the call they mean has changed.

An agent about to answer one call must not take the next one, which slipped into its place under the finger.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from client.services.desk import Desk
from client.services.notices import CallsChanged, VideoChanged
from ui.listen import listen


class CallGuard(QObject):
    """Closes for `answer_guard_s` of the policy when the offered or the running call changes.

    It counts by a timer: the clock's time jumps when the hub corrects it.
    """

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._meant = self._means()
        self._changes = self._settled = 0
        for kind in (CallsChanged, VideoChanged):
            listen(self, desk.publisher, kind, lambda _: self._look())

    def open(self) -> bool:
        """True if the offered and the running call have been the same for long enough."""
        return self._settled == self._changes

    def _means(self) -> tuple[str, ...]:
        calls, video = self._desk.calls, self._desk.video
        waiting = next((offer.session for offer in video.offers), "")
        return (
            calls.offers[0].session if calls.offers else "",
            waiting,
            video.running or "",
            *calls.hang_up_means,
        )

    def _look(self) -> None:
        means = self._means()
        if means != self._meant:
            self._meant = means
            self._changes += 1
            change = self._changes
            self._desk.clock.later(self._desk.policy.answer_guard_s, lambda: self._settle(change))

    def _settle(self, change: int) -> None:
        self._settled = change
