"""A whole desk on the shipped fakes."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.codes import Code
from client.domain.event import Event
from client.domain.quick_answers import QuickAnswer, read_quick_answers
from client.domain.screen import Field, FieldKind, Item, Screen, ScreenKind
from client.domain.signal import Signal
from client.fakes.clock import HeldClock
from client.fakes.hub import FakeHubServer
from client.fakes.outbox import MemoryOutbox
from client.fakes.speech import FakeSpeech
from client.fakes.telephony import FakePhone
from client.fakes.video import FakeVideo
from client.resources import resource_path
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


class DeskHub(FakeHubServer):
    """The hub's fake as a desk's test looks at it: logs, owners, what was signalled, and the citizen's side."""

    def __init__(self, now) -> None:
        super().__init__(now)
        self.signals: list[Signal] = []
        self.me = self.client("김이음")
        self.colleague = self.client("이나눔", number="1002")

    @property
    def logs(self) -> dict[str, list[Event]]:
        ids = [facts.id for facts in self.ledger.facts()]
        return {id_: [taken.event for taken in self.ledger.events(id_, 0, 100_000)] for id_ in ids}

    @property
    def owners(self) -> dict[str, str | None]:
        return {facts.id: facts.owner for facts in self.ledger.facts()}

    def number(self, session: str) -> str:
        return self.ledger.number(session)

    def pass_on(self, signal: Signal) -> None:
        self.signals.append(signal)
        super().pass_on(signal)

    def unheard(self, session: str, body) -> None:
        """Something is said, and the desk's stream is not told: an event lost on the way."""
        streams, self._streams = self._streams, []
        self.citizen_says(session, body)
        self._streams = streams


@dataclass
class FakeDesk:
    """The desk and what stands behind it."""

    desk: Desk
    phone: FakePhone
    video: FakeVideo
    speech: FakeSpeech
    hub: DeskHub
    outbox: MemoryOutbox
    clock: HeldClock


def answers() -> tuple[QuickAnswer, ...]:
    file = resource_path("quick_answers.toml")
    return read_quick_answers(file.name, file.read_text(encoding="utf-8"))


def fake_desk(policy: Policy | None = None, clock=None, outbox=None, hub=None) -> FakeDesk:
    """Needs a running event loop for `start`; the clock stands still unless another is given."""
    clock = clock or HeldClock()
    phone, speech, hub, outbox = FakePhone(clock.now), FakeSpeech(), hub or DeskHub(clock.now), outbox or MemoryOutbox()
    video = FakeVideo(clock.now)
    ports = Ports(telephony=phone, video=video, speech=speech, hub=hub.me, outbox=outbox, clock=clock)
    desk = Desk(ports, policy or Policy(), lambda language: SCREENS, CODES, answers())
    return FakeDesk(desk, phone, video, speech, hub, outbox, clock)
