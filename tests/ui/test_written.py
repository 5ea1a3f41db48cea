"""The composer and its neighbours for written sessions, by keyboard, with what a screen reader hears."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QPushButton

from client.domain import event as e
from client.domain.session import Stage
from client.domain.words import Channel, Party
from tests.ui import scenes
from ui.key_button import KeyButton
from ui.label import Label

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


async def open_sms(stage) -> str:
    session = await scenes.taken(stage.fake)
    stage.context.selection.open(session)
    await stage.until(stage.view.page.composer.message.isEnabled)
    return session


def sent(stage, session: str) -> list[str]:
    bodies = [event.body for event in stage.fake.hub.logs[session]]
    return [b.text for b in bodies if isinstance(b, e.MessageSent) and b.party is Party.AGENT]


def composer(stage):
    return stage.view.page.composer


def test_recipient_and_channel_stand_over_the_field(stage):
    @stage
    async def play(stage):
        await open_sms(stage)
        assert composer(stage).to._to.words == "010-****-4567 님에게 · 문자"
        assert composer(stage).to._sender.currentText() == "발신 120"


def test_the_length_is_counted_and_a_change_of_kind_is_said(stage):
    @stage
    async def play(stage):
        await open_sms(stage)
        field, bar = composer(stage).message, composer(stage).to
        scenes.write(field, "가" * 45)
        assert bar._count.words == "90/90바이트 · SMS"
        assert bar.subject.isHidden()
        scenes.write(field, "나")
        assert bar._count.words == "92/2000바이트 · LMS"
        assert not bar.subject.isHidden()
        assert "LMS(으)로 보냅니다" in stage.said


def test_what_cannot_be_sent_is_marked_refused_and_replaced_by_a_key(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field = composer(stage).message
        stage.context.actions.trigger("message")
        scenes.write(field, "A\u2013B😀")
        assert composer(stage)._limits.words.startswith("문자로 보낼 수 없는 글자: – 😀")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert "보낼 수 없습니다" in composer(stage)._trouble.words
        assert field.toPlainText() == "A\u2013B😀"
        stage.press(Qt.Key.Key_P, ALT)
        assert field.toPlainText() == "A-B😀"
        field.setPlainText("A-B")
        QTest.keyClick(field, Qt.Key.Key_Return)
        stage.fake.clock.advance(5)
        await stage.until(lambda: sent(stage, session) == ["A-B"])


def test_a_message_is_taken_back_by_a_key_also_from_another_session(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field = composer(stage).message
        scenes.write(field, "취소할 글")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.toPlainText() == ""
        assert composer(stage).held.isVisible()
        other = await scenes.taken(stage.fake, Channel.KAKAO)
        stage.context.selection.open(other)
        field.setPlainText("다른 글")
        field.setFocus()
        stage.press(Qt.Key.Key_U, ALT)
        assert not composer(stage).held.isVisible()
        assert field.toPlainText() == "다른 글"
        assert field.hasFocus()
        stage.context.selection.open(session)
        assert field.toPlainText() == "취소할 글"
        assert sent(stage, session) == []


def test_a_quick_answer_is_found_by_initials_and_put_in_by_enter(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field, quick = composer(stage).message, composer(stage).quick
        field.setFocus()
        scenes.write(field, "/ㄷㄹ")
        assert quick.open
        assert quick.list.currentItem().text().startswith("/파손")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.toPlainText().startswith("도로 파손(포트홀) 신고를 받았습니다")
        assert not quick.open
        assert sent(stage, session) == []


def test_a_hole_is_selected_and_nothing_goes_with_it(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field = composer(stage).message
        scenes.write(field, "/막차")
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.textCursor().selectedText() == "{노선}"
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert "중괄호" in composer(stage)._trouble.words
        assert sent(stage, session) == []


def test_escape_leaves_the_slash_as_text(stage):
    @stage
    async def play(stage):
        await open_sms(stage)
        field, quick = composer(stage).message, composer(stage).quick
        scenes.write(field, "/")
        assert quick.open
        QTest.keyClick(field, Qt.Key.Key_Down)
        assert quick.list.currentRow() == 1
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert not quick.open
        assert field.toPlainText() == "/"


def test_enter_in_a_composition_neither_sends_nor_chooses(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field = composer(stage).message
        scenes.write(field, "/파")
        QCoreApplication.sendEvent(field, QInputMethodEvent("소", []))
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert field.toPlainText() == "/파"
        assert sent(stage, session) == []


def test_a_pasted_picture_is_attached_and_its_words_are_written(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        field = composer(stage).message
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        image.fill(0)
        mime = QMimeData()
        mime.setImageData(image)
        field.insertFromMimeData(mime)
        await stage.until(lambda: [item.name for item in stage.desk.attaching.items(session)] == ["사진.png"])
        assert not composer(stage).files.isHidden()
        await stage.until(lambda: "사진: 사진.png" in [one.accessibleName() for one in shown_pictures(stage)])
        words = QMimeData()
        words.setText("글")
        field.insertFromMimeData(words)
        assert field.toPlainText() == "글"


def test_an_undone_message_comes_back_below_what_was_typed_meanwhile(stage):
    @stage
    async def play(stage):
        await open_sms(stage)
        composer(stage).message.setPlainText("첫째")
        composer(stage).send()
        await stage.until(lambda: not composer(stage).held.isHidden())
        scenes.write(composer(stage).message, "둘째")  # within the moment in which no draft is kept yet
        composer(stage).held.undo()
        await stage.until(lambda: composer(stage).message.toPlainText() == "둘째\n첫째")


def test_a_way_chosen_for_one_citizen_does_not_come_along_to_another(stage):
    @stage
    async def play(stage):
        first = await scenes.taken(stage.fake, Channel.KAKAO)
        second = await scenes.taken(stage.fake, Channel.KAKAO)
        stage.context.selection.open(first)
        await stage.until(composer(stage).message.isEnabled)
        assert composer(stage).to.way.via is Channel.KAKAO
        composer(stage).to.next_way()
        assert composer(stage).to.way.via is Channel.SMS
        stage.context.selection.open(second)
        await stage.until(composer(stage).message.isEnabled)
        assert composer(stage).to.way.via is Channel.KAKAO


def shown_pictures(stage) -> list[QLabel]:
    return [one for one in composer(stage).files.findChildren(QLabel) if not one.pixmap().isNull()]


def test_why_a_file_was_not_taken_is_said_and_shown_in_korean(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        stage.desk.attaching.add(session, "빈.pdf", b"")
        await stage.until(lambda: any(said.startswith("빈.pdf: ") and "빈 파일입니다" in said for said in stage.said))
        assert any("빈 파일입니다" in one.accessibleName() for one in composer(stage).files.findChildren(Label))


def test_the_next_who_waits_by_one_key_with_the_keyboard_in_the_field(stage):
    @stage
    async def play(stage):
        session = await scenes.written(stage.fake)
        stage.press(Qt.Key.Key_G, CONTROL)
        await stage.until(lambda: stage.context.selection.session == session)
        await stage.until(composer(stage).message.hasFocus)
        stage.press(Qt.Key.Key_G, CONTROL)
        await stage.until(lambda: "대기 중인 시민이 없습니다" in stage.said)


def test_a_waiting_session_is_read_and_taken_by_a_key(stage):
    @stage
    async def play(stage):
        session = await scenes.written(stage.fake)
        stage.context.selection.open(session)
        assert not composer(stage).message.isEnabled()
        stage.press(Qt.Key.Key_G, CONTROL | SHIFT)
        await stage.until(composer(stage).message.isEnabled)
        assert stage.desk.sessions.get(session).owner == stage.desk.sessions.me


def test_a_written_session_is_finished_by_a_key(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        stage.press(Qt.Key.Key_S, CONTROL | SHIFT)
        await stage.until(lambda: stage.desk.sessions.get(session).stage is Stage.WRAP_UP)
        assert stage.view.panel.tabs.currentIndex() == 2


def test_what_failed_can_be_sent_again_or_left_by_keys(stage):
    @stage
    async def play(stage):
        session = await scenes.sms_talk(stage.fake)
        stage.context.selection.open(session)
        await stage.until(lambda: stage.desk.sessions.open_question(session) is not None)
        stage.press(Qt.Key.Key_L, ALT)
        await stage.until(lambda: stage.desk.sessions.open_question(session).text.startswith("사진을"))
        stage.press(Qt.Key.Key_R, ALT)
        await stage.until(lambda: stage.desk.sessions.open_question(session) is None)


def test_nothing_that_arrives_moves_the_session_the_caret_or_the_focus(stage):
    @stage
    async def play(stage):
        session = await open_sms(stage)
        other = await scenes.taken(stage.fake, Channel.KAKAO)
        field = composer(stage).message
        field.setFocus()
        scenes.write(field, "쓰는 중인 글")
        cursor = field.textCursor()
        cursor.setPosition(2)
        field.setTextCursor(cursor)
        for which in (session, other):
            scenes.from_citizen(stage.fake, which, "새 글")
        await stage.until(lambda: stage.desk.sessions.unread(other))
        await scenes.written(stage.fake, Channel.CHAT)
        assert stage.context.selection.session == session
        assert field.hasFocus()
        assert (field.toPlainText(), field.textCursor().position()) == ("쓰는 중인 글", 2)


def test_a_late_answer_has_colour_words_and_sound(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.fake.clock.advance(181)
        rows = stage.view.sessions.rows
        rows.refresh()
        row = rows.rows[rows.row_of(session)]
        assert rows.is_late(row)
        assert "답변이 늦었습니다" in rows._sentence(row)
        await stage.until(lambda: stage.fake.phone.rings == "soft")


def test_capacity_is_counted_in_weights(stage):
    @stage
    async def play(stage):
        await scenes.taken(stage.fake)
        await stage.until(lambda: stage.view.head._held.words == "배정 1/6")


@pytest.mark.parametrize("action", ["merge", "hand_over", "search", "export", "files"])
def test_every_dialog_has_names_for_all_its_controls(stage, action):
    @stage
    async def play(stage):
        await open_sms(stage)
        stage.context.actions.trigger(action)
        sheet = stage.window.dialogs.sheet
        assert sheet is not None
        for kind in (QLineEdit, QComboBox, QListWidget, QPushButton):
            assert [one for one in sheet.findChildren(kind) if not one.accessibleName()] == []
        sheet.reject()


@pytest.mark.parametrize("state", ["writing", "held", "quick"])
def test_at_200_percent_nothing_over_the_field_is_cut(on_stage, state):
    async def play(stage):
        session = await scenes.sms_talk(stage.fake)
        stage.context.selection.open(session)
        await stage.until(composer(stage).message.isEnabled)
        composer(stage).message.setPlainText(
            "/" if state == "quick" else "확인했습니다 😀 " + "오늘 안에 나갑니다. " * 8
        )
        if state == "held":
            composer(stage).message.setPlainText("오늘 안에 나갑니다.")
            composer(stage).send()
        await stage.until(lambda: composer(stage).held.isVisible() == (state == "held"))
        await stage.until(lambda: cut(composer(stage)) == [])
        assert composer(stage).to.subject.isVisible() == (state == "writing")

    on_stage(play, size=(1366, 768), scale=200)


def cut(whole) -> list[str]:
    """Names of the visible labels, buttons and fields that have less room than they need, or none to be seen in."""
    parts = [part for kind in (Label, KeyButton, QComboBox, QLineEdit) for part in whole.findChildren(kind)]
    return [
        part.accessibleName()
        for part in parts
        if part.isVisible()
        and (
            part.height() < part.minimumSizeHint().height()
            or part.visibleRegion().boundingRect().height() < part.height()
            or any(area(whole, part).intersects(area(whole, other)) for other in parts if other is not part)
        )
    ]


def area(whole, part) -> QRect:
    """Where it is; nowhere while it is hidden."""
    return QRect(part.mapTo(whole, QPoint()), part.size()) if part.isVisible() else QRect()
