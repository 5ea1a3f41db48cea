"""The demo: a citizen calls over real SIP, is answered, captioned, sent a screen, and the session is wrapped up."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from client import platform
from client.composition import Core
from client.demo.child import TalkingChild
from client.demo.sip_trace import only_messages
from client.demo.transcript import to_vtt
from client.domain.codes import for_ars
from client.domain.event import Event, event_to_json
from client.domain.timeline import CaptionLine, ScreenLine, ScreenState
from client.services.desk import Desk

SCREEN = "longterm-care-documents"
ARS = "3-1"
CODE = "3"
WAIT_S = 60.0
SETTLE_S = 0.3  # for the window to be painted before its picture is taken
LISTEN_S = 12.0  # how long the practice citizen is listened to before the screen is pushed


class DeskApp(Protocol):
    """What the demo needs of the running desk."""

    core: Core
    desk: Desk
    window_ms: float

    def act(self, action: str) -> None:
        """Do what a key would."""

    def screenshot(self, file: Path) -> None:
        """What the window shows, as PNG."""


class DemoFailed(Exception):
    """A step did not happen in time; the text says which."""


def sample_speech() -> Path | None:
    """English sample speech for the agent's microphone, where the tests' packages are installed."""
    found = importlib.util.find_spec("pytest_audioeval")
    for place in (found.submodule_search_locations or ()) if found else ():
        file = Path(place) / "samples" / "audio" / "en" / "quick_brown_fox.wav"
        if file.exists():
            return file
    return None


class Demo:
    """`out` gets `window.png`, `page.png` (with `browser`), `transcript.vtt`, `session.json`, `sip.trace` and `page.txt` (its address)."""

    def __init__(self, out: Path, wav: Path | None, agent_wav: Path | None = None, *, browser: bool = True) -> None:
        self._out = out
        self._wav = wav
        self._agent_wav = agent_wav or sample_speech()
        self._browser = browser
        self._children: list[TalkingChild] = []

    async def run(self, app: DeskApp) -> int:
        """The exit code: 0 if every step happened."""
        self._out.mkdir(parents=True, exist_ok=True)
        try:
            await self._session(app)
        except DemoFailed as error:
            print(f"ieum demo: {error}", file=sys.stderr)
            app.screenshot(self._out / "window.png")
            return 1
        finally:
            for child in self._children:
                child.end()
        return 0

    async def _session(self, app: DeskApp) -> None:
        desk = app.desk
        await _until(lambda: _ready(desk), "the desk did not become ready: `ieum doctor` says why")
        _say("ready", window_ms=round(app.window_ms), hub=app.core.hub.desk_url if app.core.hub else "")
        if self._agent_wav:
            await app.core.telephony.configure(wav=os.fspath(self._agent_wav.resolve()))
        phone = self._call(app)
        offer = await _until(lambda: desk.calls.offers, "no call arrived")
        session = offer[0].session
        _say("offered", session=session)
        await desk.calls.answer(session)
        await _until(lambda: desk.calls.call(session), "the call was not answered")
        _say("answered")
        address = await desk.screens.link(session)
        _say("page", address=address)
        (self._out / "page.txt").write_text(address + "\n", encoding="utf-8")
        await _until(lambda: self._heard(desk, session), "no caption appeared")
        page = self._open_page(address) if self._browser else None
        if page:
            await self._fill_a_screen(desk, session, page)
        await self._listen(app, session)
        app.act("panel_screens")
        await asyncio.sleep(SETTLE_S)
        app.screenshot(self._out / "window.png")
        await self._wrap_up(desk, session, phone)
        if page:
            page.finish()
            await _until(lambda: page.code is not None, "the page did not close")
        events = await app.core.ports.hub.events(session, 0)
        self._leave_files(events)

    def _call(self, app: DeskApp) -> TalkingChild:
        endpoint = app.core.directory / "run" / "voice.json"
        command = [*platform.ieum_command(), "practice", "phone", "--endpoint", str(endpoint), "--wait", "10"]
        command += ["--trace", str(self._out / "sip.log"), "--header", f"X-ARS-Menu={ARS}"]
        command += ["--wav", str(self._wav.resolve())] if self._wav else []
        return self._child(command, "phone")

    def _open_page(self, address: str) -> TalkingChild:
        picture = str(self._out / "page.png")
        return self._child([sys.executable, "-m", "client.demo.browser", address, "--picture", picture], "page")

    def _child(self, command: list[str], who: str) -> TalkingChild:
        child = TalkingChild(command, lambda said: _say(f"{who}: {said.pop('event', '')}", **said))
        self._children.append(child)
        return child

    def _heard(self, desk: Desk, session: str) -> bool:
        return any(isinstance(line, CaptionLine) and line.text for line in desk.sessions.timeline(session).lines)

    async def _fill_a_screen(self, desk: Desk, session: str, page: TalkingChild) -> None:
        await _until(lambda: desk.sessions.get(session).sharing or page.code, "the page was not entered")
        screen = next(screen for screen in desk.screens.find("", "ko") if screen.name == SCREEN)
        push = desk.screens.push(session, screen)
        _say("pushed", title=screen.title)

        def answered() -> ScreenLine | None:
            line = desk.sessions.timeline(session).find(push)
            return line if isinstance(line, ScreenLine) and line.state is ScreenState.ANSWERED else None

        line = await _until(answered, "the citizen did not answer the screen")
        _say("screen answered", answers=line.answers)

    async def _listen(self, app: DeskApp, session: str) -> None:
        """Until both have said something, or the practice citizen has spoken for a while."""
        ends = time.monotonic() + LISTEN_S

        def finals() -> set[str]:
            lines = app.desk.sessions.timeline(session).lines
            return {line.party.value for line in lines if isinstance(line, CaptionLine) and line.final}

        await _until(lambda: finals() >= {"agent", "citizen"} or time.monotonic() > ends, "nothing was said")
        _say("heard", parties=sorted(finals()))

    async def _wrap_up(self, desk: Desk, session: str, phone: TalkingChild) -> None:
        await desk.calls.hang_up(session)
        await _until(lambda: phone.code is not None, "the practice phone did not end")
        await _until(lambda: desk.wrapups.state(session), "no wrap-up began")
        code = for_ars(desk.wrapups.codes, ARS)
        await desk.wrapups.save(session, (code.id if code else CODE,), "demo")
        await desk.log.drained(WAIT_S)
        _say("wrapped up", waiting=desk.log.waiting)

    def _leave_files(self, events: Sequence[Event]) -> None:
        text = json.dumps([event_to_json(event) for event in events], ensure_ascii=False, indent=1)
        (self._out / "session.json").write_text(text, encoding="utf-8")
        (self._out / "transcript.vtt").write_text(to_vtt(events), encoding="utf-8")
        log = self._out / "sip.log"
        if log.exists():
            (self._out / "sip.trace").write_text(only_messages(log.read_text(errors="replace")), encoding="utf-8")
            log.unlink()
        _say("done", files=sorted(file.name for file in self._out.iterdir()))


def practice_call(wav: Path | None) -> Callable[[DeskApp], Awaitable[int]]:
    """A script for a desk with a person at it: one practice citizen calls in, the window stays open."""

    voice = ["--wav", str(wav.resolve())] if wav else []

    async def script(app: Any) -> int:
        endpoint = app.core.directory / "run" / "voice.json"
        command = [*platform.ieum_command(), "practice", "phone", "--endpoint", str(endpoint), "--wait", "30"]
        phone = TalkingChild([*command, *voice], lambda said: _say(**said))
        print("A practice citizen is calling. Answer with F9; copy the citizen's link with its key and open it.")
        await app.closed.wait()
        phone.end()
        return 0

    return script


def _ready(desk: Desk) -> bool:
    health = desk.health
    return all(one.state != "bad" for one in (health.phone, health.captions)) and health.hub.state == "good"


async def _until(condition: Callable[[], Any], otherwise: str) -> Any:
    ends = time.monotonic() + WAIT_S
    while not (value := condition()):
        if time.monotonic() > ends:
            raise DemoFailed(otherwise)
        await asyncio.sleep(0.02)
    return value


def _say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)
