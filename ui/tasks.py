"""Starting what the services do asynchronously: the task is kept, and a refusal is shown to the agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from client.services.errors import NotPossible
from ui.trouble_text import refusal_text

T = TypeVar("T")


class Tasks(QObject):
    """Runs coroutines of the services on the desk's loop.

    Signals: `refused(NotPossible)` — what was asked cannot be done now; `told(text, good)` — what came of it, for everybody to see.
    """

    refused = Signal(object)
    told = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[asyncio.Task[Any]] = set()

    def start(
        self,
        work: Coroutine[Any, Any, T],
        then: Callable[[T], None] | None = None,
        owner: QObject | None = None,
        otherwise: Callable[[str], None] | None = None,
    ) -> None:
        """Run `work`; `then` gets its result, unless it was refused or its `owner` is gone meanwhile.

        `otherwise` gets the refusal in words, where the owner says it itself.
        """
        task = asyncio.get_running_loop().create_task(self._guarded(work, then, owner, otherwise))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def reason(self, act: Callable[[], object]) -> str:
        """Do a synchronous act now; why it was refused, in words, or "". For fields that say it themselves."""
        try:
            act()
        except NotPossible as why:
            return refusal_text(why.key, why.detail)
        return ""

    def attempt(self, act: Callable[[], object]) -> bool:
        """Do a synchronous act now; False if it was refused."""
        try:
            act()
        except NotPossible as why:
            self.refused.emit(why)
            return False
        return True

    async def _guarded(
        self,
        work: Coroutine[Any, Any, T],
        then: Callable[[T], None] | None,
        owner: QObject | None,
        otherwise: Callable[[str], None] | None,
    ) -> None:
        try:
            result = await work
        except NotPossible as why:
            if otherwise is not None and (owner is None or isValid(owner)):
                otherwise(refusal_text(why.key, why.detail))
            else:
                self.refused.emit(why)
            return
        if then is not None and (owner is None or isValid(owner)):
            then(result)
