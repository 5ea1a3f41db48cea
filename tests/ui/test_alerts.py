"""Alerts for eye, screen reader and lamp: repeated until noticed, on every monitor, never taking the keyboard."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from client import platform
from client.domain import event as e
from client.domain.words import Party
from client.services.alerts import OFFERS
from client.services.notices import Alarm
from tests.ui import scenes
from ui.alert_strip import AlertStrip
from ui.offer_card import FLASH_MS
from ui.wording import alarm_text


@pytest.fixture
def moving(monkeypatch):
    """The system moves and flashes, wherever the tests run."""
    monkeypatch.setattr(platform, "wants_less_motion", lambda: False)


def said(stage, words: str) -> int:
    return sum(words in text for text in stage.said)


def test_an_offer_is_said_and_said_again_until_it_is_noticed(stage):
    @stage
    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(lambda: said(stage, "전화가 왔습니다, 010-****-4567, ③ 안심돌봄") == 1)
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


def test_the_light_flashes_at_most_once_a_second_in_a_small_area(on_stage, moving):
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
        assert strip.text.words == "전화가 왔습니다, 010-****-4567, ③ 안심돌봄"
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


def lamp(tmp_path: Path) -> tuple[tuple[str, ...], Callable[[], list[str]]]:
    """A command that writes down what it is told, and what it was told."""
    told = tmp_path / "what the lamp was told"
    script = tmp_path / "a lamp.py"
    script.write_text(f"import sys; open({str(told)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')")
    return (sys.executable, str(script)), lambda: told.read_text().splitlines() if told.exists() else []


def test_the_lamp_learns_the_kind_of_alert_alone_and_goes_off_after_the_last(on_stage, tmp_path: Path):
    command, told = lamp(tmp_path)

    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(lambda: told() == ["on call_offered"], "the command ran")
        stage.fake.clock.advance(5)
        await stage.until(lambda: told() == ["on call_offered"] * 2, "it is said again")
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: told() == ["on call_offered"] * 2 + ["off"], "silencing is noticing")
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        await stage.until(lambda: told()[-1] == "on microphone_silent")
        stage.window.close()
        await stage.until(lambda: told()[-1] == "off", "nobody is here to put it out later")

    on_stage(play, alert_command=command)


def test_a_lamp_that_does_not_start_is_told_once_and_hides_no_offer(on_stage):
    async def play(stage):
        await scenes.ring(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        stage.fake.clock.advance(5)
        await stage.until(lambda: said(stage, "전화가 왔습니다") == 2)
        assert said(stage, "경광등") == 1
        assert any("on.exe" in text for text in stage.view.troubles.texts())

    on_stage(play, alert_command=(r"C:\lamp\on.exe", "--quietly"))


# ── in the window ────────────────────────────────────────────────────────────────────────────────


async def open_another(stage) -> None:
    """Leave the open session for one that waits."""
    await scenes.others(stage.fake)
    stage.context.selection.open(next(view.id for view in stage.desk.sessions.waiting()))


async def written_to(stage, session: str) -> None:
    """The citizen of another session than the open one writes."""
    scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="여기 있어요"))
    await stage.until(stage.view.head.alert.isVisible)


def test_the_window_itself_says_what_calls_and_whose_it_is(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        head, line = stage.view.head, stage.view.head.alert
        await open_another(stage)
        assert not line.isVisible()
        before = [head.presence.pos(), head._find.pos(), head._help.pos(), stage.view.page.timeline.pos()]
        stage.context.actions.trigger("note")
        field = QApplication.focusWidget()
        await written_to(stage, session)
        await stage.until(lambda: line.accessibleName() == "시민이 글을 보냈습니다, 010-****-4567, ③ 안심돌봄, 열기")
        assert line.accessibleDescription() == "F3"
        assert QApplication.focusWidget() is field
        assert before == [head.presence.pos(), head._find.pos(), head._help.pos(), stage.view.page.timeline.pos()]
        await stage.until(lambda: line.width() >= line.sizeHint().width(), "all its words are shown")
        assert stage.window._alerts.strips == [], "the window is before the agent"
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        await stage.until(lambda: stage.context.selection.session == session)
        assert not stage.desk.alerts.active
        await stage.until(lambda: not line.isVisible())


@pytest.mark.parametrize("alarm", [alarm for alarm in Alarm if alarm not in OFFERS])
def test_each_kind_of_alert_has_its_line(stage, alarm):
    @stage
    async def play(stage):
        stage.desk.alerts.raise_(alarm)
        await stage.until(stage.view.head.alert.isVisible)
        assert stage.view.head.alert.accessibleName() == f"{alarm_text(alarm)}, 확인"
        QTest.mouseClick(stage.view.head.alert, Qt.MouseButton.LeftButton)
        await stage.until(lambda: not stage.view.head.alert.isVisible())
        assert stage.desk.alerts.active == ()


def test_the_line_counts_what_waits_behind_it_and_leaves_offers_to_their_card(stage):
    @stage
    async def play(stage):
        line = stage.view.head.alert
        await scenes.ring(stage.fake)
        await stage.until(stage.view.offer.isVisible)
        assert not line.isVisible()
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        stage.desk.alerts.raise_(Alarm.FAR_END_SILENT)
        await stage.until(lambda: "외 1건" in line.accessibleName())
        assert line.accessibleName().startswith("마이크")
        assert line.accessibleDescription() == "", "F3 silences the ring first"
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: line.accessibleDescription() == "F3")


def test_the_line_is_steady_under_reduced_motion_and_beside_an_offer(on_stage, moving):
    async def play(stage):
        line = stage.view.head.alert
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        await stage.until(line._flash.isActive)
        assert 2 * line._flash.interval() >= 1000
        assert line.width() * line.height() < 0.05 * stage.window.width() * stage.window.height()
        changes = []
        line._flash.timeout.connect(lambda: changes.append(line.lit))
        await stage.until(lambda: len(changes) >= 2)
        assert changes[0] is not changes[1]
        await scenes.ring(stage.fake)
        await stage.until(lambda: line.lit and not line._flash.isActive(), "one thing flashes at a time")

    async def steadily(stage):
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        await stage.until(lambda: stage.view.head.alert.lit)
        assert not stage.view.head.alert._flash.isActive()

    on_stage(play, reduced_motion=False)
    on_stage(steadily, reduced_motion=True)


def misplaced(parent: QWidget) -> list[object]:
    """What is outside its parent, cut, or over another."""
    shown = [widget for widget in parent.children() if isinstance(widget, QWidget) and widget.isVisible()]
    out = [one for one in shown if not parent.rect().contains(one.geometry())]
    cut = [one for one in shown if one.width() < one.minimumSizeHint().width()]
    over = [pair for pair in itertools.combinations(shown, 2) if pair[0].geometry().intersects(pair[1].geometry())]
    return [*out, *cut, *over]


@pytest.mark.parametrize("alerted", [True, False])
@pytest.mark.parametrize(("size", "scale"), [((1366, 768), 100), ((1366, 768), 200), ((640, 360), 100)])
def test_the_head_fits_in_every_size_whatever_is_wrong(on_stage, size, scale, alerted):
    async def play(stage):
        head = stage.view.head
        await stage.talk()
        for side in ("microphone", "far_end"):
            stage.fake.phone.fall_silent(side, silent=True)
        await stage.until(head.alert.isVisible)
        for alert in stage.desk.alerts.active if not alerted else ():
            stage.desk.alerts.acknowledge(alert.id)
        await stage.until(lambda: head.alert.isVisible() is alerted)
        await stage.until(lambda: head._health["phone"].isVisible() is not (alerted and head._narrow))
        await stage.until(lambda: misplaced(head) == [], "the head is laid out again")
        assert head._find.isVisible() is (alerted or not head._narrow)

    on_stage(play, size=size, scale=scale)


# ── away from the window ─────────────────────────────────────────────────────────────────────────


async def look_elsewhere(stage) -> None:
    """Another window has been in front: the offscreen platform gives the keyboard to nobody after it."""
    other = QWidget()
    other.show()
    await stage.until(lambda: QApplication.activeWindow() is other)
    other.close()
    await stage.until(lambda: QApplication.activeWindow() is None)
    other.deleteLater()


def test_an_alert_behind_another_window_has_strips_and_is_said(stage):
    @stage
    async def play(stage):
        await look_elsewhere(stage)
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        strips = stage.window._alerts.strips
        await stage.until(lambda: len(strips) == len(QApplication.screens()))
        assert said(stage, "마이크에서 소리가 들어오지 않습니다") == 1
        await stage.activate()
        await stage.until(lambda: not strips, "the window itself says it now")
        assert stage.desk.alerts.active


def test_the_open_session_calls_while_the_window_is_behind_and_is_noticed_on_return(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await look_elsewhere(stage)
        await stage.until(lambda: not stage.desk.alerts._at_window)
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="여보세요"))
        await stage.until(lambda: said(stage, "시민이 글을 보냈습니다"))
        assert stage.fake.phone.rings == "soft"
        await stage.until(lambda: stage.window._alerts.strips)
        await stage.activate()
        await stage.until(lambda: not stage.desk.alerts.active)
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="네"))
        await stage.until(lambda: "네" in [getattr(x, "text", "") for x in stage.desk.sessions.timeline(session).lines])
        assert not stage.desk.alerts.active


class Monitor:
    """A second monitor, right of the first."""

    def availableGeometry(self) -> QRect:  # noqa: N802 — Qt's name
        return QRect(5000, 100, 1000, 800)


def test_every_other_monitor_has_its_strip_even_while_the_window_is_looked_at(stage, monkeypatch):
    @stage
    async def play(stage):
        alerts = stage.window._alerts
        screens = [*QApplication.screens(), Monitor()]
        monkeypatch.setattr(alerts, "monitors", lambda: screens)
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        await stage.until(lambda: len(alerts.strips) == 1)
        strip = alerts.strips[0]
        await stage.until(lambda: strip.y() == 112 and abs(strip.geometry().center().x() - 5500) <= 1)
        await look_elsewhere(stage)
        await stage.until(lambda: len(alerts.strips) == len(screens))
        assert all(strip.isVisible() for strip in alerts.strips)


def test_the_taskbar_flashes_only_where_motion_is_wanted(on_stage, monkeypatch, moving):
    flashed = []
    monkeypatch.setattr(QApplication, "alert", lambda window, *_: flashed.append(window))

    async def play(stage):
        stage.desk.alerts.raise_(Alarm.MICROPHONE_SILENT)
        await stage.until(lambda: said(stage, "마이크"))

    on_stage(play, reduced_motion=True)
    assert flashed == []
    on_stage(play, reduced_motion=False)
    assert len(flashed) == 1


def test_going_to_the_session_notices_its_alert(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await open_another(stage)
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="여기 있어요"))
        await stage.until(lambda: said(stage, "시민이 글을 보냈습니다"))
        await stage.until(lambda: stage.view.sessions.rows.rows[1].badge == 1)
        assert "새 글 1" in stage.view.sessions.rows.index(1).data()
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: stage.context.selection.session == session)
        await stage.until(lambda: stage.view.sessions.rows.rows[1].badge == 0)
        assert not stage.desk.alerts.active
