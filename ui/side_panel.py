"""The panel at the right: citizen, screens, wrap-up, one at a time."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from client.domain.session import Stage
from client.services.notices import SessionChanged
from ui.citizen_panel import CitizenPanel
from ui.context import Context
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.screens_panel import ScreensPanel
from ui.tabs import Tabs
from ui.wrapup_panel import WrapUpPanel

CITIZEN, SCREENS, WRAPUP, EMPTY = range(4)


class SidePanel(QFrame):
    """Attributes: `citizen`, `screens`, `wrapup` — the pages; `tabs` — over them. Signals: `opened` — a page was asked for."""

    opened = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stages: dict[str, Stage] = {}
        look = context.look
        self.setProperty("is", "panel")
        self.tabs = Tabs(look)
        self.tabs.setAccessibleName(tr("Panels"))
        for text in (tr("Citizen"), tr("Screens"), tr("Wrap-up")):
            self.tabs.addTab(text)
        for tab, action in enumerate(("panel_citizen", "panel_screens", "panel_wrapup")):
            self.tabs.setTabToolTip(tab, context.actions.hint(action))
        self.citizen, self.screens, self.wrapup = CitizenPanel(context), ScreensPanel(context), WrapUpPanel(context)
        self._pages = QStackedWidget()
        for page in (self.citizen, self.screens, self.wrapup, self._make_empty()):
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._turn)
        band = QFrame()
        band.setObjectName("tabs")
        row = QHBoxLayout(band)
        row.setContentsMargins(look.px(10), 0, look.px(10), 0)
        row.addWidget(self.tabs)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(band)
        line = QFrame()
        line.setFixedHeight(1)
        line.setStyleSheet(f"background: {look.tokens.hairline}")
        column.addWidget(line)
        column.addWidget(self._pages, 1)
        context.actions.register("panel_citizen", lambda: self.open(CITIZEN))
        context.actions.register("panel_screens", lambda: self.open(SCREENS))
        context.actions.register("panel_wrapup", lambda: self.open(WRAPUP))
        self._due = Coalesced(self, self._follow_stage, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._due.ask)
        context.selection.changed.connect(self._follow_stage)
        self._turn()

    def _make_empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        look = self._context.look
        column.setContentsMargins(look.px(24), look.px(20), look.px(24), 0)
        column.addWidget(
            Label(tr("Who calls, what they see and the wrap-up stand here once a session is open."), "third", wrap=True)
        )
        column.addStretch(1)
        return page

    def _turn(self, *_: object) -> None:
        self._pages.setCurrentIndex(self.tabs.currentIndex() if self._context.selection.session else EMPTY)

    def open(self, page: int) -> None:
        """Show a page and go to its first field."""
        self.tabs.setCurrentIndex(page)
        self.opened.emit()
        first = {CITIZEN: self.tabs, SCREENS: self.screens.search, WRAPUP: self.wrapup.search}[page]
        first.setFocus()

    def _follow_stage(self) -> None:
        """A wrap-up that begins in the open session shows its page; the keyboard stays where it is."""
        self._turn()
        view = self._context.selection.view()
        if view is None:
            return
        before = self._stages.get(view.id)
        self._stages[view.id] = view.stage
        if view.stage is Stage.WRAP_UP and before is not Stage.WRAP_UP:
            self.tabs.setCurrentIndex(WRAPUP)
        elif view.stage in (Stage.TALKING, Stage.HELD) and self.tabs.currentIndex() == WRAPUP and before is None:
            self.tabs.setCurrentIndex(CITIZEN)
        pending = len(self._context.desk.wrapups.pending())
        self.tabs.set_badge(WRAPUP, pending if pending > 1 or view.stage is not Stage.WRAP_UP else 0)
