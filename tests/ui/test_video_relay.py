"""The relay to an office, in the stage: by keys, in words, and never a deaf counselor alone with a voice."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from client.domain import event as e
from client.domain.relay import RelayState
from client.services.policy import Policy
from tests.ui import scenes

HEARS, DEAF = Policy(signs=True, wrapup_s=60), Policy(signs=True, hears=False, wrapup_s=60)
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
OFFICE = "은평구 불광1동 주민센터"


async def talk(stage) -> str:
    session = await scenes.video_talk(stage.fake)
    stage.context.selection.open(session)
    await stage.until(lambda: stage.fake.video.sources.get(session), "the bridge has the session's sound")
    await stage.until(stage.view.stage.isVisible)
    stage.still()
    return session


def state(stage) -> RelayState | None:
    relay = stage.desk.relay
    view = relay.view(relay.running) if relay.running else None
    return view.state if view else None


def bodies(stage, session: str, kind: type) -> list:
    return [event.body for event in stage.fake.hub.logs[session] if isinstance(event.body, kind)]


def said(stage, words: str) -> bool:
    return any(words in text for text in stage.said)


def test_an_office_is_called_told_and_joined_by_keys(on_stage):
    async def play(stage):
        session = await talk(stage)
        strip = stage.view.stage.relaying
        assert not strip.isVisible()
        stage.press(Qt.Key.Key_F10)
        sheet = stage.window.dialogs.sheet
        sheet.office.setText(OFFICE)
        sheet.number.setText("02-351-6114")
        QTest.keyClick(sheet.number, Qt.Key.Key_Return)
        await stage.until(strip.isVisible)
        assert state(stage) is RelayState.DIALLING
        assert not strip.agree.isVisible()
        await stage.activate()
        stage.fake.phone.far_answer(list(stage.fake.phone.calls)[-1])
        await stage.until(strip.agree.isVisible)
        assert "괜찮으십니까" in strip._say.words
        await stage.until(lambda: said(stage, "괜찮으십니까"), "what has to be said is said to the counselor")
        assert "기관에게 들림: 상담사" in strip._who.words
        stage.press(Qt.Key.Key_F10)
        assert QApplication.focusWidget() is strip.agree
        stage.press(Qt.Key.Key_F10, CONTROL)
        await stage.until(lambda: state(stage) is RelayState.JOINED)
        await stage.until(lambda: not strip.agree.isVisible())
        await stage.until(lambda: bodies(stage, session, e.RelayAgreed))
        stage.press(Qt.Key.Key_F10, ALT)
        await stage.until(lambda: not strip.isVisible())
        await stage.until(lambda: bodies(stage, session, e.RelayEnded))
        assert stage.desk.video.running == session, "the session goes on"

    on_stage(play, policy=HEARS)


def test_an_office_that_refuses_is_let_go(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.fake.phone.far_answer(await scenes.relay_begun(stage.fake, session))
        await stage.until(stage.view.stage.relaying.refuse.isVisible)
        stage.context.actions.trigger("relay_refuse")
        await stage.until(lambda: not stage.view.stage.relaying.isVisible())
        await stage.until(lambda: bodies(stage, session, e.RelayEnded))
        assert bodies(stage, session, e.RelayEnded)[0].refused

    on_stage(play, policy=HEARS)


def test_a_menu_is_answered_and_only_the_number_of_keys_is_kept(on_stage):
    async def play(stage):
        session = await talk(stage)
        call = await scenes.relay_begun(stage.fake, session)
        stage.fake.phone.far_answer(call)
        strip = stage.view.stage.relaying
        await stage.until(strip.menu.isVisible)
        QTest.keyClicks(strip.menu, "2#")
        QTest.keyClick(strip.menu, Qt.Key.Key_Return)
        await stage.until(lambda: strip.menu.text() == "")
        assert [body.count for body in bodies(stage, session, e.TonesSent)] == [2]

    on_stage(play, policy=HEARS)


def test_who_does_not_hear_needs_a_colleague_and_has_no_volume(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.press(Qt.Key.Key_F10)
        sheet = stage.window.dialogs.sheet
        sheet.number.setText("02-351-6114")
        QTest.keyClick(sheet.number, Qt.Key.Key_Return)
        await stage.until(sheet.trouble.isVisible, "alone with a voice is refused, with the reason beside it")
        assert "청인" in sheet.trouble.words
        assert stage.desk.relay.running is None
        sheet.colleague.setText("1002")
        QTest.keyClick(sheet.colleague, Qt.Key.Key_Return)
        await stage.until(lambda: stage.desk.relay.running == session)
        strip = stage.view.stage.relaying
        await stage.until(strip.isVisible)
        assert not strip.office.isVisible()
        assert not strip.citizen.isVisible()

    on_stage(play, policy=DEAF)


def test_the_relay_covers_no_picture_and_leaves_the_end_in_reach(on_stage):
    async def play(stage):
        session = await talk(stage)
        stage.fake.phone.far_answer(await scenes.relay_begun(stage.fake, session))
        strip, area, end = stage.view.stage.relaying, stage.view.stage.area, stage.view.stage.end
        await stage.until(strip.agree.isVisible)
        await stage.until(lambda: strip.y() >= area.geometry().bottom())
        assert end.isVisible()
        assert end.mapTo(stage.window, end.rect().bottomLeft()).y() <= stage.window.height()
        assert area.height() >= 200

    on_stage(play, policy=HEARS)
