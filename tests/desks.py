"""A whole desk on the shipped fakes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from client.domain import event as e
from client.domain.codes import Code
from client.domain.event import Event
from client.domain.screen import Field, FieldKind, Item, Screen, ScreenKind
from client.domain.words import Role
from client.fakes.clock import HeldClock
from client.fakes.outbox import MemoryOutbox
from client.fakes.speech import FakeSpeech
from client.fakes.telephony import FakePhone
from client.ports.hub import Colleague, Connected, Heads, HubAway, Identity, SessionState, Stored
from client.services.desk import Desk, Ports
from client.services.policy import Policy

SCREENS = (
    Screen(
        kind=ScreenKind.CHECKLIST,
        name="long-term-care",
        title="장기요양 신청 준비물",
        lead="준비한 것을 눌러 주세요. 상담사도 함께 봅니다.",
        items=(
            Item(id="id", text="신분증"),
            Item(id="doctor", text="의사 소견서", hint="신청 뒤에 내도 됩니다"),
            Item(id="form", text="장기요양 인정 신청서"),
            Item(id="family", text="가족관계 확인 서류"),
        ),
        button="준비했어요",
        reviewed="2026-11-02",
    ),
    Screen(
        kind=ScreenKind.CARD,
        name="care-office",
        title="안심돌봄 기관 안내 — 은평구",
        body="가까운 기관 3곳, 전화와 위치",
        reviewed="2026-10-20",
    ),
    Screen(
        kind=ScreenKind.FORM,
        name="address",
        title="방문 주소 확인",
        fields=(
            Field(id="name", label="이름", kind=FieldKind.NAME, required=True),
            Field(id="address", label="주소", kind=FieldKind.ADDRESS, required=True),
        ),
        button="보내기",
    ),
)
CODES = (
    Code(id="1", label="교통·일반행정", children=(Code(id="1-1", label="대중교통"), Code(id="1-2", label="여권"))),
    Code(id="2", label="수도"),
    Code(id="3", label="안심돌봄", children=(Code(id="3-1", label="장기요양"), Code(id="3-2", label="기관 안내"))),
    Code(id="9", label="외국어"),
)


class SimpleHub:
    """One agent's hub in memory, with a switch for being away."""

    def __init__(self) -> None:
        self.away = False
        self.logs: dict[str, list[Event]] = {}
        self.owners: dict[str, str | None] = {}
        self.numbers: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.signals: list = []
        self.looks: list[tuple[str, str]] = []
        self._streams: list[asyncio.Queue] = []
        self._numbers = itertools.count(1)

    def _there(self) -> None:
        if self.away:
            raise HubAway("away")

    def _state(self, session: str) -> SessionState:
        owner = self.owners.get(session)
        log = self.logs[session]
        closed = any(isinstance(event.body, e.SessionClosed) for event in log)
        return SessionState(
            id=session, owner=owner, owner_name="김이음" if owner else "", last_seq=len(log), closed=closed
        )

    def put(self, event: Event, actor: str = "agent-1") -> Event:
        """Store an event as another party would."""
        log = self.logs.setdefault(event.session, [])
        for there in log:
            if there.id == event.id:
                return there
        stored = event.numbered(len(log) + 1, event.at, actor)
        log.append(stored)
        for stream in self._streams:
            stream.put_nowait(stored)
        return stored

    def send_signal(self, signal) -> None:
        for stream in self._streams:
            stream.put_nowait(signal)

    def go_away(self) -> None:
        self.away = True
        for stream in self._streams:
            stream.put_nowait(None)

    async def open_session(self, event: Event, keys: Sequence[str], number: str) -> SessionState:
        self._there()
        session = next((self.keys[key] for key in keys if key in self.keys), event.session)
        for key in keys:
            self.keys.setdefault(key, session)
        self.numbers.setdefault(session, number)
        self.put(Event(**{**{f: getattr(event, f) for f in event.__dataclass_fields__}, "session": session}))
        return self._state(session)

    async def sessions(self):
        self._there()
        return [self._state(session) for session in self.logs]

    async def append(self, session: str, events: Sequence[Event]) -> Sequence[Stored]:
        self._there()
        done = [self.put(event) for event in events]
        return [Stored(id=event.id, seq=event.seq, recorded=event.recorded) for event in done]

    async def events(self, session: str, after: int) -> Sequence[Event]:
        self._there()
        return self.logs.get(session, [])[after:]

    async def signal(self, signals) -> None:
        self._there()
        self.signals.extend(signals)

    async def stream(self):
        self._there()
        queue: asyncio.Queue = asyncio.Queue()
        self._streams.append(queue)
        try:
            identity = Identity(
                principal="agent-1", name="김이음", role=Role.AGENT, permissions=("append",), offset_s=0.0
            )
            yield Connected(identity=identity)
            yield Heads(heads={session: len(log) for session, log in self.logs.items()})
            while True:
                item = await queue.get()
                if item is None:
                    raise HubAway("away")
                yield item
        finally:
            self._streams.remove(queue)

    async def claim(self, session: str) -> SessionState:
        self._there()
        self.owners[session] = "agent-1"
        return self._state(session)

    async def transfer(self, session: str, to: str, note: str) -> SessionState:
        self._there()
        self.owners[session] = to
        return self._state(session)

    async def release(self, session: str, reason: str) -> SessionState:
        self._there()
        self.owners[session] = None
        return self._state(session)

    async def close(self, session: str) -> SessionState:
        self._there()
        return self._state(session)

    async def link(self, session: str) -> str:
        self._there()
        return f"http://127.0.0.1:8120/c/{session[:8]}-demo"

    async def unmask(self, session: str, reason: str) -> str:
        self._there()
        self.looks.append((session, reason))
        return self.numbers[session]

    async def colleagues(self):
        self._there()
        return [Colleague(id="agent-2", name="이나눔", role=Role.AGENT, connected=True, number="1002")]


@dataclass
class FakeDesk:
    """The desk and what stands behind it."""

    desk: Desk
    phone: FakePhone
    speech: FakeSpeech
    hub: SimpleHub
    outbox: MemoryOutbox
    clock: HeldClock


def fake_desk(policy: Policy | None = None, clock=None, outbox=None, hub=None) -> FakeDesk:
    """Needs a running event loop for `start`; the clock stands still unless another is given."""
    clock = clock or HeldClock()
    phone, speech, hub, outbox = FakePhone(clock.now), FakeSpeech(), hub or SimpleHub(), outbox or MemoryOutbox()
    ports = Ports(telephony=phone, speech=speech, hub=hub, outbox=outbox, clock=clock)
    desk = Desk(ports, policy or Policy(), lambda language: SCREENS, CODES)
    return FakeDesk(desk, phone, speech, hub, outbox, clock)
