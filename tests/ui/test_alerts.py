"""Alerts for eye, screen reader and lamp: repeated until noticed, on every monitor, never taking the keyboard."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from client.domain import event as e
from client.domain.words import Party
from client.services.notices import Alarm
from tests.ui import scenes
from ui.alert_strip import AlertStrip
from ui.offer_card import FLASH_MS


def said(stage, words: str) -> int:
    return sum(words in text for text in stage.said)


def test_an_offer_is_said_and_said_again_until_it_is_noticed(stage):
    @stage
    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(lambda: said(stage, "전화가 왔습니다, ③ 안심돌봄, 010-****-4567") == 1)
        stage.fake.clock.advance(5)
        await stage.until(lambda: said(stage, "전화가 왔습니다") == 2)
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: stage.desk.calls.offers[0].silenced)
        stage.fake.clock.advance(30)
        assert said(stage, "전화가 왔습니다") == 2


def test_the_light_is_steady_under_reduced_motion(stage):
    @stage
    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(lambda: stage.view.offer.lit)
        assert not stage.view.offer._flash.isActive()


def test_the_light_flashes_at_most_once_a_second_in_a_small_area(on_stage):
    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(stage.view.offer._flash.isActive)
        assert 2 * stage.view.offer._flash.interval() >= 1000
        assert 2 * FLASH_MS >= 1000
        card, window = stage.view.offer.size(), stage.window.size()
        assert card.width() * card.height() < 0.1 * window.width() * window.height()
        changes = []
        stage.view.offer._flash.timeout.connect(lambda: changes.append(stage.view.offer.lit))
        await stage.until(lambda: len(changes) >= 2)
        assert changes[0] is not changes[1]

    on_stage(play, reduced_motion=False)


def test_an_offer_takes_no_focus(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.context.actions.trigger("note")
        field = QApplication.focusWidget()
        await scenes.ring(stage.fake, "01011112222")
        await stage.until(stage.view.offer.isVisible)
        assert QApplication.focusWidget() is field
        assert stage.window.isActiveWindow()


def test_a_minimised_window_has_a_strip_that_refuses_the_keyboard(stage):
    @stage
    async def play(stage):
        stage.window.showMinimized()
        await scenes.ring(stage.fake)
        strips = stage.window._alerts.strips
        await stage.until(lambda: len(strips) == len(QApplication.screens()))
        strip = strips[0]
        assert isinstance(strip, AlertStrip)
        assert strip.isVisible()
        assert strip.text.words == "전화가 왔습니다, ③ 안심돌봄, 010-****-4567"
        assert strip.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        for flag in (Qt.WindowType.WindowDoesNotAcceptFocus, Qt.WindowType.WindowStaysOnTopHint):
            assert strip.windowFlags() & flag
        stage.fake.phone.far_hang_up(next(iter(stage.fake.phone.calls)))
        await stage.until(lambda: not strips)


def test_a_lost_call_is_an_alert_with_one_key_to_call_back(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        stage.fake.phone.break_off()
        await stage.until(lambda: any("통화가 끊어졌습니다" in text for text in stage.view.troubles.texts()))
        await stage.until(lambda: said(stage, "통화가 끊어졌습니다"))
        await stage.until(lambda: stage.context.actions.possible("call_back"))
        stage.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
        await stage.until(lambda: len(stage.fake.phone.dialled) == 1)
        await stage.until(stage.view.call_bar.isVisible)
        await stage.until(lambda: stage.view.call_bar._state.words == "거는 중")
        assert stage.context.selection.session == session


def test_the_silent_microphone_is_said_and_shown(stage):
    @stage
    async def play(stage):
        stage.fake.phone.fall_silent("microphone", silent=True)
        await stage.until(lambda: said(stage, "마이크에서 소리가 들어오지 않습니다"))
        label = stage.view.head._health["microphone"]
        await stage.until(label.state.isVisible)
        assert label.state.words == "소리 없음"
        stage.fake.phone.fall_silent("microphone", silent=False)
        await stage.until(lambda: not label.state.isVisible())


def test_the_hook_is_run_with_the_alarm_alone(on_stage, tmp_path: Path):
    told = tmp_path / "told"
    script = tmp_path / "lamp.py"
    script.write_text(f"import sys; open({str(told)!r}, 'w').write(' '.join(sys.argv[1:]) + '.')")

    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(lambda: told.exists() and told.read_text().endswith("."), "the command ran")
        assert told.read_text() == f"{Alarm.CALL_OFFERED.value} 0."

    on_stage(play, alert_command=f"{sys.executable} {script}")


def test_going_to_the_session_notices_its_alert(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        other = next(view.id for view in stage.desk.sessions.waiting())
        stage.context.selection.open(other)
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="여기 있어요"))
        await stage.until(lambda: said(stage, "시민이 글을 보냈습니다"))
        await stage.until(lambda: stage.view.sessions.rows.rows[1].badge == 1)
        assert "새 글 1" in stage.view.sessions.rows.index(1).data()
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: stage.context.selection.session == session)
        await stage.until(lambda: stage.view.sessions.rows.rows[1].badge == 0)
        assert not stage.desk.alerts.active
