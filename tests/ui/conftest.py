"""A desk on the fakes with its window, on one loop of asyncio and Qt."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from client.services.policy import Policy
from client.settings import Settings
from tests.desks import FakeDesk
from tests.ui import scenes
from tests.waiting import until
from ui.context import Context
from ui.main import build_window, event_loop
from ui.window import DeskWindow


@dataclass
class Stage:
    """A window at work. Attributes: `fake` — the desk and what stands behind it; `said` — what was announced."""

    fake: FakeDesk
    window: DeskWindow
    said: list[str]

    @property
    def desk(self):
        return self.fake.desk

    @property
    def view(self):
        return self.window.view

    @property
    def context(self) -> Context:
        return self.window.context

    def press(self, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier, widget: QWidget | None = None) -> None:
        """Press a key where the keyboard is, as the system does."""
        target = widget or QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, modifiers)

    def still(self) -> None:
        """Let the half second pass in which call keys stand still."""
        self.fake.clock.advance(0.6)

    async def talk(self) -> str:
        """A captioned call in the open session, whose citizen has the page; the session."""
        session = await scenes.talk(self.fake)
        await self.until(lambda: self.context.selection.session == session, "the running call's session opens")
        await self.until(self.view.page.composer.message.isEnabled, "the citizen can read")
        return session

    async def activate(self) -> None:
        """The window has the keyboard again: the offscreen platform does not give it back after a dialog."""
        self.window.activateWindow()
        await self.until(self.window.isActiveWindow)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        await until(condition, seconds=5, what=what)


@pytest.fixture
def on_stage(qapp):
    """Runs `async play(stage)` on a fresh desk with its window shown and active."""

    def run(
        play: Callable[[Stage], Awaitable[None]],
        *,
        policy: Policy | None = None,
        size: tuple[int, int] = (1366, 768),
        **settings: object,
    ) -> None:
        async def whole() -> None:
            fake = await scenes.started(policy)
            window = build_window(fake.desk, replace(Settings(), **{"reduced_motion": True, **settings}))
            stage = Stage(fake, window, [])
            window.announcer.said.connect(stage.said.append)
            window.resize(*size)
            window.show()
            window.activateWindow()
            await stage.until(window.isActiveWindow, "the window is active")
            try:
                await play(stage)
            finally:
                clear()
                await drained()
                await fake.desk.stop()

        qapp.setQuitOnLastWindowClosed(False)
        with event_loop(qapp) as loop:
            loop.run_until_complete(whole())

    return run


async def drained() -> None:
    """Let what was started in the background end."""
    for _ in range(20):
        await asyncio.sleep(0)


def clear() -> None:
    """Let go of every window, also of what waits to be deleted."""
    for top in QApplication.topLevelWidgets():
        top.hide()
        top.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def stage(on_stage, request):
    """Decorates an inner coroutine function: `@stage` runs it at once."""
    return lambda play: functools.partial(on_stage, play)()
