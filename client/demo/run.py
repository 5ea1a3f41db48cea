"""The demo: a citizen calls over real SIP, is answered, captioned, sent a screen, and the session is wrapped up."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import wave
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from client import platform
from client.composition import Core
from client.demo.child import TalkingChild
from client.demo.needs import need_speech
from client.demo.sip_trace import only_messages
from client.demo.transcript import to_vtt
from client.domain.codes import for_ars
from client.domain.event import Event, event_to_json
from client.domain.timeline import CaptionLine, Line, ScreenLine, ScreenState
from client.domain.words import Party
from client.engine_protocol import SAMPLE_RATE
from client.services.desk import Desk

SCREEN = "longterm-care-documents"
ARS = "3-1"
CODE = "3"
WAIT_S = 60.0
POLL_S = 0.02
SETTLE_S = 0.3  # for the window to be painted before its picture is taken
LISTEN_S = 60.0
LOCALES = {"ko": "ko-KR", "en": "en-US"}
FILES = ("window.png", "page.png", "page.txt", "transcript.vtt", "session.json", "sip.trace", "sip.log")


class DeskApp(Protocol):
    """What the demo needs of the running desk."""

    core: Core
    desk: Desk
    window_ms: float
    closed: asyncio.Event

    def act(self, action: str) -> None:
        """Do what a key would."""

    def screenshot(self, file: Path) -> None:
        """What the window shows, as PNG."""


class DemoFailed(Exception):
    """A step did not happen in time; the text says which."""


class Demo:
    """`out` gets `window.png`, `page.png` (with `browser`), `transcript.vtt`, `session.json`, `sip.trace` and `page.txt` (its address).

    Without `wav` both speak English; with it the agent is silent unless `agent_wav` says something: what one language's
    recogniser makes of another is nonsense. Whoever speaks must have been captioned within `listen_s`. With `stay` the
    desk and the page stay until the process is asked to end. Raises `Missing` where there is nothing to say.
    """

    def __init__(
        self,
        out: Path,
        wav: Path | None = None,
        agent_wav: Path | None = None,
        *,
        browser: bool = True,
        listen_s: float = LISTEN_S,
        stay: bool = False,
    ) -> None:
        self._out = out.resolve()
        self._wav = wav
        self._agent_wav = agent_wav or (None if wav else need_speech())
        self._browser = browser
        self._listen_s = listen_s
        self._stay = stay
        self._children: list[TalkingChild] = []

    async def run(self, app: DeskApp) -> int:
        """The exit code: 0 if every step happened."""
        self._out.mkdir(parents=True, exist_ok=True)
        for name in FILES:  # what an earlier run left would pass for this one's
            (self._out / name).unlink(missing_ok=True)
        try:
            await self._session(app)
        except DemoFailed as error:
            print(f"ieum: {error}", file=sys.stderr)
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
        await app.core.telephony.configure(wav=os.fspath(self._microphone(app.core.directory)))
        phone = self._call(app)
        session = await self._answer(desk, phone)
        address = await desk.screens.link(session)
        _say("page", address=address)
        (self._out / "page.txt").write_text(address + "\n", encoding="utf-8")
        language = desk.sessions.get(session).language
        page = self._open_page(address, language) if self._browser else None
        await self._fill_a_screen(desk, session, language, page)
        await self._listen(desk, session)
        app.act("panel_screens")
        await asyncio.sleep(SETTLE_S)
        app.screenshot(self._out / "window.png")
        await self._wrap_up(desk, session, phone)
        if page:
            page.finish()
            await _until(lambda: page.code is not None, "the page did not close")
        self._leave_files(await app.core.ports.hub.events(session, 0))
        await self._end(app, address)

    async def _answer(self, desk: Desk, phone: TalkingChild) -> str:
        """The session of the call, answered."""
        await _until(lambda: desk.calls.offers or phone.code is not None, "no call arrived")
        if not desk.calls.offers:
            raise DemoFailed(f"the practice phone ended without a call: {phone.said[-1:]}")
        session = desk.calls.offers[0].session
        _say("offered", session=session)
        await desk.calls.answer(session)
        await _until(lambda: desk.calls.call(session), "the call was not answered")
        _say("answered")
        return session

    def _microphone(self, directory: Path) -> Path:
        """What the agent says: never the room in which this runs."""
        return self._agent_wav.resolve() if self._agent_wav else silent_wav(directory / "silence.wav")

    def _call(self, app: DeskApp) -> TalkingChild:
        endpoint = app.core.directory / "run" / "voice.json"
        command = [*platform.ieum_command(), "practice", "phone", "--endpoint", str(endpoint), "--wait", "10"]
        command += ["--trace", str(self._out / "sip.log"), "--header", f"X-ARS-Menu={ARS}"]
        command += ["--wav", str(self._wav.resolve())] if self._wav else []
        return self._child(command, "phone")

    def _open_page(self, address: str, language: str) -> TalkingChild:
        command = [sys.executable, "-m", "client.demo.browser", address, "--locale", LOCALES.get(language, language)]
        return self._child([*command, "--picture", str(self._out / "page.png")], "page")

    def _child(self, command: list[str], who: str) -> TalkingChild:
        child = TalkingChild(command, lambda said: _say(f"{who}: {said.pop('event', '')}", **said))
        self._children.append(child)
        return child

    async def _fill_a_screen(self, desk: Desk, session: str, language: str, page: TalkingChild | None) -> None:
        """Push a screen in the citizen's language; where there is a page, its answer comes back."""
        if page:
            await _until(lambda: desk.sessions.get(session).sharing or page.code is not None, "nobody entered the page")
        screen = next(screen for screen in desk.screens.find("", language) if screen.name == SCREEN)
        push = desk.screens.push(session, screen)
        _say("pushed", title=screen.title, language=screen.language)
        if page is None:
            return

        def answered() -> ScreenLine | None:
            line = desk.sessions.timeline(session).find(push)
            return line if isinstance(line, ScreenLine) and line.state is ScreenState.ANSWERED else None

        await _until(lambda: answered() or page.code is not None, "the citizen did not answer the screen")
        if (line := answered()) is None:
            raise DemoFailed(f"the citizen's browser ended (exit code {page.code}) before the screen was answered")
        _say("screen answered", answers=line.answers)

    async def _listen(self, desk: Desk, session: str) -> None:
        """Until everybody who speaks was captioned."""
        wanted = {Party.CITIZEN, Party.AGENT} if self._agent_wav else {Party.CITIZEN}
        ends = time.monotonic() + self._listen_s

        def heard() -> set[Party]:
            return captioned(desk.sessions.timeline(session).lines)

        while not heard() >= wanted and time.monotonic() < ends:  # noqa: ASYNC110 — a bounded wait for two of many changes
            await asyncio.sleep(POLL_S)
        _say("heard", parties=sorted(heard()))
        if missing := sorted(wanted - heard()):
            raise DemoFailed(f"nothing that the {' and the '.join(missing)} said was captioned")

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
        self._leave_trace()
        _say("done", files=sorted(file.name for file in self._out.iterdir()))

    def _leave_trace(self) -> None:
        log = self._out / "sip.log"
        trace = only_messages(log.read_text(errors="replace")) if log.exists() else ""
        if "INVITE" not in trace:
            raise DemoFailed("the practice phone left no SIP trace")
        (self._out / "sip.trace").write_text(trace, encoding="utf-8")
        log.unlink()

    async def _end(self, app: DeskApp, address: str) -> None:
        if not self._stay:
            _say("page over", why="its address lived as long as this run; with --stay it can be opened in a browser")
            return
        _say("staying", address=address, until="Ctrl+C")
        await app.closed.wait()


def captioned(lines: Iterable[Line]) -> set[Party]:
    """Who was captioned: said something that became a final text."""
    return {line.party for line in lines if isinstance(line, CaptionLine) and line.final and line.text}


def silent_wav(file: Path) -> Path:
    """A second of a quiet room."""
    with wave.open(os.fspath(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(bytes(2 * SAMPLE_RATE))
    return file


def _ready(desk: Desk) -> bool:
    health = desk.health
    return all(one.state != "bad" for one in (health.phone, health.captions)) and health.hub.state == "good"


async def _until(condition: Callable[[], Any], otherwise: str) -> Any:
    ends = time.monotonic() + WAIT_S
    while not (value := condition()):
        if time.monotonic() > ends:
            raise DemoFailed(otherwise)
        await asyncio.sleep(POLL_S)
    return value


def _say(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}, ensure_ascii=False), flush=True)
