"""A desk on the fakes under a real X server, for the AT-SPI walk: a call rings, a screen is shared once it is answered.

Every stage is printed as one line; it ends when the wrap-up is saved, or when its input is closed.
"""

from __future__ import annotations

import asyncio
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from client.adapters.clock import LoopClock
from client.domain.session import Stage as Life
from client.domain.timeline import NoteLine
from client.services.policy import Policy
from client.settings import Settings
from tests.desks import fake_desk
from tests.ui import scenes
from tests.waiting import until
from ui.main import build_window, event_loop, make_application

PATIENCE = 120.0


def say(stage: str) -> None:
    print(stage, flush=True)


def keep_active(window: QWidget) -> None:
    """Give the keyboard back to the window when a dialog is gone, as a window manager would: there is none here."""
    timer = QTimer(window, interval=50)
    timer.timeout.connect(lambda: QApplication.focusWindow() or window.activateWindow())
    timer.start()


async def main() -> None:
    fake = fake_desk(Policy(second_call=True, offer_s=3600, wrapup_s=600), clock=LoopClock())
    fake.desk.start()
    await until(lambda: fake.desk.sessions.me)
    fake.desk.health.phone_there(there=True)
    window = build_window(fake.desk, Settings(reduced_motion=True))
    window.resize(1366, 768)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow)
    keep_active(window)
    session = await scenes.ring(fake)
    await until(window.view.offer.isVisible)
    await until(window.view.call_actions.guard.open)  # the call keys stand still for a moment
    say("ringing")
    await until(lambda: fake.desk.calls.running == session, PATIENCE)
    await until(lambda: session in fake.hub.owners)
    scenes.page_entered(fake, session)
    fake.desk.screens.push(session, scenes.SCREENS[0])
    legs = await until(lambda: {leg.rpartition("/")[2]: leg for leg in fake.speech.legs if len(fake.speech.legs) == 2})
    fake.speech.say(legs["citizen"], "안녕하세요. 장기요양을 알아보려고요.")
    await until(window.view.page.composer.message.isEnabled)
    say("talking")
    await until(
        lambda: [line for line in fake.desk.sessions.timeline(session).lines if isinstance(line, NoteLine)], PATIENCE
    )
    await scenes.ring(fake, "01011112222")
    await until(window.view.offer.isVisible)
    await until(window.view.call_actions.guard.open)
    say("a second call")
    await until(lambda: not fake.desk.calls.offers, PATIENCE)
    await until(window.view.call_actions.guard.open)
    say("declined")
    await until(lambda: fake.desk.wrapups.state(session), PATIENCE)
    say("wrapping up")
    await until(lambda: fake.desk.sessions.get(session).stage is Life.CLOSED, PATIENCE)
    say(f"closed {' '.join(fake.desk.sessions.get(session).codes)}")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await fake.desk.stop()


if __name__ == "__main__":
    with event_loop(make_application()) as loop:
        loop.run_until_complete(main())
