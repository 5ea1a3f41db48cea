"""Writing: nothing typed is lost, nothing half is sent, and a note never goes to the citizen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest

from client.domain.timeline import MessageLine, NoteLine
from tests.ui import scenes


def written(stage, kind: type) -> list[str]:
    return [x.text for x in stage.desk.sessions.timeline(stage.context.selection.session).lines if isinstance(x, kind)]


def test_one_writes_only_where_the_citizen_can_read(stage):
    @stage
    async def play(stage):
        session = await scenes.ring(stage.fake)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.context.selection.session == session)
        field = stage.view.page.composer.message
        await stage.until(lambda: "링크" in field.placeholderText())
        assert not field.isEnabled()
        await stage.until(lambda: session in stage.fake.hub.owners)
        scenes.page_entered(stage.fake, session)
        await stage.until(field.isEnabled)
        assert field.placeholderText() == "010-****-4567에게 글 쓰기"


def test_enter_sends_and_shift_enter_breaks_the_line(stage):
    @stage
    async def play(stage):
        await stage.talk()
        field = stage.view.page.composer.message
        stage.context.actions.trigger("message")
        field.insertPlainText("첫 줄")
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        field.insertPlainText("둘째 줄")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert written(stage, MessageLine) == ["첫 줄\n둘째 줄"]
        assert field.toPlainText() == ""


def test_enter_never_sends_half_a_syllable(stage):
    @stage
    async def play(stage):
        await stage.talk()
        field = stage.view.page.composer.message
        stage.context.actions.trigger("message")
        field.insertPlainText("안녕하세")
        QCoreApplication.sendEvent(field, QInputMethodEvent("요", []))
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert written(stage, MessageLine) == []
        done = QInputMethodEvent("", [])
        done.setCommitString("요")
        QCoreApplication.sendEvent(field, done)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert written(stage, MessageLine) == ["안녕하세요"]


def test_a_note_has_its_own_field_and_never_goes_out(stage):
    @stage
    async def play(stage):
        await stage.talk()
        composer = stage.view.page.composer
        stage.press(Qt.Key.Key_F5)
        assert composer.note.hasFocus()
        composer.note.insertPlainText("청력이 좋지 않으심")
        QTest.keyClick(composer.note, Qt.Key.Key_Return)
        assert written(stage, NoteLine) == ["청력이 좋지 않으심"]
        assert written(stage, MessageLine) == []
        assert not composer.note.isVisible()
        assert composer.message.accessibleName() != composer.note.accessibleName()


def test_a_full_disk_keeps_the_text_in_its_field_and_says_so(stage):
    @stage
    async def play(stage):
        await stage.talk()
        field = stage.view.page.composer.message
        field.insertPlainText("꼭 전할 말")
        stage.fake.outbox.kept.full = True
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.toPlainText() == "꼭 전할 말"
        assert "디스크가 가득" in stage.view.page.composer._trouble.words
        assert any("디스크가 가득" in text for text in stage.said)
        stage.fake.outbox.kept.full = False
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert written(stage, MessageLine) == ["꼭 전할 말"]
        assert stage.view.page.composer._trouble.words == ""


def test_drafts_belong_to_their_session_and_outlive_the_window(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        field = stage.view.page.composer.message
        field.insertPlainText("쓰다 만 글")
        stage.context.actions.trigger("next_session")
        await stage.until(lambda: stage.context.selection.session != session)
        assert field.toPlainText() == ""
        stage.context.selection.open(session)
        assert field.toPlainText() == "쓰다 만 글"
        stage.view.page.composer.note.setPlainText("쓰다 만 메모")
        await stage.until(
            lambda: stage.desk.writing.drafts(session).get("note") == "쓰다 만 메모", "kept while writing"
        )
        stage.window.apply(stage.context.settings)
        assert stage.view.page.composer.message.toPlainText() == "쓰다 만 글"
        assert stage.view.page.composer.note.toPlainText() == "쓰다 만 메모"
        await stage.until(stage.view.page.composer.note.isVisible)


def test_what_is_not_stored_yet_says_so(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.fake.hub.away = True
        field = stage.view.page.composer.message
        field.insertPlainText("연결이 끊긴 동안")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert stage.view.page.timeline.last_line().split(", ")[2] == "보관됨 · 보내는 중"
        await stage.until(lambda: any("대기" in x.state.words for x in stage.view.head._health.values()))
