"""The side panel: the citizen's card and link, screens and their mirror."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from client.domain import event as e
from client.domain.signal import Mirror, PageState, Signal
from client.domain.timeline import FactLine, ScreenState
from tests.desks import SCREENS
from tests.ui import scenes
from ui.fact_text import fact_text
from ui.mirror_view import PART_ROLE, parts_of

CONTROL = Qt.KeyboardModifier.ControlModifier


async def answered(stage) -> str:
    session = await scenes.ring(stage.fake)
    stage.still()
    stage.press(Qt.Key.Key_F9)
    await stage.until(lambda: stage.context.selection.session == session)
    await stage.until(lambda: session in stage.fake.hub.owners)
    return session


def test_the_number_is_masked_until_a_reason_is_given(stage):
    @stage
    async def play(stage):
        session = await answered(stage)
        panel = stage.view.panel.citizen
        await stage.until(lambda: panel._number.words == "010-****-4567")
        QTest.mouseClick(panel._reveal, Qt.MouseButton.LeftButton)
        assert panel._reason.hasFocus()
        QTest.keyClick(panel._reason, Qt.Key.Key_Return)
        assert stage.fake.hub.looks == []
        panel._reason.setText("주소 확인 회신")
        QTest.keyClick(panel._reason, Qt.Key.Key_Return)
        await stage.until(lambda: panel._number.words == "01055554567")
        assert [look[1:] for look in stage.fake.hub.looks] == [(session, "주소 확인 회신")]
        stage.context.selection.open("")
        stage.context.selection.open(session)
        await stage.until(lambda: panel._number.words == "010-****-4567", "masked again when it is opened anew")


def test_the_link_is_copied_by_one_key_and_drawn_as_a_code(stage):
    @stage
    async def play(stage):
        session = await answered(stage)
        stage.press(Qt.Key.Key_L, CONTROL)
        await stage.until(lambda: session in stage.fake.hub.links)
        await stage.until(lambda: QGuiApplication.clipboard().text() == stage.fake.hub.links[session])
        assert "링크를 복사했습니다" in stage.said
        panel = stage.view.panel.citizen
        QTest.mouseClick(panel._show_qr, Qt.MouseButton.LeftButton)
        await stage.until(panel._qr.isVisible)
        assert dark_share(panel._qr.grab().toImage()) > 0.2


def test_a_new_address_takes_the_place_of_the_old_one_by_one_key(stage):
    @stage
    async def play(stage):
        session = await answered(stage)
        panel = stage.view.panel.citizen
        panel.show_qr()
        await stage.until(panel._qr.isVisible)
        old = panel._address.text()
        stage.press(Qt.Key.Key_L, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        await stage.until(lambda: stage.fake.hub.links[session] not in ("", old))
        await stage.until(lambda: QGuiApplication.clipboard().text() == stage.fake.hub.links[session])
        await stage.until(lambda: panel._address.text() == stage.fake.hub.links[session], "the code shows it too")
        assert "새 주소를 복사했습니다. 먼저 준 주소는 이제 열리지 않습니다" in stage.said
        assert await stage.desk.screens.link(session) == stage.fake.hub.links[session]
        stage.fake.hub.citizen_says(session, e.PageRefused())
        await stage.until(lambda: any(line_says(stage, session, "다른 기기에서 같은 링크를 열려다 거절됨")))


def line_says(stage, session: str, words: str):
    for line in stage.desk.sessions.timeline(session).lines:
        yield isinstance(line, FactLine) and fact_text(line.body) == words


def dark_share(image) -> float:
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return sum(image.pixelColor(*point).lightness() < 60 for point in points) / len(points)


def test_the_relay_mark_is_an_event(stage):
    @stage
    async def play(stage):
        session = await answered(stage)
        stage.view.panel.citizen._relay.click()
        await stage.until(lambda: stage.desk.sessions.get(session).relay)
        await stage.until(lambda: any(chip.words == "중계 통화" for chip in stage.view.page.header._chips))


def test_a_screen_is_found_and_sent_with_the_keyboard_alone(stage):
    @stage
    async def play(stage):
        session = await answered(stage)
        stage.press(Qt.Key.Key_2, CONTROL)
        panel = stage.view.panel.screens
        assert panel.search.hasFocus()
        scenes.write(panel.search, "방문 주소")
        assert panel.list.chosen().name == "address"
        QTest.keyClick(panel.search, Qt.Key.Key_Return)
        assert [line.screen.name for line in stage.desk.screens.pushes(session)] == ["address"]
        await stage.until(lambda: panel._sharing.words.startswith("보냄"))
        assert any("화면 보냄 ‘방문 주소 확인’" in text for text in stage.said)


def test_the_mirror_says_in_words_what_the_citizen_does(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        panel = stage.view.panel.screens
        await stage.until(lambda: panel._sharing.words == "함께 보는 중")
        model = panel.mirror.model()
        await stage.until(lambda: any(model.index(row).data(PART_ROLE).here for row in range(model.rowCount())))
        texts = [model.index(row).data() for row in range(model.rowCount())]
        assert "신분증, 선택됨" in texts
        assert "의사 소견서, 선택 안 됨, 시민이 여기를 보고 있음" in texts
        scenes.citizen_says(stage.fake, session, e.ConsentAnswered(purpose="share_screen", given=False, version="1"))
        await stage.until(lambda: "함께 보지 않음" in panel._sharing.words)
        await stage.until(lambda: "신분증, 선택 안 됨" in [model.index(row).data() for row in range(model.rowCount())])
        stage.fake.hub.citizen_signals(Signal(session=session, key="page", body=PageState(state="gone")))
        await stage.until(lambda: stage.view.panel.citizen._page.words == "시민이 화면을 닫았습니다")
        await stage.until(lambda: panel._sharing.words.endswith("시민이 화면을 닫았습니다"))


def test_pointing_goes_to_the_citizen_and_a_screen_is_taken_back(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        panel = stage.view.panel.screens
        await stage.until(panel.mirror.model().rowCount)
        row = next(
            r
            for r in range(panel.mirror.model().rowCount())
            if panel.mirror.model().index(r).data(PART_ROLE).id == "form"
        )
        panel.mirror.setCurrentIndex(panel.mirror.model().index(row))
        QTest.keyClick(panel.mirror, Qt.Key.Key_Return)
        stage.fake.clock.advance(1)  # signals leave together
        await stage.until(lambda: any(s.key == "guide" and s.body.focus == "form" for s in stage.fake.hub.signals))
        panel._withdraw.click()
        await stage.until(lambda: stage.desk.screens.pushes(session)[0].state is ScreenState.WITHDRAWN)
        await stage.until(lambda: not panel.mirror.isVisibleTo(panel))


def test_the_mirror_shows_what_is_typed():
    parts = parts_of(SCREENS[2], {"name": "홍길동"}, "address")
    assert [(part.kind, part.text, part.value, part.here) for part in parts[1:3]] == [
        ("field", "이름", "홍길동", False),
        ("field", "주소", "", True),
    ]
    assert Mirror.from_citizen
