"""The window as a whole: names, Tab, dialogs, settings, troubles, leaving, failing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from client.crash import Crash
from client.domain.codec import BadInput
from client.services.errors import NotPossible
from client.services.notices import Severity, Trouble, TroubleTold
from client.services.presence import Presence
from client.settings import Settings
from tests.ui import scenes
from ui.closing import LeaveSheet
from ui.correction_edit import CorrectionEdit
from ui.crash_sheet import CrashBridge, CrashSheet
from ui.label import Label
from ui.settings_sheet import SettingsSheet
from ui.shortcuts import BY_ID
from ui.transfer_sheet import TransferSheet

CONTROL = Qt.KeyboardModifier.ControlModifier


def side(stage) -> str:
    """The call that was dialled last."""
    return next(call for call in reversed(stage.fake.phone.calls) if call.startswith("out-"))


def reachable(window: QWidget) -> list[QWidget]:
    """What Tab must reach: visible, enabled, taking Tab's focus."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and not isinstance(widget.parent(), QAbstractScrollArea)
    ]


def walk(window: QWidget, most: int = 80) -> list[QWidget]:
    """Where Tab goes from here, until it is back."""
    seen: list[QWidget] = []
    for _ in range(most):
        here = QApplication.focusWidget()
        if here is None or here in seen:
            break
        seen.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
    return seen


@pytest.mark.parametrize("panel", [0, 1, 2])
def test_tab_reaches_every_control_and_each_has_a_name(stage, panel):
    @stage
    async def play(stage):
        await stage.talk()
        await scenes.ring(stage.fake, "01011112222")
        await stage.until(stage.view.offer.isVisible)
        stage.context.actions.trigger("note")
        stage.view.panel.tabs.setCurrentIndex(panel)
        seen = walk(stage.window)
        missed = [widget for widget in reachable(stage.window) if widget not in seen]
        assert missed == []
        nameless = [widget for widget in seen if not widget.accessibleName()]
        assert nameless == []
        assert not [widget for widget in seen if "&" in widget.accessibleName() or "(&" in widget.accessibleName()]


def test_the_area_key_goes_round(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.view.sessions.setFocus()
        seen = []
        for _ in range(6):
            seen.append(QApplication.focusWidget())
            stage.press(Qt.Key.Key_Tab, CONTROL)
        assert QApplication.focusWidget() is stage.view.sessions
        assert stage.view.page.timeline in seen
        assert stage.view.page.composer.message in seen
        assert stage.view.head.presence in seen


def test_every_action_does_something_and_is_in_the_help(stage):
    @stage
    async def play(stage):
        assert set(stage.context.actions._acts) == set(BY_ID)
        stage.press(Qt.Key.Key_F1)
        sheet = stage.window.dialogs.sheet
        names = [widget.accessibleName() for widget in sheet.findChildren(QWidget)]
        for action, key in stage.context.actions.keys.items():
            assert any(name.endswith(f": {key}") for name in names), action


def test_find_opens_sessions_does_actions_and_sends_screens(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        stage.press(Qt.Key.Key_K, CONTROL)
        sheet = stage.window.dialogs.sheet
        scenes.write(sheet.text, "수어")
        QTest.keyClick(sheet.text, Qt.Key.Key_Return)
        await stage.until(lambda: stage.context.selection.view().name == "수어 영상")
        stage.context.selection.open(session)
        stage.context.actions.trigger("find")
        scenes.write(stage.window.dialogs.sheet.text, "보류 풀기")
        QTest.keyClick(stage.window.dialogs.sheet.text, Qt.Key.Key_Return)
        await stage.until(lambda: stage.desk.calls.call(session).on_hold)
        stage.context.actions.trigger("find")
        scenes.write(stage.window.dialogs.sheet.text, "안심돌봄 기관")
        QTest.keyClick(stage.window.dialogs.sheet.text, Qt.Key.Key_Return)
        await stage.until(lambda: len(stage.desk.screens.pushes(session)) == 2)


def test_ctrl_k_and_ctrl_d_are_ours_in_text_fields_too(stage):
    @stage
    async def play(stage):
        await stage.talk()
        for field in (stage.view.page.composer.message, stage.view.panel.screens.search):
            stage.view.panel.tabs.setCurrentIndex(1)
            field.setFocus()
            scenes.write(field, "글이 남아야 함")
            stage.press(Qt.Key.Key_K, CONTROL, widget=field)
            await stage.until(lambda: stage.window.dialogs.sheet is not None)
            stage.window.dialogs.sheet.reject()


def test_transfer_to_a_colleague_and_consultation_first(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await stage.until(lambda: session in stage.fake.hub.owners)
        stage.press(Qt.Key.Key_T, CONTROL)
        sheet = stage.window.dialogs.sheet
        assert isinstance(sheet, TransferSheet)
        await stage.until(lambda: sheet.people.count() == 1)
        scenes.write(sheet.number, "이나")
        scenes.write(sheet.note, "장기요양 문의")
        sheet.consult.click()
        await stage.until(stage.view.call_bar.complete.isVisible)
        assert stage.view.call_bar._state.words == "거는 중 · 이나눔"
        assert stage.view.call_bar._listener.words == "아무도 듣지 않음"
        stage.fake.phone.far_answer(side(stage))
        await stage.until(
            lambda: stage.view.call_bar._listener.words == "상대만 듣고 있음 · 시민은 듣지 않음", "who hears"
        )
        stage.view.call_bar.complete.click()
        await stage.until(lambda: stage.fake.hub.owners[session] == stage.fake.hub.colleague.person.id)
        await stage.until(lambda: stage.desk.calls.running is None)


def test_three_way_and_back(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        stage.press(Qt.Key.Key_J, CONTROL)
        sheet = stage.window.dialogs.sheet
        scenes.write(sheet.number, "1007")
        QTest.keyClick(sheet.number, Qt.Key.Key_Return)
        await stage.until(lambda: stage.desk.calls.call(session).consultation == "1007")
        stage.fake.phone.far_answer(side(stage))
        await stage.until(stage.view.call_bar.join.isVisible)
        stage.view.call_bar.join.click()
        await stage.until(lambda: stage.view.call_bar._listener.words == "세 사람이 함께 듣고 있음")
        await stage.activate()
        stage.press(Qt.Key.Key_J, CONTROL)
        await stage.until(lambda: not stage.desk.calls.call(session).conference)


def test_emergency_is_one_key_and_keeps_the_citizen(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        stage.press(Qt.Key.Key_F12)
        menu = QApplication.activePopupWidget()
        assert [action.text().replace("&", "") for action in menu.actions()][1:] == [
            "1  119  화재·구급",
            "2  112  경찰",
            "3  109  자살 예방 상담",
        ]
        QTest.keyClick(menu, Qt.Key.Key_1)
        await stage.until(lambda: stage.fake.phone.dialled[0][0] == "119" if stage.fake.phone.dialled else False)
        assert not stage.desk.calls.call(session).on_hold


def test_the_keypad_sends_what_is_typed_and_keeps_none_of_it(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.press(Qt.Key.Key_D, CONTROL)
        sheet = stage.window.dialogs.sheet
        for key in (Qt.Key.Key_1, Qt.Key.Key_2):
            QTest.keyClick(sheet, key)
        QTest.keyClick(sheet, "#")
        await stage.until(lambda: sheet.sent == 3)
        assert list(stage.fake.phone.tones.values()) == ["12#"]


def test_presence_by_key(stage):
    @stage
    async def play(stage):
        stage.press(Qt.Key.Key_F2)
        QTest.keyClick(QApplication.activePopupWidget(), Qt.Key.Key_3)
        await stage.until(lambda: stage.desk.presence.state is Presence.BREAK)
        await stage.until(lambda: stage.view.head.presence.accessibleName() == "내 상태: 휴식")
        assert stage.view.empty._title.words == "지금은 전화를 받지 않습니다"


def test_settings_take_effect_at_once_and_are_kept(stage):
    @stage
    async def play(stage):
        kept = []
        stage.window._save = lambda changes: (
            kept.append(dict(changes)),
            Settings(theme="dark", interface_language="en", scale=150),
        )[1]
        stage.press(Qt.Key.Key_Comma, CONTROL)
        sheet = stage.window.dialogs.sheet
        assert isinstance(sheet, SettingsSheet)
        sheet.look_page.theme.setCurrentIndex(sheet.look_page.theme.findData("dark"))
        sheet.look_page.scale.setValue(150)
        sheet._save()
        assert kept == [{"desk.theme": "dark", "desk.scale": 150}]
        assert stage.context.look.tokens.name == "dark"
        assert stage.context.look.scale == 1.5
        assert stage.window.windowTitle() == "Ieum"
        await stage.until(stage.view.head.presence.isVisible)
        assert stage.view.head.presence.height() == 54


def test_a_key_is_changed_and_a_taken_one_refused(stage):
    @stage
    async def play(stage):
        kept = []
        stage.window._save = lambda changes: (kept.append(dict(changes)), Settings())[1]
        stage.context.actions.trigger("settings")
        page = stage.window.dialogs.sheet.keys_page
        page.table.setCurrentCell(0, 0)
        assert not page.take("Return")
        assert "기능 키" in page.trouble.words
        assert not page.take("F7")
        assert page.trouble.words == "다른 동작이 쓰는 키입니다. (보류 · 보류 풀기)"
        assert page.take("Shift+F5")
        stage.window.dialogs.sheet._save()
        assert kept == [{"desk.shortcuts": {"answer": "Shift+F5"}}]


def test_captions_grow_by_key(stage):
    @stage
    async def play(stage):
        stage.press(Qt.Key.Key_Equal, CONTROL)
        assert stage.context.look.caption_px == 20
        assert stage.said[-1] == "자막 크기 20px"


def test_captions_grow_in_place(stage):
    @stage
    async def play(stage):
        await stage.talk()
        view, field = stage.view, stage.view.page.composer.message
        field.setFocus()
        scenes.write(field, "쓰다 만 글")
        before = view.page.timeline._delegate.laid(view.page.timeline.lines().line(2)).height
        stage.press(Qt.Key.Key_Equal, CONTROL)
        assert stage.view is view
        assert field.hasFocus()
        assert field.toPlainText() == "쓰다 만 글"
        assert view.page.timeline._delegate.laid(view.page.timeline.lines().line(2)).height > before
        assert view.page.timeline.following


def test_another_look_keeps_what_is_written_read_and_told(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        old, composer = stage.view, stage.view.page.composer
        stage.press(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
        stage.press(Qt.Key.Key_F4)
        editor = old.page.timeline.findChild(CorrectionEdit)
        editor.setPlainText("다시 읽은 말")
        old.panel.tabs.setCurrentIndex(2)
        old.panel.wrapup.tree.filter("여권")
        old.panel.wrapup.tree.toggle_current()
        old.panel.screens.search.setText("장기")
        stage.desk.publisher.publish(TroubleTold(Trouble.HUB_AWAY, Severity.CAREFUL))
        composer.open_note()
        composer.note.insertPlainText("메모를")
        QApplication.sendEvent(composer.note, QInputMethodEvent("쓰", []))
        said = len(stage.said)
        stage.window.apply(replace(stage.context.settings, theme="dark"))
        view = stage.view
        assert view is not old
        assert view.page.composer.note.toPlainText().startswith("메모를")
        assert view.page.composer.note.hasFocus()
        assert view.panel.tabs.currentIndex() == 2
        assert view.panel.wrapup.tree.chosen == ("1-2",)
        assert view.panel.screens.search.text() == "장기"
        assert view.troubles.texts()[-1].startswith("서버가 응답하지 않습니다")
        assert not any("서버가" in text for text in stage.said[said:]), "it was said already"
        corrected = [getattr(line, "corrected", "") for line in stage.desk.sessions.timeline(session).lines]
        assert "다시 읽은 말" in corrected
        stage.press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
        assert stage.said[-1] == "읽지 않은 글이 없습니다"
        stage.press(Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
        await stage.until(
            lambda: (
                "다시 읽은 말"
                not in [getattr(line, "corrected", "") for line in stage.desk.sessions.timeline(session).lines]
            )
        )


def test_another_look_reads_on_at_the_same_line(stage):
    @stage
    async def play(stage):
        await stage.talk()
        leg = next(leg for leg in stage.fake.speech.legs if leg.endswith("agent"))
        for number in range(40):
            stage.fake.clock.advance(5)
            scenes.say(stage.fake, leg, f"{number}번째 안내입니다.")
        timeline = stage.view.page.timeline
        await stage.until(lambda: timeline.verticalScrollBar().maximum() > 400)
        timeline.verticalScrollBar().setValue(200)
        place = timeline.place()
        stage.window.apply(replace(stage.context.settings, theme="dark"))
        await stage.until(lambda: stage.view.page.timeline.place() == place, "the same line is in sight")
        stage.press(Qt.Key.Key_Equal, CONTROL)
        await stage.until(lambda: stage.view.page.timeline._wanted is None)
        assert stage.view.page.timeline.place().line == place.line


def test_a_full_disk_keeps_the_old_look_rather_than_lose_the_text(stage):
    @stage
    async def play(stage):
        await stage.talk()
        view, field = stage.view, stage.view.page.composer.message
        field.insertPlainText("꼭 전할 말")
        stage.fake.outbox.kept.full = True
        assert stage.window.keep({"desk.theme": "dark"}) == "디스크가 가득 찼습니다. 쓰신 글은 칸에 그대로 있습니다."
        assert stage.view is view
        assert field.toPlainText() == "꼭 전할 말"
        stage.fake.outbox.kept.full = False


def test_an_open_dialog_stays_the_only_one_in_another_look(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.press(Qt.Key.Key_T, CONTROL)
        sheet = stage.window.dialogs.sheet
        await stage.until(sheet.isActiveWindow)
        stage.window.apply(replace(stage.context.settings, theme="dark"))
        assert stage.window.dialogs.sheet is sheet
        stage.press(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier, widget=sheet)
        assert "화면 함께 보기" in stage.said[-1], "its keys act on the present view"
        sheet.reject()
        assert stage.window.dialogs.sheet is None


def test_what_it_has_set_is_shown_and_cannot_be_changed(stage):
    @stage
    async def play(stage):
        stage.window._locked = lambda: {"desk.theme", "desk.shortcuts", "sound.ring_volume"}
        stage.context.actions.trigger("settings")
        sheet = stage.window.dialogs.sheet
        for widget in (sheet.look_page.theme, sheet.sound_page.volume):
            assert not widget.isEnabled()
            assert widget.accessibleDescription() == "전산 담당자가 정한 값입니다"
        assert sheet.look_page.scale.isEnabled()
        assert not sheet.keys_page.edit.isEnabled()
        assert len([x for x in sheet.findChildren(Label) if x.words == "전산 담당자가 정한 값입니다"]) == 3


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BadInput("desk.caption_size", "is locked by IT"), "저장하지 않았습니다. 전산 담당자가 정한 값입니다."),
        (BadInput("desk.scale", "must be at most 200"), "저장하지 못했습니다: desk.scale: must be at most 200"),
        (OSError(28, "No space left on device"), "저장하지 못했습니다: No space left on device"),
    ],
)
def test_a_setting_that_is_refused_says_why(stage, error, words):
    @stage
    async def play(stage):
        def refuse(changes):
            raise error

        stage.window._save = refuse
        stage.window._locked = lambda: {"desk.caption_size"}
        stage.press(Qt.Key.Key_Equal, CONTROL)
        assert stage.view.troubles.texts()[-1].startswith(words)
        stage.context.actions.trigger("settings")
        sheet = stage.window.dialogs.sheet
        sheet.look_page.scale.setValue(120)
        sheet._save()
        assert stage.window.dialogs.sheet is sheet
        assert sheet.trouble.words == words


SHEETS = ("help", "find", "settings", "keypad", "transfer", "three_way")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("size", "scale"), [((1366, 768), 100), ((3840, 2160), 200), ((1366, 768), 200), ((3840, 2160), 100)]
)
def test_no_dialog_is_larger_than_its_window(on_stage, size, scale, language):
    async def play(stage):
        show = stage.window.dialogs.show
        stage.context.actions.trigger("dial")
        check_sheet(stage, stage.window.dialogs.sheet)
        await stage.talk()
        for action in SHEETS:
            assert stage.context.actions.trigger(action)
            check_sheet(stage, stage.window.dialogs.sheet)
        for sheet in (
            LeaveSheet(stage.context, stage.window),
            CrashSheet(stage.context, stage.window, Crash(where="main", kind="k", text="line\n" * 60, file=None)),
        ):
            show(sheet)
            check_sheet(stage, sheet)

    on_stage(play, size=size, scale=scale, interface_language=language)


def check_sheet(stage, sheet) -> None:
    """All of it is in the window's size, and its buttons are in it whole."""
    window = stage.window.size()
    assert sheet.width() <= window.width(), type(sheet)
    assert sheet.height() <= window.height(), type(sheet)
    buttons = [sheet.foot.itemAt(n).widget() for n in range(sheet.foot.count()) if sheet.foot.itemAt(n).widget()]
    assert buttons
    for button in (button for button in buttons if button.isVisible()):
        assert sheet.rect().contains(button.geometry()), (type(sheet), button.text())
        assert button.width() >= button.minimumSizeHint().width(), (type(sheet), button.text())


def test_troubles_say_what_to_do_and_go_when_they_are_over(stage):
    @stage
    async def play(stage):
        publish = stage.desk.publisher.publish
        publish(TroubleTold(Trouble.HUB_AWAY, Severity.CAREFUL))
        assert stage.view.troubles.texts()[-1].startswith("서버가 응답하지 않습니다. 통화는 이어집니다.")
        publish(TroubleTold(Trouble.HUB_BACK))
        assert not any("응답하지" in text for text in stage.view.troubles.texts())
        stage.context.tasks.refused.emit(NotPossible("phone", "busy"))
        assert stage.view.troubles.texts()[-1].startswith("전화 기능이 거절했습니다 (busy)")
        for trouble in Trouble:
            publish(TroubleTold(trouble, Severity.BAD))
        assert len(stage.view.troubles.texts()) == 3


@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_trouble_has_words(qapp, trouble):
    from ui.trouble_text import trouble_text

    assert trouble_text(trouble)[0] != trouble_text("none")[0]


def test_every_refusal_of_the_services_has_words(qapp):
    import re
    from pathlib import Path

    from ui.trouble_text import refusal_text

    services = Path(__file__).resolve().parents[2] / "client" / "services"
    keys = {key for file in services.glob("*.py") for key in re.findall(r'NotPossible\("(\w+)"', file.read_text())}
    assert len(keys) > 10
    assert sorted(key for key in keys if refusal_text(key) == refusal_text("?")) == []


def test_every_fact_has_words(qapp):
    from client.domain.timeline import SHOWN_FACTS
    from ui.fact_text import WORDS

    assert set(SHOWN_FACTS) <= set(WORDS)


def test_leaving_during_a_call_is_asked_about(stage):
    @stage
    async def play(stage):
        gone = []
        stage.window.closing.connect(lambda: gone.append(1))
        await stage.talk()
        stage.window.close()
        sheet = stage.window.dialogs.sheet
        assert isinstance(sheet, LeaveSheet)
        assert sheet.stay.hasFocus() or not sheet.isActiveWindow()
        sheet.stay.click()
        assert stage.window.isVisible()
        stage.window.close()
        stage.window.dialogs.sheet.leave.click()
        assert gone == [1]
        assert not stage.window.isVisible()


def test_a_crash_is_told_without_stopping_work(stage):
    @stage
    async def play(stage):
        bridge = CrashBridge()
        bridge.crashed.connect(stage.window.show_crash)
        bridge.take(Crash(where="main", kind="KeyError", text="the report", file=None))
        assert stage.view.troubles.texts()[-1].startswith("프로그램에 문제가 생겼습니다")
        assert stage.said[-1].startswith("프로그램에 문제가 생겼습니다")
        assert stage.window.isActiveWindow()
        session = await scenes.ring(stage.fake)
        stage.still()
        stage.press(Qt.Key.Key_F9)
        await stage.until(lambda: stage.desk.calls.running == session)
        trouble_line(stage, "crash").help.click()
        sheet = stage.window.dialogs.sheet
        assert isinstance(sheet, CrashSheet)
        assert sheet.report.toPlainText() == "the report"


def test_a_crash_leaves_an_open_dialog_and_the_keyboard_alone(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.press(Qt.Key.Key_T, CONTROL)
        sheet = stage.window.dialogs.sheet
        await stage.until(sheet.isActiveWindow)
        sheet.note.setFocus()
        scenes.write(sheet.note, "장기요양 문의")
        stage.window.show_crash(Crash(where="main", kind="KeyError", text="the report", file=None))
        await stage.until(stage.view.troubles.texts)
        assert stage.window.dialogs.sheet is sheet
        assert QApplication.focusWidget() is sheet.note
        assert sheet.note.text() == "장기요양 문의"


def trouble_line(stage, key: str):
    return stage.view.troubles._lines[key]


@pytest.mark.parametrize(
    ("size", "scale"), [((1366, 768), 100), ((3840, 2160), 200), ((1366, 768), 200), ((3840, 2160), 100)]
)
def test_nothing_is_cut_in_any_size(on_stage, size, scale):
    async def play(stage):
        await stage.talk()
        await scenes.ring(stage.fake, "01011112222")
        await stage.until(stage.view.offer.isVisible)
        await stage.until(lambda: stage.view.call_bar.isVisible() and stage.view.call_bar.hang_up.width() > 0)
        assert (stage.window.width(), stage.window.height()) == size
        frame = stage.window.rect()
        for widget in (
            stage.view.offer.answer,
            *stage.view.call_bar._all(),
            stage.view.page.composer.message,
            stage.view.head.presence,
        ):
            if widget.isVisible():
                box = widget.rect().translated(widget.mapTo(stage.window, widget.rect().topLeft()))
                assert frame.contains(box), widget.accessibleName()
                assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()
        lines = stage.view.page.timeline.viewport().height() / (
            stage.context.look.px(stage.context.look.caption_px) * 1.55
        )
        assert lines >= 4

    on_stage(play, size=size, scale=scale)
