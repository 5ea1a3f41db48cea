"""What every dialog of the desk has in common: opened without nesting a loop, and a call stays within reach of its keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.actions import LetKeysThrough
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.look import Look
from ui.shortcuts import Scope

MOST_OF_SCREEN = 0.8
LEAST_BODY = 96  # px of the design: a line to write in and its label


class Body(QScrollArea):
    """As high as what it holds, and scrolling where the screen is too low for that. Attributes: `column`."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._least = look.px(LEAST_BODY)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(look.px(10))
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        """All of it."""
        return self.column.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Its whole width, beside the scroll bar, and little of its height."""
        least = self.column.minimumSize()
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(least.width() + bar, min(least.height(), self._least))


class Sheet(QDialog):
    """A dialog that dies when closed. Attributes: `column` — where its parts go; `foot` — its row of buttons."""

    def __init__(self, context: Context, title: str, parent: QWidget, *, width: int = 420) -> None:
        super().__init__(parent)
        self.context = context
        self._over = parent
        look = context.look
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(min(look.px(width), round(parent.width() * 0.9)))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(look.px(20), look.px(18), look.px(20), look.px(16))
        outer.setSpacing(look.px(12))
        outer.addWidget(Label(title, "name"))
        self._body = body = Body(look)
        self.column = body.column
        outer.addWidget(body, 1)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(look.px(8))
        self.foot.addStretch(1)
        outer.addLayout(self.foot)
        context.actions.install(self, Scope.CALL, Scope.EVERYWHERE)

    def open(self) -> None:
        """Show it, as large as it wants to be but no larger than its window or most of the screen."""
        self.fit()
        super().open()

    def fit(self) -> None:
        """Take the size of what is in it now."""
        self._body.updateGeometry()
        room = self._over.size().expandedTo(self.screen().availableSize() * MOST_OF_SCREEN)
        self.resize(self.sizeHint().expandedTo(self.minimumSize()).boundedTo(room))

    def button(self, text: str, kind: Kind = Kind.PLAIN, key: str = "") -> KeyButton:
        """A button at the foot."""
        made = KeyButton(self.context.look, text, kind=kind, key=key)
        self.foot.addWidget(made)
        return made

    def close_button(self, text: str = "") -> KeyButton:
        """The button that only closes."""
        made = self.button(text or tr("Close"), key="Esc")
        made.clicked.connect(self.reject)
        return made

    def field(self, label: str, hint: str = "") -> QLineEdit:
        """A labelled line to write in."""
        edit = QLineEdit()
        edit.setAccessibleName(label)
        edit.setPlaceholderText(hint)
        edit.setFixedHeight(self.context.look.px(36))
        LetKeysThrough(self.context.actions, edit)
        self.column.addWidget(Label(label, "heading"))
        self.column.addWidget(edit)
        return edit
