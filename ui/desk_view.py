"""Everything inside the window: head, list with the offer, centre, panel. Made anew when the look changes."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client.domain.session import Stage
from client.services.notices import CallsChanged, SessionChanged, SessionGone, VideoChanged
from ui.call_actions import CallActions
from ui.call_bar import CallBar
from ui.context import Context
from ui.empty_page import EmptyPage
from ui.head import Head
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.offer_card import OfferCard
from ui.session_list import SessionList
from ui.session_page import SessionPage
from ui.side_panel import SidePanel
from ui.theatre import Theatre
from ui.trouble_bar import TroubleBar
from ui.video_stage import VideoStage

DESIGN_WIDTH, LIST_WIDTH, PANEL_WIDTH = 1366, 264, 356
MOST_LIST, MOST_PANEL, NARROW_LIST = 340, 560, 216
UNBOUND = 16_777_215  # Qt's QWIDGETSIZE_MAX
LOW = 560  # under this height the parts around the timeline take less
WIDE_VIDEO = 2400  # over this many, text and panel both stand beside a video
LEAST_TEXT, LEAST_SHARE = 300, 0.42  # of the text beside a video, and of the room where that is too much
ROOMY_VIDEO = 1500  # over this many, the list too
NARROW = 1000  # under this many pixels of the design the panel and the centre take turns


class DeskView(QWidget):
    """Attributes: the parts by name; `narrow` — panel and centre take turns."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.narrow = False
        self._video = False
        self._shape = False, False
        self._panel_first = False
        self.call_actions = CallActions(context, self)
        self.head = Head(context)
        self.sessions = SessionList(context)
        self.offer = OfferCard(context)
        self.troubles = TroubleBar(context)
        self.call_bar = CallBar(context)
        self.page = SessionPage(context)
        self.empty = EmptyPage(context)
        self.panel = SidePanel(context)
        self.stage = VideoStage(context)
        self._lay_out()
        self.theatre = Theatre(context, self.stage, self._split)
        self.theatre.moved.connect(self._share)
        register = context.actions.register
        register("next_session", lambda: self.sessions.step(1))
        register("previous_session", lambda: self.sessions.step(-1))
        register("next_area", lambda: self._step_area(1))
        register("previous_area", lambda: self._step_area(-1))
        self.panel.opened.connect(lambda: self._turn(panel=True))
        self.head.swap.clicked.connect(lambda: self._turn(panel=not self._panel_first))
        self.page.asked_for.connect(lambda: self._turn(panel=False))
        listen(self, context.desk.publisher, SessionGone, lambda _: self._follow())
        self._due = Coalesced(self, self._follow, CALM_MS)
        listen(self, context.desk.publisher, CallsChanged, self._due.ask)
        listen(self, context.desk.publisher, SessionChanged, self._due.ask)
        listen(self, context.desk.publisher, VideoChanged, self._due.ask)
        context.selection.changed.connect(self._follow)
        self._follow()

    def _lay_out(self) -> None:
        self._left = QFrame()
        self._left.setProperty("is", "side")
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 1, self._context.look.px(6))
        left.setSpacing(0)
        left.addWidget(self.sessions, 1)
        left.addWidget(self.offer)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.page)
        self._centre = QFrame()
        self._centre.setProperty("is", "centre")
        centre = QVBoxLayout(self._centre)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.setSpacing(0)
        for part in (self.troubles, self.call_bar):
            centre.addWidget(part)
        centre.addWidget(self._stack, 1)
        self._beside = QWidget()
        self._row = row = QHBoxLayout(self._beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._centre, 1)
        row.addWidget(self.panel)
        self._split = QSplitter()
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(self._context.look.px(6))
        self._split.addWidget(self.stage)
        self._split.addWidget(self._beside)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._left)
        middle.addWidget(self._split, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(middle, 1)

    def keep_writing(self) -> bool:
        """Keep all that is being written, to its last syllable; false where the disk is full."""
        QGuiApplication.inputMethod().commit()
        self.page.timeline.finish_editing()
        return self.page.composer.keep_drafts() and self.panel.wrapup.keep_draft()

    # ── which session, which area ────────────────────────────────────────────────────────────────

    def _follow(self) -> None:
        """Leave a session that is gone or closed; open the running call's if none is open."""
        selection, desk = self._context.selection, self._context.desk
        view = selection.view()
        read_again = selection.reading == selection.session
        if selection.session and (view is None or (view.stage is Stage.CLOSED and not read_again)):
            selection.open("")
        if not selection.session:
            pending = desk.wrapups.pending()
            selection.open(desk.talking_in or (pending[0] if pending else ""))
        self._stack.setCurrentWidget(self.page if selection.session else self.empty)
        policy = QSizePolicy.Policy
        self.empty.setSizePolicy(policy.Ignored if selection.session else policy.Preferred, policy.Preferred)
        self.panel.setEnabled(bool(selection.session))
        self._follow_video()

    def _follow_video(self) -> None:
        """The stage stands as long as the session runs, whichever session's text is read beside it."""
        running = self._context.desk.video.running is not None
        if running != self._video:
            self._video = running
            self.theatre.show_stage(running)
            self._share()
            self.theatre.lay_out()

    def areas(self) -> tuple[QWidget, ...]:
        """Where the area key goes, in order."""
        areas: list[QWidget] = [] if self._left.isHidden() else [self.sessions]
        if self.offer.isVisible():
            areas.append(self.offer.answer)
        if self._video:
            areas.append(self.stage.area.far if self.stage.area.card.isHidden() else self.stage.area.card)
        if self.call_bar.isVisible():
            areas.append(self.call_bar.hold if self.call_bar.hold.isVisible() else self.call_bar.hang_up)
        if self._stack.currentWidget() is self.page:
            areas += [self.page.timeline, self.page.composer.message]
        return (*areas, self.panel.tabs, self.head.presence)

    def _step_area(self, by: int) -> None:
        areas = [area for area in self.areas() if area.isEnabled()]
        here = QApplication.focusWidget()
        at = next((n for n, area in enumerate(areas) if here is not None and self._same_area(area, here)), -1)
        area = areas[(at + by) % len(areas)]
        self._turn(panel=area is self.panel.tabs)
        area.setFocus()

    def _same_area(self, area: QWidget, here: QWidget) -> bool:
        holders = (self.panel, self.page.composer, self.call_bar, self.offer, self.head)
        return area is here or any(holder.isAncestorOf(area) and holder.isAncestorOf(here) for holder in holders)

    # ── room ─────────────────────────────────────────────────────────────────────────────────────

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the sides their share; in little room the panel and the centre take turns."""
        super().resizeEvent(event)
        self._share()
        if self._video:
            self.theatre.lay_out()

    def _share(self) -> None:
        scale = self._context.look.scale
        room = self.width() / scale
        extra = max(0.0, room - DESIGN_WIDTH)
        inside = self._video and self.theatre.window_ is None
        narrow = room < NARROW or (inside and room < WIDE_VIDEO)
        self._left.setVisible(not (inside and room < ROOMY_VIDEO))  # the list keeps its keys
        left = NARROW_LIST if narrow else min(MOST_LIST, LIST_WIDTH + extra * 0.08)
        self._left.setFixedWidth(round(scale * left))
        panel = round(scale * min(MOST_PANEL, PANEL_WIDTH + extra * 0.2))
        least = round(scale * min(LEAST_TEXT, room * LEAST_SHARE)) + (0 if narrow else panel)
        self._beside.setMinimumWidth(least if inside else 0)
        self.panel.setMinimumWidth(0 if narrow else panel)
        self.panel.setMaximumWidth(UNBOUND if narrow else panel)
        if (narrow, room < NARROW) != self._shape:
            self._shape = narrow, room < NARROW
            self.narrow = narrow
            self.head.set_narrow(room < NARROW)
            self.head.swap.setVisible(narrow)
        low = self.height() / scale < LOW
        for part in (self.page, self.offer):
            part.set_low(low)
        self._turn(panel=self._panel_first)

    def _turn(self, *, panel: bool) -> None:
        self._panel_first = panel
        self.panel.setVisible(not self.narrow or panel)
        self._stack.setVisible(not self.narrow or not panel)
        alone = self.narrow and panel
        self._row.setStretch(0, 0 if alone else 1)
        self._row.setStretch(1, 1 if alone else 0)
        self.head.swap.set_words(tr("To the timeline") if panel else tr("To the panels"))
