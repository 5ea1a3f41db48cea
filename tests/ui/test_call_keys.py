"""The call keys: one deliberate key each, in every mode of writing, guarded where a call slips under the finger."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox

from client.domain.session import Stage as Life
from client.services.policy import Policy
from tests.ui import scenes
from ui.choice import Choice

SHIFT = Qt.KeyboardModifier.ShiftModifier


def compose(widget, text: str) -> None:
    """A syllable is being composed, as an input method says it."""
    QCoreApplication.sendEvent(widget, QInputMethodEvent(text, []))


def test_f9_answers_and_shift_f9_hangs_up(stage):
    @stage
    async def play(stage):
        session = await scenes.ring(stage.fake)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == session)
        await stage.until(lambda: stage.context.selection.session == session, "the answered session is opened")
        stage.still()
        stage.press(Qt.Key.Key_F9, SHIFT)
        await stage.until(lambda: stage.desk.calls.running is None)


def test_both_keys_stand_still_for_half_a_second_after_a_change(stage):
    @stage
    async def play(stage):
        first = await scenes.ring(stage.fake)
        stage.fake.clock.advance(0.4)
        assert stage.context.actions.trigger("answer")
        assert not stage.context.tasks._running
        stage.fake.clock.advance(0.2)
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == first)
        stage.press(Qt.Key.Key_F9, SHIFT)
        assert not stage.context.tasks._running
        stage.still()
        second = await scenes.ring(stage.fake, "01011112222")
        stage.press(Qt.Key.Key_F9)
        assert not stage.context.tasks._running
        assert stage.desk.calls.offers[0].session == second


def test_a_held_down_key_does_nothing(stage):
    @stage
    async def play(stage):
        await scenes.ring(stage.fake)
        stage.still()
        repeated = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(stage.window, repeated)
        assert not stage.context.tasks._running
        assert stage.desk.calls.offers


def test_f9_works_while_a_syllable_is_composed_and_keeps_it(stage):
    @stage
    async def play(stage):
        await stage.talk()
        session = await scenes.ring(stage.fake, "01011112222")
        stage.still()
        field = stage.view.page.composer.note
        stage.context.actions.trigger("note")
        field.setPlainText("어머")
        compose(field, "니")
        stage.press(Qt.Key.Key_F9, widget=field)
        await stage.until(lambda: stage.desk.calls.running == session)
        assert "어머" in field.toPlainText() or "어머" in "".join(
            draft for draft in stage.fake.outbox.kept.drafts.values()
        )


def test_writing_never_answers_or_hangs_up(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.ring(stage.fake, "01011112222")
        stage.still()
        stage.view.page.composer.message.setFocus()
        for key in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Space,
            Qt.Key.Key_Escape,
            Qt.Key.Key_Backspace,
            Qt.Key.Key_A,
        ):
            stage.press(key, widget=stage.view.page.composer.message)
        assert stage.desk.calls.running == session
        assert len(stage.desk.calls.offers) == 1


def test_the_call_keys_work_in_an_open_dialog(stage):
    @stage
    async def play(stage):
        session = await scenes.ring(stage.fake)
        stage.still()
        stage.context.actions.trigger("help")
        sheet = stage.window.dialogs.sheet
        sheet.activateWindow()
        await stage.until(sheet.isActiveWindow)
        stage.press(Qt.Key.Key_F9, widget=sheet)
        await stage.until(lambda: stage.desk.calls.running == session)


def test_the_call_keys_work_while_a_list_to_choose_from_is_open(stage):
    @stage
    async def play(stage):
        await stage.talk()
        session = await scenes.ring(stage.fake, "01011112222")
        stage.still()
        stage.view.panel.tabs.setCurrentIndex(0)
        choice = stage.view.panel.citizen._language
        choice.showPopup()
        await stage.until(lambda: QApplication.activePopupWidget() is not None)
        stage.press(Qt.Key.Key_F9, widget=choice.view())
        await stage.until(lambda: stage.desk.calls.running == session)


def test_every_list_to_choose_from_lets_the_call_keys_through(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.context.actions.trigger("settings")
        boxes = stage.window.findChildren(QComboBox)
        assert len(boxes) >= 5
        assert [box.accessibleName() for box in boxes if not isinstance(box, Choice)] == []


def test_hold_and_mute_tell_who_hears(stage):
    @stage
    async def play(stage):
        await stage.talk()
        bar = stage.view.call_bar
        await stage.until(bar.isVisible)
        stage.press(Qt.Key.Key_F7)
        await stage.until(lambda: bar.hold.text() == "재개")
        assert bar._listener.words == "아무도 듣지 않음"
        stage.press(Qt.Key.Key_F7)
        await stage.until(lambda: bar.hold.text() == "보류")
        stage.press(Qt.Key.Key_F8)
        await stage.until(lambda: bar.mute.text() == "음소거 풀기")
        await stage.until(lambda: any("음소거, 아무도 듣지 않음" in text for text in stage.said))


def test_the_second_offer_says_that_it_holds(stage):
    @stage
    async def play(stage):
        first = await stage.talk()
        second = await scenes.ring(stage.fake, "01011112222")
        await stage.until(lambda: stage.view.offer.answer.text() == "보류하고 받기")
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == second)
        assert stage.desk.calls.call(first).on_hold


def test_silencing_declining_and_answering_are_three_acts(stage):
    @stage
    async def play(stage):
        session = await scenes.ring(stage.fake)
        await stage.until(lambda: stage.view.offer.lit)
        stage.press(Qt.Key.Key_F3)
        await stage.until(lambda: stage.desk.calls.offers[0].silenced)
        await stage.until(lambda: not stage.view.offer.lit)
        assert stage.fake.phone.rings == "off"
        assert stage.view.offer.isVisible()
        stage.still()
        stage.press(Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
        await stage.until(lambda: not stage.desk.calls.offers)
        assert stage.desk.sessions.get(session).stage is Life.WAITING
        assert stage.desk.calls.running is None


def test_opening_a_session_never_moves_audio(stage):
    @stage
    async def play(stage):
        running = await stage.talk()
        await scenes.others(stage.fake)
        before = dict(stage.fake.phone.calls)
        stage.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        await stage.until(lambda: stage.context.selection.session not in ("", running))
        assert stage.fake.phone.calls == before
        await stage.until(lambda: "010-****-4567" in stage.view.call_bar._state.words, "the bar names the other call")
        stage.press(Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
        assert stage.context.selection.session == running
        assert stage.fake.phone.calls == before


async def consulting(stage) -> str:
    session = await stage.talk()
    await stage.desk.calls.consult("1002", "이나눔")
    stage.fake.phone.far_answer(next(call for call in reversed(stage.fake.phone.calls) if call.startswith("out-")))
    await stage.until(stage.view.call_bar.back.isVisible)
    return session


def test_going_to_the_running_call_leaves_a_consultation_alone(stage):
    @stage
    async def play(stage):
        session = await consulting(stage)
        before = dict(stage.fake.phone.calls)
        stage.press(Qt.Key.Key_Home, Qt.KeyboardModifier.AltModifier)
        assert not stage.context.tasks._running
        assert stage.desk.calls.call(session).consultation == "이나눔"
        assert stage.fake.phone.calls == before


def test_back_to_the_citizen_has_its_own_key(stage):
    @stage
    async def play(stage):
        session = await consulting(stage)
        assert stage.view.call_bar.back.accessibleDescription() == "Shift+F7"
        stage.press(Qt.Key.Key_F7, SHIFT)
        await stage.until(lambda: not stage.desk.calls.call(session).consultation)
        assert not stage.desk.calls.call(session).on_hold
        assert not stage.context.actions.possible("back_to_citizen")


def test_home_and_end_move_in_the_text_one_writes(stage):
    @stage
    async def play(stage):
        await stage.talk()
        field = stage.view.page.composer.message
        field.setFocus()
        field.insertPlainText("첫 줄\n둘째 줄")
        stage.press(Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        assert field.textCursor().position() == 0
        stage.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        assert field.textCursor().position() == len(field.toPlainText())


def test_a_corrected_clock_does_not_lock_the_call_keys(stage):
    @stage
    async def play(stage):
        session = await scenes.ring(stage.fake)
        stage.fake.clock.correct(-30)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == session)


def test_the_guard_is_as_long_as_the_centre_says(on_stage):
    async def play(stage):
        await scenes.ring(stage.fake)
        stage.fake.clock.advance(1.4)
        assert not stage.view.call_actions.guard.open()
        stage.fake.clock.advance(0.2)
        assert stage.view.call_actions.guard.open()

    on_stage(play, policy=Policy(answer_guard_s=1.5, offer_s=3600))


def test_find_neither_answers_nor_hangs_up(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.ring(stage.fake, "01011112222")
        stage.still()
        for words in ("끊기", "받기", "다른 상담사에게"):
            stage.context.actions.trigger("find")
            sheet = stage.window.dialogs.sheet
            scenes.write(sheet.text, words)
            assert [sheet.hits.item(row).text().split("  ·  ")[0] for row in range(sheet.hits.count())] == []
            stage.press(Qt.Key.Key_Return, widget=sheet.text)
            sheet.reject()
        assert stage.desk.calls.running == session
        assert len(stage.desk.calls.offers) == 1


def test_a_changed_key_takes_over(on_stage):
    async def play(stage):
        session = await scenes.ring(stage.fake)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        assert stage.desk.calls.offers
        stage.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
        await stage.until(lambda: stage.desk.calls.running == session)
        assert stage.view.offer.answer.accessibleDescription() == "Shift+F8"

    on_stage(play, shortcuts={"answer": "Shift+F8"})
