"""A video message at the desk: in the list, played by keys and buttons, slower, called back from, erased."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from client.domain import event as e
from client.domain.session import Stage as Life
from client.domain.signal import VideoWish
from client.fakes.video import MAIL_MS, WEBM
from ui.session_model import ROW_ROLE


async def left(stage, data: bytes = WEBM + b" a message") -> str:
    """A message waits, taken by nobody; its session."""
    session = stage.fake.hub.citizen_leaves_mail(data, 12.0, "2026-12-26T00:00:00.000Z")
    await stage.until(lambda: session in stage.desk.sessions and stage.desk.mail.view(session))
    return session


async def taken(stage, **more) -> str:
    session = await left(stage, **more)
    await stage.desk.sessions.claim(session)
    await stage.until(lambda: stage.desk.sessions.get(session).stage is Life.TALKING)
    stage.context.selection.open(session)
    await stage.until(stage.view.page.mail.isVisible)
    return session


def rows(stage) -> list:
    model = stage.view.sessions.rows
    model.refresh()
    return [model.index(n).data(ROW_ROLE) for n in range(model.rowCount())]


def temporary(stage) -> list[Path]:
    return [file for file in [stage.desk.mail._file] if file is not None and file.exists()]


def test_it_waits_in_the_list_under_its_own_name_and_rings_nowhere(on_stage):
    async def play(stage):
        session = await left(stage)
        row = next(row for row in rows(stage) if row.session == session)
        assert row.subtitle.startswith("영상 메시지")
        assert stage.desk.video.offers == ()
        await stage.desk.sessions.claim(session)
        await stage.until(lambda: stage.desk.sessions.get(session).stage is Life.TALKING)
        assert stage.desk.video.running is None
        assert not [s for s in stage.fake.hub.signals if isinstance(s.body, VideoWish)]

    on_stage(play)


def test_by_keys_alone_it_is_played_paused_jumped_in_and_slowed(on_stage):
    async def play(stage):
        await taken(stage)
        mail, fake = stage.view.page.mail, stage.fake.video
        await stage.activate()
        stage.press(Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: fake.mail is not None and fake.mail.playing, "it plays")
        await stage.until(lambda: mail.picture.has_picture, "the citizen is seen")
        assert "재생 중" in mail.words.words
        stage.press(Qt.Key.Key_Period, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: fake.mail.position_ms == 5_000)
        await stage.until(lambda: "00:05" in mail.words.words)
        assert mail.bar.value() == round(1000 * 5_000 / MAIL_MS)
        stage.press(Qt.Key.Key_Comma, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: fake.mail.position_ms == 0)
        for rate in (0.75, 0.5, 0.25, 1.0):
            stage.press(Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
            await stage.until(lambda rate=rate: fake.mail.rate == rate)
        stage.press(Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
        await stage.until(lambda: not fake.mail.playing and "일시정지" in mail.words.words)
        await stage.until(lambda: any("일시정지" in said for said in stage.said), "said to who does not see it")

    on_stage(play)


def test_another_session_closes_it_and_leaves_no_file(on_stage):
    async def play(stage):
        first = await taken(stage)
        stage.view.page.mail.play.click()
        await stage.until(lambda: temporary(stage))
        (file,) = temporary(stage)
        assert file.stat().st_mode & 0o077 == 0
        other = await left(stage)
        assert other != first
        stage.context.selection.open(other)
        await stage.until(lambda: stage.fake.video.mail is None and not file.exists())

    on_stage(play)


def test_one_that_cannot_be_shown_says_so_and_leaves_no_file(on_stage):
    async def play(stage):
        session = await taken(stage, data=b"nothing that is known")
        refused = []
        stage.context.tasks.refused.connect(refused.append)
        stage.view.page.mail.play.click()
        await stage.until(lambda: refused)
        assert refused[0].key == "video"
        assert stage.desk.mail.view(session).playing is None
        assert temporary(stage) == []

    on_stage(play)


def test_called_back_the_citizen_is_met_in_the_same_session(on_stage):
    async def play(stage):
        session = await taken(stage)
        mail = stage.view.page.mail
        assert mail.call_back.isVisible()
        stage.press(Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        await stage.until(lambda: stage.desk.video.running == session, "the video session runs")
        await stage.until(lambda: [s for s in stage.fake.hub.signals if isinstance(s.body, VideoWish)])
        await stage.until(lambda: any("남긴 번호가 없습니다" in said for said in stage.said))
        await stage.until(mail.call_back.isHidden)

    on_stage(play)


def test_it_is_wrapped_up_as_any_session(on_stage):
    async def play(stage):
        session = await taken(stage)
        assert stage.context.actions.possible("finish")
        stage.context.actions.trigger("finish")
        await stage.until(lambda: stage.desk.sessions.get(session).stage is Life.WRAP_UP)

    on_stage(play)


def test_an_erased_one_is_gone_from_the_page(on_stage):
    async def play(stage):
        session = await taken(stage)
        stage.view.page.mail.play.click()
        await stage.until(lambda: stage.fake.video.mail is not None)
        event = next(x for x in stage.fake.hub.logs[session] if isinstance(x.body, e.VideomailLeft))
        stage.fake.hub.erase(session, event.id)
        await stage.until(stage.view.page.mail.isHidden)
        await stage.until(lambda: stage.fake.video.mail is None and temporary(stage) == [])

    on_stage(play)
