"""Several written sessions at one desk: urgency, colleagues, hand-overs, joining, looking back, taking away, services."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from client.domain import event as e
from client.domain.session import Stage
from client.domain.words import Channel
from client.ports.hub import GatewayState
from client.services.policy import Policy
from tests.ui import scenes
from tests.waiting import until
from ui.session_model import Urgency

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def row_of(stage, session: str):
    rows = stage.view.sessions.rows
    rows.refresh()
    return rows, rows.rows[rows.row_of(session)]


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_near_then_late_in_words_and_again_quiet_once_given(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake, name="김시민")
        stage.desk.sending.undo_s = 0
        said = []
        for seconds in (119, 2, 60):
            stage.fake.clock.advance(seconds)
            rows, row = row_of(stage, session)
            said.append((rows.urgency(row), rows.under(row)))
        assert said == [
            (Urgency.NONE, "도로에 큰 구멍이 났어요"),
            (Urgency.NEAR, "답변 임박 · 도로에 큰 구멍이 났어요"),
            (Urgency.LATE, "답변 늦음 · 도로에 큰 구멍이 났어요"),
        ]
        stage.desk.writing.send(session, "접수했습니다")
        await stage.until(lambda: row_of(stage, session)[1].subtitle == "답변함 · 접수했습니다")
        rows, row = row_of(stage, session)
        assert rows.urgency(row) is Urgency.NONE


def test_a_row_says_its_channel_and_language_to_the_screen_reader(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake, Channel.KAKAO, name="Lan")
        scenes.from_citizen(stage.fake, session, "Tôi muốn hỏi", Channel.KAKAO, "vi")
        await stage.until(lambda: "베트남어" in row_of(stage, session)[1].subtitle)
        rows, _ = row_of(stage, session)
        sentence = rows.index(rows.row_of(session)).data(Qt.ItemDataRole.AccessibleTextRole)
        assert sentence.startswith("Lan, 카카오톡, 베트남어 · Tôi muốn hỏi")
        stage.context.selection.open(session)
        await stage.until(lambda: "베트남어" in [chip.words for chip in stage.view.page.header._chips])


def test_a_finished_session_hurries_nobody(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.desk.wrapups.begin(session)
        stage.fake.clock.advance(1000)
        rows, row = row_of(stage, session)
        assert rows.urgency(row) is Urgency.NONE
        assert "답변" not in rows.index(rows.row_of(session)).data()


# ── colleagues ───────────────────────────────────────────────────────────────────────────────────


def test_a_lost_race_says_who_has_it(stage):
    @stage
    async def play(stage):
        session = await scenes.written(stage.fake)
        stage.context.selection.open(session)
        await stage.fake.hub.colleague.claim(session)
        stage.context.tasks.start(stage.desk.sessions.claim(session))
        await stage.until(
            lambda: any("다른 상담사가 먼저 맡았습니다 (이나눔)" in t for t in stage.view.troubles.texts())
        )


def test_a_full_desk_is_told_so_in_words(stage):
    @stage
    async def play(stage):
        stage.fake.hub.capacity = 1
        await scenes.taken(stage.fake)
        await scenes.written(stage.fake)
        stage.press(Qt.Key.Key_G, CONTROL)
        await stage.until(lambda: any("최대" in text or "먼저" in text for text in stage.view.troubles.texts()))


def test_a_colleague_who_looks_on_is_shown_said_once_and_gone_after_half_a_minute(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        header = stage.view.page.header
        for typing in (False, True, False):
            scenes.looks_on(stage.fake, session, typing=typing)
            words = "이나눔 님이 보는 중 · 입력 중" if typing else "이나눔 님이 보는 중"
            await stage.until(lambda words=words: header._others.words == words)
        assert [text for text in stage.said if "이나눔" in text] == ["이나눔 님이 보는 중"]
        stage.fake.clock.advance(31)
        header._tick()
        assert header._others.isHidden()


def test_at_200_percent_who_else_is_here_gives_way_to_the_name_and_the_buttons(on_stage):
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        header = stage.view.page.header
        scenes.looks_on(stage.fake, session, typing=True)
        await stage.until(header._others.isVisible)
        await stage.until(lambda: header._others.text().endswith("…"))
        for part in (header._name, header._finish, header._clock):
            assert part.width() >= part.sizeHint().width()
        assert header._others.accessibleName() == header._others.toolTip() == "이나눔 님이 보는 중 · 입력 중"

    on_stage(play, size=(1366, 768), scale=200)


def test_the_note_of_a_hand_over_is_read_first_and_put_away(stage):
    @stage
    async def play(stage):
        session = await scenes.handed(stage.fake, "접수번호를 알려 드리세요")
        stage.context.selection.open(session)
        strip = stage.view.page.handed
        await stage.until(strip.isVisible)
        assert strip._from.words == "이나눔 상담사가 넘기며 남긴 메모"
        assert "이나눔 상담사가 넘기며 남긴 메모: 접수번호를 알려 드리세요" in stage.said
        strip.away.setFocus()
        QTest.keyClick(strip.away, Qt.Key.Key_Space)
        assert not strip.isVisible()
        assert stage.view.page.composer.message.hasFocus()
        stage.context.selection.open("")
        stage.context.selection.open(session)
        assert not strip.isVisible()


def test_a_written_session_is_handed_over_with_a_note_by_keys(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        stage.press(Qt.Key.Key_T, CONTROL | SHIFT)
        sheet = stage.window.dialogs.sheet
        await stage.until(lambda: sheet.list.count() == 1)
        scenes.write(sheet.note, "신고 번호 확인 부탁드립니다")
        QTest.keyClick(sheet.note, Qt.Key.Key_Return)
        await stage.until(lambda: stage.fake.hub.owners[session] == stage.fake.hub.colleague.person.id)
        said = [event.body for event in stage.fake.hub.logs[session] if isinstance(event.body, e.SessionTransferred)]
        assert [body.note for body in said] == ["신고 번호 확인 부탁드립니다"]


def test_a_session_goes_back_to_those_who_wait_by_a_key(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        stage.press(Qt.Key.Key_R, CONTROL | SHIFT)
        await stage.until(lambda: stage.fake.hub.owners[session] is None)
        await stage.until(lambda: [view.id for view in stage.desk.sessions.waiting()] == [session])


# ── joining ──────────────────────────────────────────────────────────────────────────────────────


def test_both_are_named_before_they_are_joined(stage):
    @stage
    async def play(stage):
        source = await scenes.taken(stage.fake, name="김시민")
        target = await scenes.taken(stage.fake, Channel.KAKAO, name="방문자 7")
        stage.context.selection.open(source)
        stage.press(Qt.Key.Key_J, CONTROL | SHIFT)
        sheet = stage.window.dialogs.sheet
        sheet.list.setFocus()
        sheet._go.click()
        assert all(name in sheet.words.words for name in ("김시민", "방문자 7"))
        assert stage.desk.sessions.get(source).stage is Stage.TALKING, "nothing is done yet"
        sheet._go.click()
        await stage.until(lambda: stage.context.selection.session == target)
        await stage.until(lambda: stage.desk.sessions.get(source).stage is Stage.CLOSED)
        assert [view.id for view in stage.desk.sessions.mine()] == [target]


def test_another_choice_is_asked_about_anew(stage):
    @stage
    async def play(stage):
        source = await scenes.taken(stage.fake)
        for name in ("하나", "둘"):
            await scenes.taken(stage.fake, Channel.KAKAO, name=name)
        stage.context.selection.open(source)
        stage.context.actions.trigger("merge")
        sheet = stage.window.dialogs.sheet
        sheet._go.click()
        sheet.list.setCurrentRow(1)
        assert "둘" not in sheet.words.words
        sheet._go.click()
        assert stage.window.dialogs.sheet is sheet, "it asks again"
        assert "둘" in sheet.words.words
        sheet.reject()


# ── looking back ─────────────────────────────────────────────────────────────────────────────────


def test_a_search_opens_a_closed_session_at_its_line_for_reading_only(stage):
    @stage
    async def play(stage):
        session = await scenes.finished(stage.fake)
        assert not stage.context.selection.session
        stage.press(Qt.Key.Key_F, CONTROL | SHIFT)
        sheet = stage.window.dialogs.sheet
        scenes.write(sheet.words, "구멍")
        QTest.keyClick(sheet.words, Qt.Key.Key_Return)
        await stage.until(lambda: sheet.list.count() == 1)
        assert "010-****-4567 · 문자 · 도로에 큰 구멍이 났어요" in sheet.list.item(0).text()
        QTest.keyClick(sheet.list, Qt.Key.Key_Return)
        await stage.until(lambda: stage.context.selection.session == session)
        timeline = stage.view.page.timeline
        await stage.until(lambda: timeline.currentIndex().isValid())
        assert "도로에 큰 구멍이 났어요" in timeline.currentIndex().data()
        composer = stage.view.page.composer
        await stage.until(lambda: composer.message.placeholderText() == "끝난 상담입니다. 읽기만 할 수 있습니다")
        assert not composer.message.isEnabled()
        stage.view._follow()
        assert stage.context.selection.session == session, "it stays open while it is read"
        other = await scenes.taken(stage.fake, Channel.KAKAO)
        stage.context.selection.open(other)
        stage.view._follow()
        assert stage.context.selection.session == other


def test_a_session_that_closes_while_it_is_open_is_left(stage):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        stage.desk.wrapups.begin(session)
        await stage.desk.wrapups.save(session, ("2",), "")
        await stage.until(lambda: not stage.context.selection.session)


def test_earlier_sessions_are_shown_by_a_key_in_words_and_opened_by_enter(stage):
    @stage
    async def play(stage):
        old = await scenes.finished(stage.fake, "도로 파손 접수")
        stage.context.selection.open(await scenes.taken(stage.fake))
        stage.press(Qt.Key.Key_H, CONTROL | SHIFT)
        card = stage.view.panel.citizen.history
        await stage.until(lambda: card.list.count() == 1)
        assert card.list.item(0).text().endswith("문자 · 김이음 · 대중교통\n도로 파손 접수")
        assert card.list.hasFocus()
        QTest.keyClick(card.list, Qt.Key.Key_Return)
        await stage.until(lambda: stage.context.selection.session == old)


def test_where_a_setting_asks_the_agent_says_first_who_writes(on_stage):
    async def play(stage):
        stage.fake.hub.confirm_citizen = True
        await scenes.finished(stage.fake)
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        card = stage.view.panel.citizen.history
        assert card.show_them.isHidden()
        stage.press(Qt.Key.Key_H, CONTROL | SHIFT)
        assert card.how.hasFocus()
        card.how.setCurrentIndex(card.how.findData("matter"))
        card.confirm.click()
        assert card.show_them.hasFocus()
        card.show_them.click()
        await stage.until(lambda: card.list.count() == 1)
        bodies = [event.body for event in stage.fake.hub.logs[session]]
        assert e.CitizenConfirmed(how="matter") in bodies

    on_stage(play, policy=Policy(confirm_citizen=True))


# ── taking away ──────────────────────────────────────────────────────────────────────────────────


def saved_to(file: Path) -> None:
    """Answer the file dialog that is open."""
    (dialog,) = [top for top in QApplication.topLevelWidgets() if isinstance(top, QFileDialog) and top.isVisible()]
    dialog.fileSelected.emit(str(file))
    dialog.close()


def asks_where() -> bool:
    return any(isinstance(top, QFileDialog) and top.isVisible() for top in QApplication.topLevelWidgets())


@pytest.mark.parametrize("form", ["json", "html", "txt", "csv"])
def test_what_is_exported_is_written_where_one_says(stage, tmp_path, form):
    @stage
    async def play(stage):
        session = await scenes.taken(stage.fake)
        stage.context.selection.open(session)
        stage.press(Qt.Key.Key_E, CONTROL | SHIFT)
        sheet = stage.window.dialogs.sheet
        sheet.form.setCurrentIndex(sheet.form.findData(form))
        assert sheet.since.isVisible() is (form == "csv")
        sheet.since.setText("2000-01-01")
        sheet.until.setText("2099-12-31")
        QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
        assert "사유" in sheet.trouble.words
        scenes.write(sheet.reason, "민원 답변")
        QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
        await stage.until(asks_where)
        file = tmp_path / f"out.{form}"
        saved_to(file)
        assert any(str(file) in text for text in stage.view.troubles.texts())
        if form == "json":
            assert len(json.loads(file.read_bytes())) == 3
        else:
            assert file.stat().st_size
        assert not any(isinstance(top, QMessageBox) for top in QApplication.topLevelWidgets())


def test_an_export_that_is_refused_says_why_and_can_be_tried_again(stage):
    @stage
    async def play(stage):
        stage.context.selection.open(await scenes.taken(stage.fake))
        stage.context.actions.trigger("export")
        sheet = stage.window.dialogs.sheet
        stage.fake.hub.away = True
        scenes.write(sheet.reason, "민원 답변")
        QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
        assert not sheet._export.isEnabled()
        await stage.until(lambda: "서버가 응답하지 않습니다" in sheet.trouble.words)
        assert sheet._export.isEnabled()
        stage.fake.hub.away = False
        QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
        await stage.until(asks_where)
        saved_to(Path("/nowhere/at/all.json"))
        assert any("저장하지 못했습니다" in text for text in stage.view.troubles.texts())


def test_days_that_are_none_are_refused_in_words(stage):
    @stage
    async def play(stage):
        stage.context.actions.trigger("export")
        sheet = stage.window.dialogs.sheet
        assert sheet.form.currentData() == "csv", "without a session only the rows can be had"
        scenes.write(sheet.reason, "월말 통계")
        sheet.since.setText("26/11")
        QTest.keyClick(sheet.reason, Qt.Key.Key_Return)
        assert "2026-11-26" in sheet.trouble.words
        sheet.reject()


# ── complaints and services ──────────────────────────────────────────────────────────────────────


def test_a_complaint_is_shown_with_its_office_and_why_and_its_contact_masked(stage):
    @stage
    async def play(stage):
        session = await scenes.complaint(stage.fake)
        stage.context.selection.open(session)
        card = stage.view.panel.citizen.complaint
        await stage.until(card.isVisible)
        words = [part.words for part in (card._what, card._where, card._who, card._office, card._why)]
        assert words == [
            "민원: 도로",
            "은평구 진관동 92 앞 보도",
            "홍길동 010-****-5678 · 접수번호 C-2026-1126",
            "담당: 은평구 도로과",
            "규칙 3 · 분류 ‘도로’, 지역 ‘은평구’",
        ]
        scenes.write(card.office, "서부도로사업소")
        QTest.keyClick(card.office, Qt.Key.Key_Return)
        card.status.setCurrentIndex(card.status.findData("working"))
        card._tell.click()
        await stage.desk.log.drained(2)
        bodies = [event.body for event in stage.fake.hub.logs[session]]
        assert e.ComplaintRouted(office="서부도로사업소") in bodies
        assert e.ComplaintStatus(status="working") in bodies
        await stage.until(lambda: (card._office.words, card._why.words) == ("담당: 서부도로사업소", "직접 지정"))


def test_services_that_fail_are_told_in_the_head_and_only_then(stage):
    @stage
    async def play(stage):
        scenes.services(stage.fake)
        await stage.desk.gateways.refresh()
        label = stage.view.head._health["services"]
        assert label.isHidden()
        await scenes.troubled_services(stage.fake)
        await stage.until(label.isVisible)
        assert label.state.words == "카카오톡 응답 없음 외 2건"
        assert label.accessibleName() == "메시지 카카오톡 응답 없음, 발송 확인 필요 2건, 문자 느림"
        assert any("메시지 서비스가 응답하지 않습니다 (카카오톡)" in text for text in stage.view.troubles.texts())
        stage.fake.hub.gateways = [GatewayState(name="sms", channel=Channel.SMS, state="good")]
        await stage.desk.gateways.refresh()
        await stage.until(label.isHidden)
        assert not any("응답하지 않습니다" in text for text in stage.view.troubles.texts())


def test_services_are_asked_every_half_minute(stage):
    @stage
    async def play(stage):
        stage.fake.hub.gateways = [GatewayState(name="sms", channel=Channel.SMS, state="slow")]
        stage.fake.clock.advance(30)
        await until(lambda: stage.desk.gateways.of(Channel.SMS) is not None)
