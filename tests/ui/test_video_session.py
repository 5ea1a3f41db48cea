"""A video session in the window: by keys alone and without sight of any picture, in every state that it can have."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from client.domain import event as e
from client.domain.session import Stage as Life
from client.domain.signal import Signal, VideoOffer
from client.domain.timeline import MessageLine
from client.domain.words import Channel, Party
from client.services.policy import Policy
from tests.ui import scenes
from tests.ui.scenes import SDP
from ui.line_text import LiveLine

HEARS, DEAF = Policy(signs=True, wrapup_s=60), Policy(signs=True, hears=False, wrapup_s=60)
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def said(stage, words: str) -> int:
    return sum(words in text for text in stage.said)


def rows(stage) -> list:
    model = stage.view.page.timeline.lines()
    model.catch_up()
    return [model.line(row) for row in range(model.rowCount())]


def live(stage) -> list[tuple[Party, str]]:
    return [(line.party, line.text) for line in rows(stage) if isinstance(line, LiveLine)]


async def talk(stage, channel: Channel = Channel.SIGN_VIDEO, sdp: str = SDP) -> str:
    """Both see each other; the session is open and its first picture stands."""
    session = await scenes.video_talk(stage.fake, channel, sdp)
    stage.context.selection.open(session)
    await stage.until(stage.view.stage.isVisible)
    await stage.until(lambda: stage.view.page.composer.live.on, "what is typed is seen")
    if "m=video" in sdp:
        await stage.until(lambda: stage.view.stage.area.far.has_picture and not stage.view.stage.area.card.isVisible())
    stage.still()
    return session


# ── before ───────────────────────────────────────────────────────────────────────────────────────


def test_a_citizen_who_waits_is_a_card_words_and_light_and_takes_no_keyboard(on_stage):
    async def play(stage):
        field = QApplication.focusWidget()
        await scenes.video_offer(stage.fake)
        card = stage.view.offer
        await stage.until(card.isVisible)
        await stage.until(lambda: card.lit)
        assert QApplication.focusWidget() is field
        assert "한국수어" in card.accessibleName()
        await stage.until(lambda: said(stage, "영상"), "the screen reader says it")
        stage.fake.clock.advance(74)
        await stage.until(lambda: "01:14" in card._who.words)
        await scenes.video_offer(stage.fake)
        await stage.until(lambda: "1" in card._title.words, "one more waits")
        assert stage.fake.phone.rings == "off"

    on_stage(play, policy=DEAF)


def test_one_may_look_at_oneself_first_and_nothing_leaves(on_stage):
    async def play(stage):
        await scenes.video_offer(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        stage.press(Qt.Key.Key_F6)
        await stage.until(lambda: stage.fake.video.previewing)
        await stage.until(lambda: stage.view.offer.preview.painted)
        assert stage.view.offer.preview.guide
        assert stage.fake.video.calls == {}
        stage.press(Qt.Key.Key_F6)
        await stage.until(lambda: not stage.fake.video.previewing)

    on_stage(play, policy=DEAF)


def test_the_answer_key_waits_for_half_a_second_and_a_phone_call_goes_first(on_stage):
    async def play(stage):
        waiting = await scenes.video_offer(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        stage.press(Qt.Key.Key_F9)
        assert stage.desk.video.running is None, "it may have come under the finger"
        stage.still()
        call = await scenes.ring(stage.fake)
        await stage.until(stage.view.offer.decline.isVisible)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == call)
        assert stage.desk.video.running is None
        assert stage.desk.sessions.get(waiting).stage is Life.WAITING

    on_stage(play, policy=HEARS)


def test_what_a_colleague_hands_over_says_by_whom_and_why_before_it_is_answered(on_stage):
    async def play(stage):
        session = await scenes.video_handed(stage.fake, "구청에 전화해 주세요")
        card = stage.view.offer
        await stage.until(card.isVisible)
        assert card._title.words == "이나눔 상담사가 상담을 넘깁니다"
        assert card._who.words.endswith("\n구청에 전화해 주세요")
        assert "구청에 전화해 주세요" in card.accessibleName()
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.video.running == session)
        await stage.until(lambda: stage.view.page.handed._note.words == "구청에 전화해 주세요")

    on_stage(play, policy=HEARS)


def test_a_running_session_is_handed_over_by_keys(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.press(Qt.Key.Key_T, CTRL | SHIFT)
        sheet = stage.window.dialogs.sheet
        await stage.until(sheet.list.count)
        sheet.list.setCurrentRow(0)
        sheet.note.setText("구청에 전화해 주세요")
        QTest.keyClick(sheet.note, Qt.Key.Key_Return)
        await stage.until(lambda: stage.desk.video.running is None)
        await stage.until(lambda: not stage.view.stage.isVisible())
        view = stage.desk.sessions.get(session)
        assert (view.owner, view.handed_note) == (stage.fake.hub.colleague.person.id, "구청에 전화해 주세요")
        await stage.until(lambda: said(stage, "이나눔"))

    on_stage(play, policy=DEAF)


def test_one_may_answer_unseen_and_the_head_says_what_one_does(on_stage):
    async def play(stage):
        assert "시민" in stage.view.empty._title.words
        waiting = await scenes.video_offer(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        stage.still()
        stage.press(Qt.Key.Key_F9, CTRL | SHIFT)
        await stage.until(lambda: stage.desk.video.running == waiting)
        assert not stage.desk.sessions.get(waiting).picture_shown
        await stage.until(lambda: stage.view.head.presence.accessibleName() == "내 상태: 영상 상담 중")

    on_stage(play, policy=DEAF)


def test_f3_puts_a_waiting_citizen_aside_who_goes_on_waiting(on_stage):
    async def play(stage):
        await scenes.video_offer(stage.fake)
        await stage.until(lambda: stage.fake.phone.rings == "ring")
        await stage.until(stage.view.offer.isVisible)
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: stage.fake.phone.rings == "off")
        assert stage.view.offer.isVisible()
        await stage.until(lambda: not stage.view.offer.lit)

    on_stage(play, policy=HEARS)


# ── a whole session ──────────────────────────────────────────────────────────────────────────────


def test_a_whole_session_goes_by_keys_without_sight_of_a_picture(on_stage):
    async def play(stage):
        session = await scenes.video_offer(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.video.running == session)
        await stage.until(lambda: stage.context.selection.session == session)
        await stage.until(lambda: said(stage, "시민 화면에 영상을 요청"), "what happens now is said")
        await stage.until(lambda: any(signal.key == "video_wish" for signal in stage.fake.hub.signals))
        offer = Signal(session=session, key=VideoOffer.kind, body=VideoOffer(generation=1, sdp=SDP))
        stage.fake.hub.pass_on(offer)
        await stage.until(lambda: session in stage.fake.video.calls)
        stage.fake.video.far_connect(session)
        scenes.media(stage.fake, session)
        await stage.until(lambda: said(stage, "서로 보입니다"), "who sees whom is said")
        stage.still()
        await stage.activate()
        stage.press(Qt.Key.Key_F6)
        await stage.until(lambda: not stage.desk.sessions.get(session).picture_shown)
        assert not stage.fake.video.calls[session].shown
        stage.press(Qt.Key.Key_F7)
        await stage.until(lambda: stage.fake.video.calls[session].on_hold)
        await stage.until(lambda: said(stage, "보류"))
        stage.press(Qt.Key.Key_F7)
        await stage.until(lambda: not stage.fake.video.calls[session].on_hold)
        stage.press(Qt.Key.Key_F8)
        await stage.until(lambda: stage.desk.sessions.get(session).muted)
        stage.press(Qt.Key.Key_F11)
        marks = lambda: [one for one in stage.fake.hub.logs[session] if isinstance(one.body, e.MarkSet)]  # noqa: E731
        await stage.until(lambda: len(marks()) == 1, "the moment is dated")
        assert said(stage, "표시") == 1
        stage.still()
        stage.press(Qt.Key.Key_F9, SHIFT)
        await stage.until(lambda: stage.desk.video.running is None)
        await stage.until(lambda: stage.desk.wrapups.state(session) is not None, "the wrap-up begins")
        await stage.until(lambda: not stage.view.stage.isVisible())

    on_stage(play, policy=DEAF)


def test_every_button_of_the_stage_has_a_name_a_key_and_can_be_reached(on_stage):
    async def play(stage):
        await talk(stage)
        shown = [button for button in (*stage.view.stage.buttons(), stage.view.stage.end) if button.isVisible()]
        assert len(shown) >= 7
        for button in shown:
            assert button.accessibleName() or button.text(), button.objectName()
            assert button.accessibleDescription(), "the key stands in its description"
            assert button.focusPolicy() & Qt.FocusPolicy.TabFocus

    on_stage(play, policy=DEAF)


def test_no_control_lies_over_the_citizens_picture(on_stage):
    async def play(stage):
        await talk(stage)
        far = stage.view.stage.area.far
        area = far.rect().translated(far.mapTo(stage.window, far.rect().topLeft()))
        for button in (*stage.view.stage.buttons(), stage.view.stage.end, stage.view.head.alert):
            place = button.rect().translated(button.mapTo(stage.window, button.rect().topLeft()))
            assert not button.isVisible() or not area.intersects(place), button.objectName()

    on_stage(play, policy=DEAF)


# ── its states, in words ─────────────────────────────────────────────────────────────────────────


async def hold(stage, _session) -> None:
    await stage.desk.video.toggle_hold()


async def broken(stage, session) -> None:
    stage.fake.video.far_break(session)


async def camera_off(stage, session) -> None:
    scenes.media(stage.fake, session, camera="off")


async def denied(stage, session) -> None:
    scenes.media(stage.fake, session, camera="denied")


async def gone(stage, session) -> None:
    stage.fake.video.far_hang_up(session)


async def engine(stage, _session) -> None:
    stage.desk.video.engine_there(there=False)


@pytest.mark.parametrize(
    ("happens", "title"),
    [
        (hold, "보류"),
        (broken, "끊"),
        (camera_off, "카메라"),
        (denied, "카메라"),
        (gone, "끊"),
        (engine, "영상"),
    ],
)
def test_where_no_picture_is_a_card_says_why_and_the_keyboard_reaches_it(on_stage, happens, title):
    async def play(stage):
        session = await talk(stage)
        card = stage.view.stage.area.card
        await happens(stage, session)
        await stage.until(card.isVisible)
        assert title in card.accessibleName()
        assert len(card.accessibleDescription()) > len(title)
        await stage.until(lambda: said(stage, card.accessibleName()), "it is said")
        assert not stage.view.stage.area.far.has_picture, "what was last seen does not stand on"
        stage.press(Qt.Key.Key_V, Qt.KeyboardModifier.AltModifier)
        assert QApplication.focusWidget() is card

    on_stage(play, policy=DEAF)


def test_a_break_that_is_over_shows_the_picture_again(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.fake.video.far_break(session)
        await stage.until(stage.view.stage.area.card.isVisible)
        stage.fake.video.far_connect(session)
        stage.fake.video.far_picture()
        await stage.until(lambda: not stage.view.stage.area.card.isVisible())
        await stage.until(lambda: stage.view.stage.area.far.has_picture)

    on_stage(play, policy=DEAF)


def test_a_call_without_pictures_says_so_and_has_no_camera_keys(on_stage):
    async def play(stage):
        await talk(stage, Channel.WEB_CALL, "v=0\r\nm=audio 9 x\r\n")
        await stage.until(stage.view.stage.area.card.isVisible)
        assert not stage.view.stage.own_picture.isVisible()
        assert stage.view.stage.mute.isVisible()
        assert not stage.context.actions.possible("own_picture")

    on_stage(play, policy=HEARS)


def test_signing_that_cannot_be_read_is_a_warning_beside_the_picture(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.fake.video.far_quality(session, fps_in=11, delay_ms=620, loss=0.08)
        await stage.until(lambda: "어려움" in stage.view.stage._warning.words)
        assert "11" in stage.view.stage._figures.words
        assert not stage.view.head.alert.isVisible(), "not at once"
        stage.fake.clock.advance(3.5)
        await stage.until(stage.view.head.alert.isVisible)
        stage.fake.video.far_quality(session, fps_in=30, delay_ms=90)
        await stage.until(lambda: not stage.view.head.alert.isVisible())
        await stage.until(lambda: not stage.view.stage._warning.words)

    on_stage(play, policy=DEAF)


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


def compose(field, preedit: str, commit: str = "") -> None:
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QCoreApplication.sendEvent(field, event)


def test_each_jamo_is_seen_at_once_and_enter_makes_one_message(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.context.actions.trigger("message")
        field = stage.view.page.composer.message
        for preedit in ("ㄴ", "네"):
            compose(field, preedit)
        assert live(stage) == [(Party.AGENT, "네")]
        compose(field, "", "네")
        await stage.until(lambda: stage.fake.video.written.get(session) == "ㄴ\b네")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.toPlainText() == ""
        await stage.until(lambda: stage.fake.video.written[session].endswith("\u2028"))
        assert [line.text for line in rows(stage) if isinstance(line, MessageLine)] == ["네"]
        assert live(stage) == []

    on_stage(play, policy=DEAF)


def test_the_citizens_line_becomes_its_message_in_one_frame(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.fake.video.far_types(session, "내일 갈게")
        await stage.until(lambda: live(stage) == [(Party.CITIZEN, "내일 갈게")])
        stage.fake.video.far_types(session, "요\u2028")
        await stage.until(
            lambda: live(stage) == [(Party.CITIZEN, "내일 갈게요")], "it stands until its message is there"
        )
        before = len(rows(stage))
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="내일 갈게요"))
        await stage.until(lambda: live(stage) == [])
        assert len(rows(stage)) == before
        assert rows(stage)[-1].text == "내일 갈게요"

    on_stage(play, policy=DEAF)


@pytest.mark.parametrize(
    ("how", "heard"), [("off", []), ("words", ["안녕", "하세요."]), ("lines", ["안녕 하세요. 저는"])]
)
def test_the_screen_reader_says_words_or_lines_and_never_a_jamo(on_stage, how, heard):
    async def play(stage):
        session = await talk(stage)
        stage.said.clear()
        for piece in ("ㅇ", "\b안", "녀", "\b녕", " ", "하세요", ".", " 저", "는"):
            stage.fake.video.far_types(session, piece)
        if how == "lines":
            stage.fake.video.far_types(session, "\u2028")
        await stage.until(lambda: bool(live(stage)))
        told = [text for text in stage.said if text.startswith("시민")]
        assert [text.partition(": ")[2] for text in told] == heard

    on_stage(play, policy=DEAF, announce_live_text=how)


# ── where it stands ──────────────────────────────────────────────────────────────────────────────


def test_the_own_picture_goes_to_every_place_by_key_and_to_a_corner_by_hand_and_stays(on_stage):
    async def play(stage):
        await talk(stage)
        area = stage.view.stage.area
        seen = set()
        for _ in range(5):
            stage.press(Qt.Key.Key_F6, SHIFT)
            seen.add((area.near.x(), area.near.y()))
        assert len(seen) == 5
        near = area.near
        middle = QPointF(near.rect().center()).toPoint()
        QTest.mousePress(near, Qt.MouseButton.LeftButton, pos=middle)
        QTest.mouseMove(near, near.mapFromParent(area.rect().topLeft()) + middle)
        QTest.mouseRelease(near, Qt.MouseButton.LeftButton)
        await stage.until(lambda: stage.window.context.settings.self_corner == "top-left")
        for size in ("large", "hidden", "small"):
            stage.press(Qt.Key.Key_F6, CTRL)
            await stage.until(lambda size=size: stage.window.context.settings.self_size == size)
            assert near.isVisible() == (size != "hidden")

    on_stage(play, policy=DEAF)


def test_the_stage_grows_by_key_and_stays_so(on_stage):
    async def play(stage):
        await talk(stage)
        before, share = stage.view.stage.width(), stage.window.context.settings.stage_share
        stage.context.actions.trigger("stage_smaller")
        await stage.until(lambda: stage.window.context.settings.stage_share < share)
        await stage.until(lambda: stage.view.stage.width() < before)

    on_stage(play, policy=DEAF, size=(1920, 1080))


def test_the_stage_has_its_own_window_by_key_and_comes_back_when_that_is_closed(on_stage):
    async def play(stage):
        await talk(stage)
        stage.press(Qt.Key.Key_F11, SHIFT)
        await stage.until(lambda: stage.view.theatre.window_ is not None)
        window = stage.view.theatre.window_
        assert stage.view.stage.window() is window
        painted = stage.view.stage.area.far.painted
        stage.fake.video.far_picture()
        await stage.until(lambda: stage.view.stage.area.far.painted > painted, "pictures go on")
        window.close()
        await stage.until(lambda: stage.view.stage.window() is stage.window)
        assert stage.view.stage.isVisible()

    on_stage(play, policy=DEAF)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (900, 1300), (1024, 600)])
@pytest.mark.parametrize("scale", [100, 200])
def test_text_and_picture_both_have_room(on_stage, size, scale):
    async def play(stage):
        await talk(stage)
        await stage.until(lambda: stage.view.stage.area.far.height() > 0)
        far, field = stage.view.stage.area.far, stage.view.page.composer.message
        assert far.isVisible()
        assert min(far.width(), far.height()) >= 140
        assert field.isVisible()
        right = field.mapTo(stage.window, field.rect().bottomRight())
        assert right.x() <= stage.window.width()
        assert right.y() <= stage.window.height()

    on_stage(play, policy=DEAF, size=size, scale=scale)


# ── in the head ──────────────────────────────────────────────────────────────────────────────────


def test_the_head_says_how_video_stands_where_the_agent_signs(on_stage):
    async def play(stage):
        label = stage.view.head._health["video"]
        await stage.until(lambda: label.isVisible() and label.state.words == "사용 가능")
        stage.fake.video.lose_camera()
        await stage.until(lambda: label.state.words == "카메라 확인")
        stage.desk.video.engine_there(there=False)
        await stage.until(lambda: label.state.words == "멈춤")
        stage.desk.video.engine_there(there=True)
        await stage.until(lambda: label.state.words == "카메라 확인")

    on_stage(play, policy=DEAF)


def test_the_head_says_nothing_of_video_where_the_agent_takes_none(on_stage):
    async def play(stage):
        stage.desk.video.engine_there(there=False)
        stage.fake.video.lose_camera()
        stage.view.head.refresh()
        assert stage.view.head._health["phone"].isVisible()
        assert not stage.view.head._health["video"].isVisible()

    on_stage(play, policy=Policy(signs=False))
