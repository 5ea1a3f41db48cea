"""States of the desk, made by the shipped fakes, for pictures and for tests that need a desk at work."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QInputMethodEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from client.domain import event as e
from client.domain.event import new_event, parse_timestamp
from client.domain.ids import new_id
from client.domain.recognition import FinalText, SpokenWord
from client.domain.session import Stage
from client.domain.signal import MediaState, Mirror, PageState, Signal, VideoOffer, VideoWish, Working
from client.domain.video import Picture
from client.domain.words import Channel, Party
from client.ports.hub import GatewayState
from client.services.policy import Policy
from tests.desks import SCREENS, FakeDesk, fake_desk
from tests.waiting import until

SAID = (
    ("agent", 22, "네, 어머님이 혼자 계시는 거네요. 지금 사시는 구가 어디신가요?"),
    ("citizen", 9, "은평구요. 치매 진단은 작년에 받으셨고 장기요양 등급은 아직 없어요."),
    ("agent", 13, "지금 휴대전화로 준비물 목록을 보내 드렸어요. 같이 보시면서 말씀드릴게요."),
)


async def started(policy: Policy | None = None) -> FakeDesk:
    """A desk that is connected and idle."""
    fake = fake_desk(policy or Policy(second_call=True, offer_s=3600, wrapup_s=60))
    fake.desk.start()
    await until(lambda: fake.desk.sessions.me, what="the hub says who we are")
    fake.desk.health.phone_there(there=True)
    fake.desk.video.engine_there(there=True)
    return fake


async def ring(fake: FakeDesk, number: str = "01055554567", ars: str = "3", **more: str) -> str:
    """A call comes; its session."""
    before = {offer.session for offer in fake.desk.calls.offers}
    fake.phone.far_call(number, **{"X_ARS_Menu": ars, **more})
    return next(offer.session for offer in fake.desk.calls.offers if offer.session not in before)


async def talk(fake: FakeDesk) -> str:
    """A call is answered and captioned, a screen is filled together; the session."""
    session = await ring(fake)
    fake.clock.advance(4)
    await fake.desk.calls.answer(session)
    legs = await until(lambda: {leg.rpartition("/")[2]: leg for leg in fake.speech.legs if len(fake.speech.legs) == 2})
    fake.clock.advance(90)
    say(fake, legs["citizen"], "안녕하세요. 어머니 돌봄 서비스를 알아보려고 전화드렸어요.")
    for party, seconds, text in SAID[:2]:
        fake.clock.advance(seconds)
        say(fake, legs[party], text, uncertain="장기요양" if party == "citizen" else "")
    await until(lambda: session in fake.hub.owners)
    push = fake.desk.screens.push(session, SCREENS[0])
    page_entered(fake, session)
    for body in (e.ScreenDelivered(push=push), e.ScreenOpened(push=push)):
        citizen_says(fake, session, body)
    fake.clock.advance(10)
    say(fake, legs["agent"], SAID[2][2])
    fake.clock.advance(12)
    citizen_says(fake, session, e.ConsentAnswered(purpose="share_screen", given=True, version="1"))
    fake.hub.citizen_signals(Signal(session=session, key="page", body=PageState(state="open")))
    mirror = Mirror(push=push, values={"id": "on"}, focus="doctor")
    fake.hub.citizen_signals(Signal(session=session, key="mirror", body=mirror))
    fake.speech.hear(legs["citizen"], "아 네 보여요. 의사 소견서는", " 나중에 내도 되나")
    await until(lambda: fake.desk.screens.mirror(session).focus == "doctor", what="the mirror arrives")
    return session


def say(fake: FakeDesk, leg: str, text: str, uncertain: str = "") -> None:
    """A final with one uncertain word."""
    heard = fake.speech.legs[leg]
    words = tuple(
        SpokenWord(text=word, start_ms=0, end_ms=1000, confidence=0.3 if word == uncertain else 0.95)
        for word in text.split()
    )
    began = parse_timestamp(fake.desk.sessions.get(fake.desk.calls.running).talking_since)
    start = max(0, round((fake.clock.now() - began).total_seconds() * 1000) - 3000)
    heard.at_ms = start + 6000
    fake.speech._tell(
        FinalText(
            leg=leg,
            utterance=f"{leg}@{start * 16}",
            text=text,
            words=words,
            start_ms=start,
            end_ms=start + 3000,
            language=heard.language,
            engine="whisper",
        )
    )


def citizen_says(fake: FakeDesk, session: str, body: e.Body) -> None:
    """An event of the citizen's page reaches the hub."""
    fake.hub.citizen_says(session, body)


def page_entered(fake: FakeDesk, session: str) -> None:
    """The citizen opens the link."""
    fake.hub.citizen_says(session, e.PageEntered())


async def others(fake: FakeDesk) -> None:
    """Two sessions wait in the queue, as other channels will bring them."""
    for channel, name in ((Channel.KAKAO, "카카오톡 · 방문자 7"), (Channel.SIGN_VIDEO, "수어 영상")):
        opened = new_event(new_id(), e.SessionOpened(channel=channel, name=name), at=fake.clock.now())
        await fake.hub.colleague.open_session(opened, (), "")
        await until(lambda opened=opened: opened.session in fake.desk.sessions)
        fake.clock.advance(50)


def write(field: QWidget, text: str) -> None:
    """Text comes into a field as an input method commits it."""
    event = QInputMethodEvent("", [])
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


# ── written sessions ─────────────────────────────────────────────────────────────────────────────


def services(fake: FakeDesk) -> None:
    """An SMS service with two registered numbers and KakaoTalk are there."""
    fake.hub.gateways = [
        GatewayState(name="sms", channel=Channel.SMS, state="good", senders=("120", "0221330120")),
        GatewayState(name="kakao", channel=Channel.KAKAO, state="good"),
    ]


async def written(
    fake: FakeDesk, channel: Channel = Channel.SMS, text: str = "도로에 큰 구멍이 났어요", **more: str
) -> str:
    """A citizen wrote; the session waits."""
    opened = new_event(new_id(), e.SessionOpened(channel=channel, number="010-****-4567", **more), at=fake.clock.now())
    await fake.hub.colleague.open_session(opened, (f"x:{opened.session}",), "01055554567")
    from_citizen(fake, opened.session, text, channel)
    await until(lambda: opened.session in fake.desk.sessions)
    return opened.session


def from_citizen(
    fake: FakeDesk, session: str, text: str, via: Channel | None = Channel.SMS, language: str = "ko"
) -> None:
    """The citizen writes."""
    citizen_says(fake, session, e.MessageSent(party=Party.CITIZEN, text=text, via=via, language=language))


async def taken(fake: FakeDesk, channel: Channel = Channel.SMS, **more: str) -> str:
    """A written session that is ours."""
    services(fake)
    await fake.desk.gateways.refresh()
    session = await written(fake, channel, **more)
    await fake.desk.sessions.claim(session)
    await until(lambda: fake.desk.sessions.get(session).stage is Stage.TALKING)
    return session


async def sms_talk(fake: FakeDesk) -> str:
    """A conversation by SMS with messages at every stage of their way."""
    session = await taken(fake)
    fake.desk.sending.undo_s = 0
    ends = (
        ("어느 길인지 알려 주시겠어요?", e.DeliveryState.DELIVERED, ""),
        ("접수번호는 20261126-0192입니다.", e.DeliveryState.ACCEPTED, ""),
        ("사진을 보내 주시면 더 빨리 처리됩니다.", e.DeliveryState.FAILED, "수신 거부"),
        ("담당 부서에 전달했습니다.", e.DeliveryState.UNCERTAIN, "통신사 응답 없음"),
    )
    for text, state, reason in ends:
        fake.clock.advance(20)
        id_ = fake.desk.writing.send(session, text)
        await until(lambda id_=id_: any(event.id == id_ for event in fake.hub.logs[session]))
        fake.hub.deliver(session, id_, state, reason)
    fake.clock.advance(15)
    from_citizen(fake, session, "은평구 진관동 92번지 앞이에요. 오토바이가 넘어질 뻔했어요.")
    fake.desk.sending.undo_s = 5
    await until(lambda: fake.desk.sessions.get(session).unanswered_since)
    return session


async def handed(
    fake: FakeDesk, note: str = "접수번호를 알려 드려야 합니다. 관련 부서 답이 오늘 온다고 합니다."
) -> str:
    """A colleague's session is handed to this desk."""
    services(fake)
    await fake.desk.gateways.refresh()
    session = await written(fake, Channel.KAKAO, "지난번에 문의한 가로등은 언제 고치나요?", name="박하늘")
    await fake.hub.colleague.claim(session)
    await fake.hub.colleague.transfer(session, fake.desk.sessions.me, note)
    await until(lambda: fake.desk.sessions.get(session).handed_note == note)
    return session


async def complaint(fake: FakeDesk) -> str:
    """A complaint came with its office."""
    services(fake)
    session = await written(fake, Channel.COMPLAINT, "보도블록이 깨져서 넘어질 뻔했습니다.", name="홍길동")
    filed = e.ComplaintFiled(
        category="도로",
        district="은평구",
        place="진관동 92 앞 보도",
        contact="홍길동 01012345678",
        reference="C-2026-1126",
    )
    routed = e.ComplaintRouted(office="은평구 도로과", rule=3, why="분류 ‘도로’, 지역 ‘은평구’")
    citizen_says(fake, session, filed)
    citizen_says(fake, session, routed)
    await fake.desk.sessions.claim(session)
    await until(lambda: fake.desk.sessions.get(session).office is not None)
    return session


async def finished(fake: FakeDesk, summary: str = "도로 파손 접수, 도로사업소 전달") -> str:
    """A session of ours that is wrapped up and closed."""
    session = await taken(fake)
    fake.desk.wrapups.begin(session)
    await fake.desk.wrapups.save(session, ("1-1",), summary)
    await until(lambda: fake.hub.ledger.facts_of(session).closed is not None)
    return session


def looks_on(fake: FakeDesk, session: str, *, typing: bool = False) -> None:
    """A colleague has the session open."""
    fake.hub.pass_on(
        Signal(
            session=session,
            key="working:x",
            body=Working(viewing=True, typing=typing, principal="x", name="이나눔"),
        )
    )


async def troubled_services(fake: FakeDesk) -> None:
    """KakaoTalk does not answer, SMS is slow and of two messages nobody knows."""
    fake.hub.gateways = [
        GatewayState(name="sms", channel=Channel.SMS, state="slow", senders=("120",), uncertain=2),
        GatewayState(name="kakao", channel=Channel.KAKAO, state="down"),
    ]
    await fake.desk.gateways.refresh()


async def several(fake: FakeDesk) -> str:
    """Sessions of every urgency and several languages; the open one."""
    reply = fake.desk.replies.limit_s
    late = await taken(fake, Channel.CHAT, name="웹 방문자 3")
    from_citizen(fake, late, "아직 안 되었나요?", Channel.CHAT)
    fake.clock.advance(reply * 0.6)
    near = await taken(fake, Channel.KAKAO, name="Nguyễn Thị Lan")
    from_citizen(fake, near, "Tôi muốn hỏi về thẻ đăng ký người nước ngoài", Channel.KAKAO, "vi")
    fake.clock.advance(reply * 0.25)
    for channel in (Channel.CHATBOT, Channel.PORTAL):
        await written(fake, channel, "담당 부서를 알고 싶습니다")
    return await sms_talk(fake)


# ── video ────────────────────────────────────────────────────────────────────────────────────────

SDP = "v=0\r\nm=video 9 x\r\nm=audio 9 x\r\n"


async def video_offer(fake: FakeDesk, channel: Channel = Channel.SIGN_VIDEO, language: str = "kvk") -> str:
    """A citizen waits by video."""
    session = fake.hub.citizen_opens(channel, language=language)
    await until(lambda: session in fake.desk.sessions)
    return session


async def video_handed(
    fake: FakeDesk, note: str = "구청 교통과에 전화해 통역해 주세요. 민원번호는 받아 두었습니다."
) -> str:
    """A colleague hands over a video session in the middle."""
    session = fake.hub.citizen_opens(Channel.SIGN_VIDEO, language="kvk")
    await fake.hub.colleague.claim(session)
    fake.hub.citizen_says(session, e.CallAnswered(), e.CallHeld(reason="hand_over"))
    await fake.hub.colleague.transfer(session, fake.desk.sessions.me, note)
    await until(lambda: fake.desk.video.offers and fake.desk.video.offers[0].note == note)
    return session


async def video_asked(fake: FakeDesk, channel: Channel = Channel.SIGN_VIDEO) -> str:
    """A citizen's video is answered; their page has not offered its media yet."""
    session = await video_offer(fake, channel)
    await fake.desk.video.answer(session)
    await until(lambda: any(isinstance(signal.body, VideoWish) for signal in fake.hub.signals))
    return session


async def video_talk(fake: FakeDesk, channel: Channel = Channel.SIGN_VIDEO, sdp: str = SDP) -> str:
    """A video session in which both see each other."""
    session = await video_asked(fake, channel)
    fake.hub.pass_on(Signal(session=session, key=VideoOffer.kind, body=VideoOffer(generation=1, sdp=sdp)))
    await until(lambda: session in fake.video.calls)
    fake.video.far_connect(session)
    media(fake, session, camera="on" if "m=video" in sdp else "none")
    fake.video.far_quality(session, fps_in=30, fps_out=30, delay_ms=92, width=1280, height=720)
    return session


async def relay_begun(fake: FakeDesk, session: str, colleague: str = "") -> str:
    """An office is being called for the citizen; its call."""
    await fake.desk.relay.start(session, "02-351-6114", "은평구 불광1동 주민센터", colleague)
    return list(fake.phone.calls)[-1]


def media(fake: FakeDesk, session: str, *, camera: str = "on", microphone: str = "off") -> None:
    """What the citizen's page says of its end."""
    state = MediaState(party=Party.CITIZEN, generation=1, link="connected", camera=camera, microphone=microphone)
    fake.hub.citizen_signals(Signal(session=session, key="media:citizen", body=state))


def signer(width: int, height: int, number: int, tone: str = "#3E4A63") -> Picture:
    """A drawn signer whose hands move with the picture's number."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(tone))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    sway = math.sin(number / 7) * 0.06
    for color, x, y, wide, high in (
        ("#2A3247", 0.5, 1.02, 0.36, 0.52),
        ("#D9B99B", 0.5, 0.34, 0.13, 0.13 * width / height),
        ("#D9B99B", 0.36 - sway, 0.62 + sway, 0.055, 0.055 * width / height),
        ("#D9B99B", 0.64 + sway, 0.55 - sway, 0.055, 0.055 * width / height),
    ):
        painter.setBrush(QColor(color))
        painter.drawEllipse(QPointF(x * width, y * height), wide * width, high * height)
    painter.end()
    return Picture(number=number, width=width, height=height, at_ms=number * 33, pixels=bytes(image.constBits()))


def drawn(fake: FakeDesk) -> None:
    """Both cameras show a drawn signer instead of a plain colour."""
    plain = fake.video.picture

    def picture(call: str, party: Party, after: int = 0) -> Picture | None:
        there = plain(call, party, after)
        size, tone = ((640, 480), "#59606B") if party is Party.AGENT else ((1280, 720), "#3E4A63")
        return signer(*size, there.number, tone) if there else None

    fake.video.picture = picture
