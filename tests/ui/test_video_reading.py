"""The stage as assistive technology has it: every part named and in reach in every state, all of it said on one key; and
what quick answers, other sessions and the end do to a line that is being typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from client.domain import event as e
from client.domain.words import Channel, Party
from client.services.policy import Policy
from tests.ui import scenes
from ui.theatre import STAGE_WINDOW

DEAF = Policy(signs=True, hears=False, wrapup_s=60)
ALT = Qt.KeyboardModifier.AltModifier
VOICE = "v=0\r\nm=audio 9 x\r\n"


async def talk(stage, channel: Channel = Channel.SIGN_VIDEO, sdp: str = scenes.SDP) -> str:
    session = await scenes.video_talk(stage.fake, channel, sdp)
    stage.context.selection.open(session)
    await stage.until(stage.view.stage.isVisible)
    await stage.until(lambda: stage.view.page.composer.live.on)
    return session


def unnamed(top: QWidget) -> list[str]:
    """Parts that take the keyboard and have no name, or no role of their own, for assistive technology."""
    found = []
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        told = QAccessible.queryAccessibleInterface(widget)
        if not told.text(QAccessible.Text.Name) or told.role() == QAccessible.Role.NoRole:
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


async def asked(stage) -> None:
    stage.context.selection.open(await scenes.video_asked(stage.fake))


async def seen(stage) -> None:
    await talk(stage)


async def held(stage) -> None:
    await talk(stage)
    await stage.desk.video.toggle_hold()


async def broken(stage) -> None:
    stage.fake.video.far_break(await talk(stage))


async def hidden(stage) -> None:
    await talk(stage)
    await stage.desk.video.toggle_picture()


async def voice(stage) -> None:
    await talk(stage, Channel.WEB_CALL, VOICE)


async def relayed(stage) -> None:
    session = await talk(stage)
    await stage.until(lambda: stage.fake.video.sources.get(session))
    stage.fake.phone.far_answer(await scenes.relay_begun(stage.fake, session, "1002"))
    await stage.until(stage.view.stage.relaying.isVisible)


@pytest.mark.parametrize("state", [asked, seen, held, broken, hidden, voice, relayed])
def test_every_part_that_takes_the_keyboard_has_a_name_and_a_role(on_stage, state):
    async def play(stage):
        await state(stage)
        await stage.until(stage.view.stage.isVisible)
        assert unnamed(stage.view.stage) == []

    on_stage(play, policy=DEAF)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (asked, "시민 화면에 영상을 요청하는 중"),
        (seen, "서로 보입니다"),
        (held, "보류 중"),
        (broken, "연결이 끊겼습니다"),
        (hidden, "내 영상이 꺼져 있습니다"),
        (voice, "홈페이지 음성 통화"),
    ],
)
def test_one_key_says_how_the_video_stands(on_stage, state, words):
    async def play(stage):
        await state(stage)
        await stage.until(stage.view.stage.isVisible)
        await stage.until(lambda: words in stage.view.stage.words())
        stage.said.clear()
        stage.press(Qt.Key.Key_3, ALT)
        assert words in stage.said[0]

    on_stage(play, policy=DEAF)


def test_the_area_key_reaches_picture_text_and_panel(on_stage):
    async def play(stage):
        await talk(stage)
        await stage.until(lambda: stage.view.stage.area.far.has_picture and not stage.view.stage.area.card.isVisible())
        reached = set()
        for _ in range(8):
            stage.press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
            reached.add(QApplication.focusWidget())
        page = stage.view.page
        assert {stage.view.stage.area.far, page.timeline, page.composer.message, stage.view.panel.tabs} <= reached

    on_stage(play, policy=DEAF)


def messages(stage, session: str) -> list[str]:
    logged = [event.body for event in stage.fake.hub.logs[session]]
    return [body.text for body in logged if isinstance(body, e.MessageSent) and body.party is Party.AGENT]


def test_a_quick_answer_is_seen_once_it_is_chosen_and_not_while_it_is_looked_for(on_stage):
    async def play(stage):
        session = await talk(stage)
        composer = stage.view.page.composer
        stage.context.actions.trigger("quick")
        await stage.until(lambda: composer.quick.open)
        QTest.keyClicks(composer.message, "a")
        assert stage.desk.video.text.of(session).agent == ""
        composer.message.clear()
        stage.context.actions.trigger("quick")
        await stage.until(lambda: composer.quick.open)
        QTest.keyClick(composer.message, Qt.Key.Key_Return)
        text = composer.message.toPlainText()
        assert text
        assert not text.startswith("/")
        assert stage.desk.video.text.of(session).agent == text.replace("\n", " ")

    on_stage(play, policy=DEAF)


def test_a_line_waits_while_another_session_is_read_and_is_kept_when_the_video_ends(on_stage):
    async def play(stage):
        session = await talk(stage)
        other = await scenes.taken(stage.fake)
        field = stage.view.page.composer.message
        scenes.write(field, "두 시에")
        stage.context.selection.open(other)
        assert field.toPlainText() == ""
        scenes.write(field, "문자로 쓰는 글")
        assert stage.desk.video.text.of(session).agent == "두 시에", "what is written elsewhere is not seen here"
        field.clear()
        stage.context.selection.open(session)
        assert field.toPlainText() == "두 시에"
        scenes.write(field, " 뵐게요")
        await stage.desk.video.hang_up()
        await stage.until(lambda: field.toPlainText() == "", "it is a message now")
        await stage.until(lambda: messages(stage, session) == ["두 시에 뵐게요"])

    on_stage(play, policy=DEAF)


def test_screens_are_sent_during_a_video(on_stage):
    async def play(stage):
        session = await talk(stage)
        scenes.page_entered(stage.fake, session)
        stage.context.actions.trigger("panel_screens")
        assert stage.view.panel.isVisible()
        assert stage.view.stage.isVisible()
        await stage.until(lambda: stage.context.actions.possible("push"))
        stage.context.actions.trigger("push")
        pushed = lambda: [x for x in stage.fake.hub.logs[session] if isinstance(x.body, e.ScreenPushed)]  # noqa: E731
        await stage.until(pushed)
        stage.context.actions.trigger("message")
        assert stage.view.page.timeline.isVisible()

    on_stage(play, policy=DEAF)


def test_what_calls_is_said_over_the_video_in_its_own_window_and_covers_nothing(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.context.actions.trigger("own_window")
        window = stage.view.theatre.window_
        await stage.until(window.isVisible)
        before = stage.view.stage.area.far.mapTo(window, stage.view.stage.area.far.pos())
        stage.fake.video.far_quality(session, fps_in=9, delay_ms=700)
        stage.fake.clock.advance(3.5)
        await stage.until(window.alert.isVisible)
        assert stage.view.stage.area.far.mapTo(window, stage.view.stage.area.far.pos()) == before, "nothing moves"
        assert window.alert.mapTo(window, window.alert.rect().bottomLeft()).y() < before.y()
        stage.window._alerts._is_before_the_agent = lambda: False  # the agent is in another program
        stage.window._alerts._look_around()
        assert stage.window._alerts.strips == [], "no strip stands before the signer"
        window.close()
        stage.window._alerts._look_around()
        assert len(stage.window._alerts.strips) == 1, "where no video stands it does"

    on_stage(play, policy=DEAF)


def stage_windows() -> list[QWidget]:
    return [top for top in QApplication.topLevelWidgets() if top.objectName() == STAGE_WINDOW and top.isVisible()]


def test_another_look_leaves_the_video_in_its_own_window_and_one_of_it(on_stage):
    async def play(stage):
        await talk(stage)
        stage.context.actions.trigger("own_window")
        await stage.until(lambda: stage.view.theatre.window_ and stage.view.theatre.window_.isVisible())
        assert stage.window.keep({"desk.theme": "dark"}) == ""
        await stage.until(lambda: stage.view.theatre.window_ and stage.view.theatre.window_.isVisible())
        await stage.until(lambda: stage_windows() == [stage.view.theatre.window_], "the one before is gone")
        await stage.until(lambda: stage.view.stage.area.far.has_picture)
        await stage.desk.video.hang_up()
        await stage.until(lambda: stage.view.theatre.window_ is None, "with the session it goes")
        assert not stage.view.stage.isVisible()

    on_stage(play, policy=DEAF)
