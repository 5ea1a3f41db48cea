"""A real desk (window, core, engines, hub) as a process of its own, driven by JSON lines on its standard input.

Orders: {"do": NAME, …}; every order is answered by one line {"done": NAME, …} or {"failed": NAME, "why": …}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from client import settings
from client.domain.timeline import CaptionLine, FactLine, MessageLine, NoteLine, ScreenLine
from client.domain.words import Party
from client.services.notices import TroubleTold
from tests.peers.fake_media import halves
from ui.composition import DeskApp, run_desk

KEYS = {
    "F9": (Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier),
    "Shift+F9": (Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier),
}


class Driver:
    def __init__(self, app: DeskApp) -> None:
        self.app = app
        self.desk = app.desk
        self.orders: asyncio.Queue[dict | None] = asyncio.Queue()
        self.troubles: list[str] = []
        self.desk.publisher.subscribe(TroubleTold, lambda told: self.troubles.append(told.trouble.value))
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()

    def _read(self, loop) -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(self.orders.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(self.orders.put_nowait, None)

    async def run(self) -> int:
        while (order := await self.orders.get()) is not None:
            name = order.pop("do")
            try:
                answer = getattr(self, name)(**order)
                say(done=name, answer=await answer if asyncio.iscoroutine(answer) else answer)
            except Exception as error:  # noqa: BLE001 — whatever goes wrong is the test's to see
                say(failed=name, why=f"{type(error).__name__}: {error}")
        return 0

    # ── orders ───────────────────────────────────────────────────────────────────────────────────

    def state(self) -> dict:
        desk, health = self.desk, self.desk.health
        return {
            "health": [one.key for one in (health.phone, health.hub, health.captions)],
            "me": desk.sessions.me,
            "citizens": self.app.core.hub.citizen_url if self.app.core.hub else "",
            "offers": [offer.session for offer in desk.calls.offers],
            "running": desk.calls.running,
            "listener": desk.calls.listener_text_key,
            "waiting": desk.log.waiting,
            "troubles": self.troubles,
            "pids": {
                "voice": self.app.core.telephony.link.pid,
                "speech": self.app.core.speech.pid,
                "video": self.app.core.video.link.pid,
                "hub": self.app.core.hub.pid if self.app.core.hub else 0,
            },
            "sessions": {
                view.id: {"stage": view.stage.value, "owner": view.owner, "lost": view.lost, "sharing": view.sharing}
                for view in (desk.sessions.get(id_) for id_ in desk.sessions._entries)
            },
        }

    def lines(self, session: str) -> list[dict]:
        return [self._line(line) for line in self.desk.sessions.timeline(session).lines]

    @staticmethod
    def _line(line) -> dict:
        match line:
            case CaptionLine():
                return {
                    "kind": "caption",
                    "party": line.party.value,
                    "text": line.text,
                    "final": line.final,
                    "id": line.id,
                }
            case ScreenLine():
                return {"kind": "screen", "state": line.state.value, "answers": line.answers, "push": line.push}
            case MessageLine():
                return {
                    "kind": "message",
                    "id": line.id,
                    "party": line.party.value,
                    "text": line.text,
                    "stored": line.stored,
                    "delivery": line.delivery.value if line.delivery else "",
                    "read": line.read,
                }
            case NoteLine():
                return {"kind": "note", "text": line.text}
            case FactLine():
                return {"kind": line.body.type}
        return {}

    def key(self, key: str) -> None:
        code, modifier = KEYS[key]
        QTest.keyClick(self.app.window, code, modifier)

    def video(self) -> dict:
        """Who waits, who is talked with, and how that stands."""
        desk, session = self.desk, self.desk.video.running
        view = desk.video.view(session) if session else None
        call = view.call if view else None
        return {
            "offers": [offer.session for offer in desk.video.offers],
            "running": session,
            "link": call.link.value if call else "",
            "generation": call.generation if call else 0,
            "sees": bool(call and call.sees),
            "text": bool(call and call.text),
            "sound": bool(call and call.sound),
            "codec": call.codec if call else "",
            "problem": call.problem if call else "",
            "fps": view.quality.fps_in if view and view.quality else 0.0,
            "fps_out": view.quality.fps_out if view and view.quality else 0.0,
            "citizen": view.citizen.link if view and view.citizen else "",
            "interrupted": bool(view and view.interrupted),
            "live": desk.video.text.of(session).citizen if session else "",
            "pending": desk.video.text.of(session).pending if session else [],
            "cameras": desk.video.cameras.problem if desk.video.cameras else "",
        }

    async def video_do(self, method: str, args: list) -> object:
        """What the agent asks of a video session."""
        answer = getattr(self.desk.video, method)(*args)
        answer = await answer if asyncio.iscoroutine(answer) else answer
        return answer if isinstance(answer, str) else None

    def live(self, session: str, line: str) -> None:
        """The agent's line as it stands while it is typed."""
        self.desk.video.text.type(session, line)

    def finish(self, session: str, line: str) -> None:
        self.desk.video.text.finish(session, line)

    def picture(self, session: str) -> dict:
        """The newest picture of the citizen: its number, size, and the mean (B, G, R) of its lower halves."""
        picture = self.desk.video.picture(session, Party.CITIZEN)
        if picture is None:
            return {"number": 0}
        left, right = halves(picture.pixels, picture.width, picture.height)
        return {
            "number": picture.number,
            "size": [picture.width, picture.height],
            "left": list(left),
            "right": list(right),
        }

    def relay_state(self, session: str) -> str:
        view = self.desk.relay.view(session)
        return view.state.value if view else ""

    async def relay(self, method: str, args: list) -> None:
        await getattr(self.desk.relay, method)(*args)

    # ── the window ───────────────────────────────────────────────────────────────────────────────

    def act(self, action: str) -> None:
        """What a key does."""
        self.app.act(action)

    def shown(self) -> str:
        """The session that the window shows."""
        return self.app.window.context.selection.session

    def open(self, session: str) -> None:
        self.app.window.context.selection.open(session)

    def writable(self) -> bool:
        """Whether one can write to the citizen in the open session."""
        return self.app.window.view.page.composer.message.isEnabled()

    def write(self, text: str) -> None:
        """Type into the message's field and press Enter, as an agent does."""
        field = self.app.window.view.page.composer.message
        field.insertPlainText(text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def draft(self, session: str) -> str:
        return self.desk.writing.drafts(session).get("message", "")

    def told(self) -> list[str]:
        """What stands in the window as a trouble."""
        return self.app.window.view.troubles.texts()

    def held(self) -> list[str]:
        return [held.body.text for held in self.desk.sending.held]

    async def settle(self, session: str, message: str, again: bool) -> None:
        await self.desk.writing.settle(session, message, again=again)

    def note(self, session: str, text: str) -> None:
        self.desk.writing.note(session, text)

    def message(self, session: str, text: str) -> None:
        self.desk.writing.send(session, text)

    async def link(self, session: str) -> str:
        return await self.desk.screens.link(session)

    def push(self, session: str, name: str, language: str = "ko") -> str:
        screen = next(screen for screen in self.desk.screens.find("", language) if screen.name == name)
        return self.desk.screens.push(session, screen)

    async def call(self, method: str, args: list) -> None:
        await getattr(self.desk.calls, method)(*args)

    async def colleagues(self) -> list[dict]:
        return [{"id": one.id, "name": one.name} for one in await self.desk.sessions.colleagues()]

    async def save(self, session: str, codes: list, summary: str) -> None:
        await self.desk.wrapups.save(session, codes, summary)

    async def drained(self) -> bool:
        return await self.desk.log.drained(10)

    def screenshot(self, file: str) -> None:
        self.app.screenshot(Path(file))


def say(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(run_desk(settings.load(), script=lambda app: Driver(app).run()))
