"""후처리 by keyboard: codes found and ticked, nothing closed without one, the time asks and never acts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from client.domain import event as e
from client.domain.session import Stage as Life
from tests.ui import scenes

CONTROL = Qt.KeyboardModifier.ControlModifier


async def wrapping(stage) -> str:
    await stage.talk()
    return await hung_up(stage)


async def hung_up(stage) -> str:
    session = stage.desk.calls.running
    stage.still()
    stage.press(Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    await stage.until(lambda: stage.desk.wrapups.state(session))
    await stage.until(lambda: stage.view.panel.tabs.currentIndex() == 2, "the panel follows")
    return session


def test_a_call_is_wrapped_up_by_keyboard_alone(stage):
    @stage
    async def play(stage):
        session = await wrapping(stage)
        panel = stage.view.panel.wrapup
        stage.press(Qt.Key.Key_3, CONTROL)
        assert panel.search.hasFocus()
        scenes.write(panel.search, "장기")
        QTest.keyClick(panel.search, Qt.Key.Key_Return)
        assert panel.tree.chosen == ("3-1",)
        QTest.keyClick(panel.search, Qt.Key.Key_Tab)
        QTest.keyClick(panel.tree, Qt.Key.Key_Tab)
        assert panel.summary.hasFocus()
        panel.summary.insertPlainText("준비물 안내")
        stage.press(Qt.Key.Key_S, CONTROL)
        await stage.until(lambda: stage.desk.sessions.get(session).stage is Life.CLOSED)
        assert stage.desk.sessions.get(session).codes == ("3-1",)
        assert stage.desk.sessions.get(session).summary == "준비물 안내"
        await stage.until(lambda: stage.context.selection.session == "")


def test_without_a_code_nothing_closes_and_the_field_says_why(stage):
    @stage
    async def play(stage):
        session = await wrapping(stage)
        panel = stage.view.panel.wrapup
        stage.press(Qt.Key.Key_S, CONTROL)
        assert panel._trouble.words == "후처리 코드를 하나 이상 고르세요."
        assert panel.search.hasFocus()
        assert stage.desk.sessions.get(session).stage is Life.WRAP_UP


def test_the_time_asks_and_may_be_extended(stage):
    @stage
    async def play(stage):
        session = await wrapping(stage)
        stage.fake.clock.advance(61)
        await stage.until(lambda: any("후처리 시간이 지났습니다" in text for text in stage.view.troubles.texts()))
        assert stage.desk.sessions.get(session).stage is Life.WRAP_UP
        stage.press(Qt.Key.Key_E, CONTROL)
        await stage.until(lambda: not stage.view.troubles.texts())
        await stage.until(lambda: stage.view.panel.wrapup._time.words.startswith("남은 시간"))


def test_the_menu_suggests_a_branch_and_the_draft_is_kept(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        panel = stage.view.panel.wrapup
        await stage.until(lambda: panel.tree.currentIndex().data() == "안심돌봄")
        panel.tree.filter("여권")
        panel.tree.toggle_current()
        panel.summary.insertPlainText("반쯤 쓴 요약")
        await stage.until(
            lambda: stage.desk.wrapups.kept(session) == (("1-2",), "반쯤 쓴 요약"), "kept during the call"
        )
        stage.window.apply(stage.context.settings)
        assert stage.view.panel.wrapup.tree.chosen == ("1-2",)
        assert stage.view.panel.wrapup.summary.toPlainText() == "반쯤 쓴 요약"
        assert not stage.view.panel.wrapup._save.isEnabled()


def test_save_says_its_key_or_why_it_waits(stage):
    @stage
    async def play(stage):
        await stage.talk()
        save = stage.view.panel.wrapup._save
        assert save.toolTip() == "통화가 끝나면 저장할 수 있습니다"
        await hung_up(stage)
        await stage.until(save.isEnabled)
        assert save.toolTip() == "후처리 저장  (Ctrl+S)"


def test_marked_moments_go_into_the_summary_once(stage):
    @stage
    async def play(stage):
        await stage.talk()
        session = stage.desk.calls.running
        stage.fake.clock.advance(65)
        stage.desk.log.say(session, e.MarkSet(text="주소 말함"))
        stage.fake.clock.advance(30)
        stage.desk.log.say(session, e.MarkSet())
        await hung_up(stage)
        panel = stage.view.panel.wrapup
        panel.summary.setPlainText("안내함")
        stage.press(Qt.Key.Key_K, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        stage.press(Qt.Key.Key_K, CONTROL | Qt.KeyboardModifier.ShiftModifier)
        lines = panel.summary.toPlainText().split("\n")
        assert lines[0] == "안내함"
        assert [line.strip() for line in lines[1:]] == ["03:28 주소 말함", "03:58"]
        assert panel.summary.hasFocus()
