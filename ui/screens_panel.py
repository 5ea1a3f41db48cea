"""The screens panel: find a screen, send it with one key, and see what the citizen sees."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from client.domain.screen import Screen
from client.domain.timeline import ScreenState
from client.services.notices import MirrorChanged, SessionChanged
from client.services.screens import MirrorView
from ui.actions import LetKeysThrough
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.mirror_view import MirrorList
from ui.screen_cards import HEIGHT, SCREEN_ROLE, ScreenDelegate, ScreenModel
from ui.wording import page_text, screen_state_text

LIST_SHARE = 0.36
UNBOUND = 16_777_215  # Qt's QWIDGETSIZE_MAX


class ScreenList(QListView):
    """Enter sends the chosen screen."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.screens = ScreenModel(self)
        self.setModel(self.screens)
        self.setItemDelegate(ScreenDelegate(context.look, self))
        self.setAccessibleName(tr("Screens to send"))
        self.setAccessibleDescription(tr("Enter sends the chosen screen."))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.doubleClicked.connect(lambda _: context.actions.trigger("push"))

    def chosen(self) -> Screen | None:
        """The chosen screen."""
        index = self.currentIndex()
        return index.data(SCREEN_ROLE) if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._context.actions.trigger("push")
        else:
            super().keyPressEvent(event)


class ScreensPanel(QWidget):
    """Search, cards, mirror."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a screen"))
        self.search.setAccessibleName(tr("Find a screen"))
        self.search.setFixedHeight(look.px(36))
        LetKeysThrough(context.actions, self.search)
        self._send = KeyButton(look, tr("Send"), key=context.key("push"), kind=Kind.PRIMARY)
        self.list = ScreenList(context)
        self._sharing = Label(style="third")
        self._phone = QFrame()
        self._phone.setProperty("is", "phone")
        self.mirror = MirrorList(look)
        self._hint = Label(style="second", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._withdraw = KeyButton(look, tr("Take the screen back"), kind=Kind.QUIET)
        self._lay_out()
        self._connect()
        self._find()
        self.refresh()

    def _lay_out(self) -> None:
        look = self._context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(16), look.px(14), look.px(16), look.px(12))
        column.setSpacing(look.px(10))
        row = QHBoxLayout()
        row.setSpacing(look.px(8))
        row.addWidget(self.search, 1)
        row.addWidget(self._send)
        column.addLayout(row)
        column.addWidget(self.list, 2)
        heading = QHBoxLayout()
        heading.addWidget(Label(tr("What the citizen sees"), "heading"))
        heading.addStretch(1)
        heading.addWidget(self._sharing)
        column.addLayout(heading)
        inside = QVBoxLayout(self._phone)
        inside.setContentsMargins(look.px(8), look.px(10), look.px(8), look.px(10))
        inside.addWidget(self.mirror, 1)
        inside.addWidget(self._hint, 1)
        column.addWidget(self._phone, 3)
        column.addStretch(0)
        column.addWidget(self._withdraw, 0, Qt.AlignmentFlag.AlignRight)

    def _connect(self) -> None:
        context = self._context
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(lambda: context.actions.trigger("push"))
        self._send.clicked.connect(lambda: context.actions.trigger("push"))
        self._withdraw.clicked.connect(self._take_back)
        self.mirror.pointed.connect(self._point)
        context.actions.register("push", self.push, self._may_push)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, MirrorChanged, self._on_notice)
        listen(self, context.desk.publisher, SessionChanged, self._on_notice)
        context.selection.changed.connect(self._change_session)

    def _on_notice(self, notice: MirrorChanged | SessionChanged) -> None:
        if notice.session == self._context.selection.session:
            self._due.ask()

    def _change_session(self) -> None:
        self.search.clear()
        self._find()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list takes what its cards need, at most a good third; the mirror has the rest."""
        super().resizeEvent(event)
        self._size_list()

    def _size_list(self) -> None:
        wanted = self._context.look.px(HEIGHT + 8) * len(self.list.screens.screens)
        self.list.setFixedHeight(max(self._context.look.px(80), min(wanted, round(self.height() * LIST_SHARE))))

    def _find(self) -> None:
        view = self._context.selection.view()
        language = view.language if view else "ko"
        if self.list.screens.show_screens(self._context.desk.screens.find(self.search.text(), language)):
            self.list.setCurrentIndex(self.list.screens.index(0))
            self._size_list()

    def _may_push(self) -> bool:
        session = self._context.selection.session
        return bool(session) and self._context.desk.sessions.may_write(session) and self.list.chosen() is not None

    def push(self) -> None:
        """Send the chosen screen."""
        screen, session = self.list.chosen(), self._context.selection.session
        if screen is not None and self._context.tasks.attempt(lambda: self._context.desk.screens.push(session, screen)):
            self._context.announcer.say(tr("Screen sent ‘{title}’", title=screen.title))

    def _take_back(self) -> None:
        session = self._context.selection.session
        push = self._context.desk.screens.mirror(session).push
        self._context.tasks.attempt(lambda: self._context.desk.screens.withdraw(session, push))

    def _point(self, item: str) -> None:
        session = self._context.selection.session
        push = self._context.desk.screens.mirror(session).push
        self._context.tasks.attempt(lambda: self._context.desk.screens.guide(session, push, item))

    def refresh(self) -> None:
        """Show what the citizen's page shows."""
        self._send.setEnabled(self._may_push())
        view = self._context.selection.view()
        self.setEnabled(view is not None)
        if view is None:
            return
        mirror = self._context.desk.screens.mirror(view.id)
        self._say_state(mirror)
        shown = mirror.screen is not None
        self.mirror.setVisible(shown)
        self._hint.setVisible(not shown)
        self._withdraw.setVisible(shown)
        self.mirror.show_mirror(mirror)
        self._phone.setMaximumHeight(self.mirror.wanted_height() + self._context.look.px(26) if shown else UNBOUND)
        self._hint.say(hint_text(mirror))

    def _say_state(self, mirror: MirrorView) -> None:
        session = self._context.selection.session
        if mirror.sharing and mirror.page == "open":
            self._sharing.say(tr("Seeing it together"), "good-strong")
            return
        state = next(
            (line.state for line in self._context.desk.screens.pushes(session) if line.push == mirror.push), None
        )
        text = screen_state_text(state) if state else page_text(mirror.page)
        if mirror.page == "gone" and state:
            text = f"{text} · {page_text(mirror.page)}"
        elif mirror.page == "open" and not mirror.sharing:
            text = tr("{state} · not shared", state=text)
        self._sharing.say(text, "good" if state is ScreenState.ANSWERED else "second")


def hint_text(mirror: MirrorView) -> str:
    """What to do while there is nothing to see."""
    if mirror.page == "none":
        return tr("Give the citizen the link: copy it or show the QR code under Citizen.")
    return tr("Nothing has been sent yet. Choose a screen and press Enter.")
