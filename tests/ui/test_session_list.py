"""The session list: what is new stands beside how long, and who has waited long is said, not only coloured."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from client.domain import event as e
from client.domain.words import Party
from tests.ui import scenes
from ui.session_list import SessionList
from ui.session_model import LATE_S


def picture(rows: SessionList, row: int) -> QImage:
    """A row as it is drawn."""
    return rows.viewport().grab(rows.visualRect(rows.rows.index(row))).toImage()


def inked(image: QImage, box: QRect) -> int:
    """Pixels in a part of a picture that differ from its corner."""
    ground = image.pixelColor(box.topLeft())
    places = ((x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom()))
    return sum(image.pixelColor(x, y) != ground for x, y in places)


def colored(image: QImage, color: QColor) -> int:
    """Pixels of just this colour."""
    return sum(image.pixelColor(x, y) == color for x in range(image.width()) for y in range(image.height()))


def test_what_is_new_leaves_the_timer_where_it_is(stage):
    @stage
    async def play(stage):
        session = await stage.talk()
        await scenes.others(stage.fake)
        stage.context.selection.open(next(view.id for view in stage.desk.sessions.waiting()))
        rows = stage.view.sessions
        await stage.until(lambda: rows.rows.rowCount() == 5)
        before = picture(rows, 1)
        timer = QRect(before.width() - 75, 8, 52, 24)
        assert inked(before, timer) > 50
        accent = stage.context.look.color("accent")
        marks = colored(before, accent)
        scenes.citizen_says(stage.fake, session, e.MessageSent(party=Party.CITIZEN, text="여기 있어요"))
        await stage.until(lambda: rows.rows.rows[1].badge == 1)
        after = picture(rows, 1)
        assert inked(after, timer) > 50, "the timer is still there"
        assert after.copy(timer) == before.copy(timer)
        assert colored(after, accent) > marks + 100, "and the badge is too"
        assert rows.rows.index(1).data().endswith("새 글 1")


def test_a_citizen_who_has_waited_long_is_said_to_have(stage):
    @stage
    async def play(stage):
        await scenes.others(stage.fake)
        rows = stage.view.sessions.rows
        await stage.until(lambda: rows.rowCount() == 4)
        late = [rows.is_late(row) for row in rows.rows]
        assert [("오래 기다림" in rows.index(at).data()) for at in range(4)] == late
        stage.fake.clock.advance(LATE_S)
        assert [("오래 기다림" in rows.index(at).data()) for at in range(4)] == [False, False, True, True]


def test_a_session_of_mine_is_never_late(stage):
    @stage
    async def play(stage):
        await stage.talk()
        stage.fake.clock.advance(10 * LATE_S)
        stage.view.sessions.refresh()
        assert "오래 기다림" not in stage.view.sessions.rows.index(1).data()
