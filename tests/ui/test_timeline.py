"""The timeline on screen: the same lines as the domain's, at its end, said in words, quick with thousands."""

from __future__ import annotations

import random
import time

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent, QTextCursor
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from client.domain import event as e
from client.domain.event import new_event
from client.domain.ids import new_id
from client.domain.signal import PartialCaption
from client.domain.timeline import CaptionLine, Timeline
from client.domain.words import Party
from client.fakes.clock import START, HeldClock
from tests.ui import scenes
from ui.correction_edit import CorrectionEdit
from ui.label import JOINER, keep_words
from ui.line_layout import Columns, joined, lay_out
from ui.line_text import Shown, shown, spoken
from ui.look import look_for
from ui.memory import ReadMarks
from ui.timeline_model import PAGE, TimelineModel
from ui.timeline_view import TimelineView


def caption(clock: HeldClock, text: str, utterance: str = "", **more: object) -> e.Event:
    body = e.Caption(utterance=utterance or new_id(), party=more.pop("party", Party.CITIZEN), text=text, **more)
    return new_event(new_id(), body, at=clock.now())


def partial(utterance: str, stable: str, provisional: str) -> PartialCaption:
    return PartialCaption(leg="c", party=Party.CITIZEN, utterance=utterance, stable=stable, provisional=provisional)


def filled(count: int) -> Timeline:
    clock, timeline = HeldClock(), Timeline()
    for number in range(count):
        clock.advance(1)
        timeline.apply(caption(clock, f"{number}번째 줄입니다. 조금 길게 말하면 줄이 바뀌기도 합니다.", f"u{number}"))
    return timeline


def test_the_model_follows_whatever_happens(qapp):
    timeline, clock, chance = filled(PAGE + 40), HeldClock(), random.Random(7)
    clock.advance(2000)
    model = TimelineModel(timeline)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for step in range(400):
        clock.advance(1)
        match chance.randrange(5):
            case 0:
                timeline.apply(caption(clock, f"새 {step}", f"n{step}"))
            case 1:
                timeline.partial(e.timestamp(clock.now()), partial(f"p{chance.randrange(4)}", "가", f"나{step}"))
            case 2:
                timeline.partial(e.timestamp(clock.now()), partial(f"p{chance.randrange(4)}", "", ""))
            case 3:
                timeline.apply(caption(HeldClock(START), f"늦은 {step}", f"l{step}"))
            case 4:
                model.catch_up()
    model.catch_up()
    shown_lines = [model.line(row) for row in range(model.rowCount())]
    assert shown_lines == timeline.lines[model.earlier :]


def test_older_lines_come_a_page_at_a_time(qapp):
    timeline = filled(1000)
    model = TimelineModel(timeline)
    assert model.rowCount() == PAGE
    model.show_earlier()
    assert model.rowCount() == 2 * PAGE
    assert model.line(0) is timeline.lines[1000 - 2 * PAGE]
    for _ in range(6):
        model.show_earlier()
    assert [model.rowCount(), model.earlier] == [1000, 0]


def test_two_hundred_changes_in_a_frame_are_one_layout(qapp):
    timeline = filled(PAGE)
    model = TimelineModel(timeline)
    spy = QSignalSpy(model.dataChanged)
    for number in range(200):
        timeline.partial(e.timestamp(HeldClock().now()), partial("p", "가", f"나{number}"))
    model.catch_up()
    assert spy.count() <= 1
    assert model.rowCount() == PAGE + 1


@pytest.fixture
def view(qtbot):
    from client.settings import Settings

    made = TimelineView(look_for(Settings()), "Ctrl+End")
    qtbot.addWidget(made)
    made.resize(746, 500)
    return made


def shown_view(view, qtbot, timeline: Timeline) -> TimelineModel:
    model = TimelineModel(timeline, view)
    view.show_lines(model)
    view.show()
    qtbot.waitUntil(lambda: not model.rowCount() or view.visualRect(model.index(model.rowCount() - 1)).height() > 0)
    return model


def at_end(view) -> bool:
    return view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_it_follows_the_end_and_stops_when_scrolled_up(view, qtbot):
    timeline, clock = filled(100), HeldClock()
    clock.advance(5000)
    shown_view(view, qtbot, timeline)
    qtbot.waitUntil(lambda: at_end(view) and view.verticalScrollBar().maximum() > 0)
    timeline.apply(caption(clock, "새로 한 말"))
    qtbot.waitUntil(lambda: view.model().rowCount() == 101 and at_end(view))
    view.verticalScrollBar().setValue(200)
    assert not view.following
    for _ in range(3):
        clock.advance(1)
        timeline.apply(caption(clock, "그 사이에 한 말"))
    qtbot.waitUntil(lambda: "새 글 3" in view._to_end.text() or "New: 3" in view._to_end.text())
    assert view.verticalScrollBar().value() == 200
    assert view._to_end.isVisible()
    view.follow()
    qtbot.waitUntil(lambda: at_end(view) and not view._to_end.isVisible())


def test_scrolling_to_the_top_brings_older_lines_without_a_jump(view, qtbot):
    timeline = filled(700)
    model = shown_view(view, qtbot, timeline)
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    first = model.line(0)
    view.verticalScrollBar().setValue(0)
    qtbot.waitUntil(lambda: model.rowCount() == 2 * PAGE)
    qtbot.waitUntil(lambda: view.visualRect(model.index(model.row_of(first.id))).top() in range(-5, 6))


def test_few_lines_stand_at_the_bottom(view, qtbot):
    model = shown_view(view, qtbot, filled(2))
    qtbot.waitUntil(lambda: view.viewport().y() > 200)
    last = view.visualRect(model.index(1))
    assert 0 <= view.viewport().height() - last.bottom() < 30


def test_what_is_uncertain_or_provisional_is_said(qapp):
    line = CaptionLine(
        id="1",
        at=e.timestamp(START),
        party=Party.CITIZEN,
        leg="c",
        stable="치매 진단은 장기요양",
        words=(
            e.Word(text="치매", start_ms=0, end_ms=1),
            e.Word(text="장기요양", start_ms=1, end_ms=2, confidence=0.2),
        ),
        final=True,
    )
    assert "uncertain: 장기요양" in spoken(line) or "불확실: 장기요양" in spoken(line)
    assert shown(line).dotted == ((7, 11),)
    running = CaptionLine(id="2", at=e.timestamp(START), party=Party.AGENT, leg="a", stable="네", provisional=" 잠시만")
    assert shown(running).lighter == " 잠시만…"
    assert "provisional" in spoken(running) or "확정 전" in spoken(running)


def test_korean_breaks_between_words(qapp):
    from client.settings import Settings

    look = look_for(Settings())
    text = "장기요양인정신청서를 준비해 주시면 상담이 빨라집니다"
    laid = lay_out(Shown(solid=text), 420, look, Columns(look))
    lines = [laid.text.lineAt(n) for n in range(laid.text.lineCount())]
    assert len(lines) > 1
    pieces = [laid.text.text()[x.textStart() : x.textStart() + x.textLength()].replace(JOINER, "") for x in lines]
    assert "".join(pieces) == text
    assert all(piece.strip().split()[-1] in text.split() for piece in pieces)


def test_joined_text_knows_where_each_character_went():
    text, places = joined("가나 다a라")
    assert text.replace(JOINER, "") == "가나 다a라"
    assert [text[place] for place in places[:-1]] == list("가나 다a라")
    assert keep_words("가나 다") == f"가{JOINER}나 다"
    assert keep_words("3 010-**") == f"3 0{JOINER}1{JOINER}0{JOINER}-{JOINER}*{JOINER}*"


def test_a_frame_with_thousands_of_lines_is_quick(view, qtbot):
    timeline, clock = Timeline(), HeldClock()
    timeline.lines += [line for _ in range(20) for line in filled(500).lines]
    clock.advance(20_000)
    model = shown_view(view, qtbot, timeline)
    view.follow()
    used = []
    for number in range(20):
        clock.advance(1)
        timeline.partial(e.timestamp(clock.now()), partial(f"p{number}", "지금 말하는", " 중입니다"))
        began = time.thread_time()
        model.catch_up()
        view.doItemsLayout()
        view.viewport().repaint()
        used.append(time.thread_time() - began)
    assert sorted(used)[len(used) // 2] < 0.025, used


def test_a_caption_is_corrected_in_place_and_taken_back(stage):
    @stage
    async def play(stage):
        await stage.talk()
        timeline = stage.view.page.timeline
        stage.view.page.composer.message.setFocus()
        editor = await correcting(stage)
        before = editor.toPlainText()
        editor.setPlainText("지금 휴대전화로 준비물 목록을 보냈습니다.")
        stage.press(Qt.Key.Key_Return, widget=editor)
        line = next(
            x
            for x in stage.desk.sessions.timeline(stage.context.selection.session).lines[::-1]
            if getattr(x, "final", 0)
        )
        await stage.until(lambda: lines(stage)[line.id].corrected == "지금 휴대전화로 준비물 목록을 보냈습니다.")
        assert stage.view.page.composer.message.hasFocus(), "the keyboard goes back to where it was"
        assert timeline.following
        assert any("되돌" in text for text in stage.said)
        stage.press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: lines(stage)[line.id].text == before)


async def correcting(stage) -> CorrectionEdit:
    """The field that F4 opens."""
    timeline = stage.view.page.timeline
    stage.press(Qt.Key.Key_F4)
    await stage.until(lambda: timeline.state() is timeline.State.EditingState)
    return timeline.findChild(CorrectionEdit)


def compose(editor: CorrectionEdit, syllable: str) -> None:
    """A syllable is being composed at the end of the field."""
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QCoreApplication.sendEvent(editor, QInputMethodEvent(syllable, []))


def test_f4_opens_the_newest_caption_each_time(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        timeline = stage.view.page.timeline
        stage.view.page.composer.message.setFocus()
        first = await correcting(stage)
        stage.press(Qt.Key.Key_Escape, widget=first)
        await stage.until(lambda: timeline.state() is timeline.State.NoState)
        stage.fake.clock.advance(5)
        leg = next(leg for leg in stage.fake.speech.legs if leg.endswith("agent"))
        scenes.say(stage.fake, leg, "의사 소견서는 나중에 내셔도 됩니다.")
        await stage.until(lambda: timeline.model().rowCount() == len(stage.desk.sessions.timeline(session).lines))
        second = await correcting(stage)
        assert second.toPlainText() == "의사 소견서는 나중에 내셔도 됩니다."
        stage.press(Qt.Key.Key_Escape, widget=second)
        await stage.until(lambda: timeline.state() is timeline.State.NoState)
        assert timeline.following


def test_with_the_keyboard_in_the_timeline_f4_corrects_the_chosen_line(stage):
    @stage
    async def play(stage):
        await stage.talk()
        timeline = stage.view.page.timeline
        timeline.setFocus()
        row = next(n for n, line in enumerate(timeline.lines().lines) if getattr(line, "final", False))
        timeline.setCurrentIndex(timeline.model().index(row))
        editor = await correcting(stage)
        assert editor.toPlainText() == timeline.lines().line(row).text
        stage.press(Qt.Key.Key_Escape, widget=editor)
        await stage.until(lambda: timeline.state() is timeline.State.NoState)
        assert timeline.hasFocus()


def test_enter_keeps_the_syllable_that_is_being_composed(stage):
    @stage
    async def play(stage):
        await stage.talk()
        editor = await correcting(stage)
        editor.setPlainText("은평구입니")
        compose(editor, "다")
        stage.press(Qt.Key.Key_Return, widget=editor)
        await stage.until(lambda: "은평구입니다" in {getattr(x, "corrected", "") for x in lines(stage).values()})


def test_another_session_keeps_a_correction_with_its_last_syllable(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        editor = await correcting(stage)
        editor.setPlainText("은평구입니")
        compose(editor, "다")
        stage.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier, widget=editor)
        await stage.until(lambda: stage.context.selection.session != session)
        stage.context.selection.open(session)
        await stage.until(lambda: "은평구입니다" in {getattr(x, "corrected", "") for x in lines(stage).values()})
        stage.press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: "은평구입니다" not in {getattr(x, "corrected", "") for x in lines(stage).values()})


def test_leaving_a_correction_for_the_composer_leaves_the_keyboard_there(stage):
    @stage
    async def play(stage):
        await stage.talk()
        editor = await correcting(stage)
        editor.setPlainText("다시 읽은 말")
        stage.view.page.composer.message.setFocus()
        await stage.until(lambda: "다시 읽은 말" in {getattr(x, "corrected", "") for x in lines(stage).values()})
        assert stage.view.page.composer.message.hasFocus()


def lines(stage) -> dict[str, CaptionLine]:
    return {line.id: line for line in stage.desk.sessions.timeline(stage.context.selection.session).lines}


def test_esc_leaves_a_correction(stage):
    @stage
    async def play(stage):
        await stage.talk()
        timeline = stage.view.page.timeline
        timeline.setFocus()
        stage.press(Qt.Key.Key_Return)
        await stage.until(lambda: timeline.findChild(CorrectionEdit))
        editor = timeline.findChild(CorrectionEdit)
        editor.setPlainText("nothing of this")
        stage.press(Qt.Key.Key_Escape, widget=editor)
        await stage.until(lambda: timeline.state() is timeline.State.NoState)
        assert not any(getattr(line, "corrected", "") for line in lines(stage).values())


def test_lines_are_read_on_keys_and_never_by_themselves(stage):
    @stage
    async def play(stage):
        await stage.talk()
        assert not any("은평구요" in text for text in stage.said)
        alt = Qt.KeyboardModifier.AltModifier
        stage.press(Qt.Key.Key_2, alt)
        assert "전화가 옴" in stage.said[-1]
        stage.press(Qt.Key.Key_2, alt)
        stage.press(Qt.Key.Key_2, alt)
        assert stage.said[-1].startswith("시민, 안녕하세요.")
        stage.press(Qt.Key.Key_1, alt)
        assert "화면 함께 보기: 동의" in stage.said[-1]
        stage.press(Qt.Key.Key_2, alt)
        assert stage.said[-1] == "읽지 않은 글이 없습니다"
        stage.press(Qt.Key.Key_3, alt)
        assert stage.said[-1] == "통화 중, 010-****-4567, 시민이 듣고 있음"


def test_what_was_read_stays_read_when_another_session_was_open(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        alt = Qt.KeyboardModifier.AltModifier
        stage.press(Qt.Key.Key_1, alt)
        stage.context.actions.trigger("next_session")
        await stage.until(lambda: stage.context.selection.session != session)
        stage.context.selection.open(session)
        stage.press(Qt.Key.Key_2, alt)
        assert stage.said[-1] == "읽지 않은 글이 없습니다"


def test_a_line_that_was_read_while_it_ran_is_read_again_once_final(qapp):
    timeline, clock, marks = filled(2), HeldClock(), ReadMarks()
    clock.advance(100)
    timeline.partial(e.timestamp(clock.now()), partial("p", "지금", " 말하는"))
    marks.say(timeline.lines)
    assert marks.unread(timeline.lines) is None
    timeline.apply(caption(clock, "지금 말하는 중입니다", "p"))
    again = marks.unread(timeline.lines)
    assert again is not None
    assert again.text == "지금 말하는 중입니다"
    marks.say((again,))
    assert marks.unread(timeline.lines) is None


def test_a_withdrawn_line_does_not_make_the_whole_timeline_unread(qapp):
    timeline, clock, marks = filled(3), HeldClock(), ReadMarks()
    clock.advance(100)
    timeline.partial(e.timestamp(clock.now()), partial("p", "가", "나"))
    marks.say(timeline.lines)
    timeline.partial(e.timestamp(clock.now()), partial("p", "", ""))
    assert marks.unread(timeline.lines) is None
    clock.advance(1)
    timeline.apply(caption(clock, "새로 한 말"))
    assert marks.unread(timeline.lines).text == "새로 한 말"


def test_older_lines_that_are_fetched_later_are_not_unread(qapp):
    timeline, marks = filled(10), ReadMarks()
    marks.say(timeline.lines[5:])
    assert marks.unread(timeline.lines) is None


def test_a_setting_lets_captions_be_said(on_stage):
    async def play(stage):
        session = await stage.talk()
        await stage.until(lambda: stage.context.selection.session == session)
        leg = next(leg for leg in stage.fake.speech.legs if leg.endswith("agent"))
        stage.fake.clock.advance(5)
        scenes.say(stage.fake, leg, "나중에 내셔도 됩니다.")
        await stage.until(lambda: any(text.startswith("상담사, 나중에 내셔도") for text in stage.said))

    on_stage(play, announce_captions=True)
