"""The composition root of the desk: the window on the core, one event loop under both."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from client import platform, settings
from client.adapters.outbox_file import OutboxBusy
from client.composition import Core
from client.crash import Funnel
from client.settings import Settings
from ui.crash_sheet import CrashBridge
from ui.main import build_window, event_loop, make_application
from ui.window import DeskWindow

BUSY = NO_DISPLAY = 3
UNSEEN = (
    "ieum: there is no display to open the window on: set DISPLAY or WAYLAND_DISPLAY, "
    "or try `ieum desk --practice`, which then goes by itself"
)
OFFSCREEN = "offscreen"
OFFSCREEN_SIZE = 1366, 768  # the smallest workstation screen the window is made for

Script = Callable[["DeskApp"], Awaitable[int]]
"""Drives a desk by itself (practice, demo, a benchmark); its result is the exit code."""


class DeskApp:
    """One running desk. Attributes: `core`, `window`; `window_ms` — from the process's start to the painted window."""

    def __init__(self, wanted: Settings, directory: Path | None) -> None:
        self.core = Core(wanted, directory)
        self.desk = self.core.desk
        self.closed = asyncio.Event()
        self.window: DeskWindow = build_window(self.desk, wanted, self._save, settings.locked)
        self.window.closing.connect(self.closed.set)
        self.window_ms = 0.0

    def open(self) -> None:
        """Show the window, then begin to connect."""
        if os.environ.get("QT_QPA_PLATFORM") == OFFSCREEN:
            self.window.resize(*OFFSCREEN_SIZE)
        self.window.show()
        self.window.repaint()
        self.window_ms = (time.time() - platform.process_began()) * 1000
        self.core.start()

    async def close(self) -> None:
        """End; a running call lives on for 30 s for the next desk."""
        await self.core.close(end_engines=self.desk.talking_in is None)

    def act(self, action: str) -> None:
        """Do what a key would: an action by its id in `ui.shortcuts`."""
        self.window.context.actions.trigger(action)

    def screenshot(self, file: Path) -> None:
        """What the window shows, as PNG."""
        self.window.grab().save(os.fspath(file))

    def _save(self, changes: Mapping[str, object]) -> Settings:
        wanted = settings.save_user(changes)
        if any(key.startswith("sound.") for key in changes):
            sound = self.core.telephony.configure(
                microphone=wanted.microphone,
                speaker=wanted.speaker,
                ring_device=wanted.ring_device,
                ring_volume=wanted.ring_volume,
            )
            self.desk.log.in_background(sound)
        return wanted


def run_desk(wanted: Settings, *, directory: Path | None = None, script: Script | None = None) -> int:
    """Run the desk until its window is closed, or its script is done; `NO_DISPLAY` if nobody could see it."""
    if not platform.has_display() and "QT_QPA_PLATFORM" not in os.environ:
        if script is None:
            print(UNSEEN, file=sys.stderr)
            return NO_DISPLAY
        os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
    app = make_application()
    loop = event_loop(app)
    with loop:
        code: int = loop.run_until_complete(_run(wanted, directory, script))
    return code


async def _run(wanted: Settings, directory: Path | None, script: Script | None) -> int:
    try:
        desk = DeskApp(wanted, directory)
    except OutboxBusy as error:
        print(f"ieum: {error}", file=sys.stderr)
        return BUSY
    bridge = CrashBridge()
    bridge.crashed.connect(desk.window.show_crash)
    funnel = Funnel("desk", desk.core.directory, bridge.take)
    funnel.install()
    funnel.watch(asyncio.get_running_loop())
    platform.on_terminate(asyncio.get_running_loop(), desk.closed.set)
    try:
        desk.open()
        if script is None:
            await desk.closed.wait()
            return 0
        return await script(desk)
    finally:
        await desk.close()
        funnel.remove()
