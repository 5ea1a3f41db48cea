"""What every dialog of the desk has in common: opened without nesting a loop, and a call stays within reach of its keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.actions import LetKeysThrough
from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.shortcuts import Scope


class Sheet(QDialog):
    """A dialog that dies when closed. Attributes: `column` — where its parts go; `foot` — its row of buttons."""

    def __init__(self, context: Context, title: str, parent: QWidget, *, width: int = 420) -> None:
        super().__init__(parent)
        self.context = context
        look = context.look
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(min(look.px(width), round(parent.width() * 0.9)))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(look.px(20), look.px(18), look.px(20), look.px(16))
        outer.setSpacing(look.px(12))
        outer.addWidget(Label(title, "name"))
        self.column = QVBoxLayout()
        self.column.setSpacing(look.px(10))
        outer.addLayout(self.column, 1)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(look.px(8))
        self.foot.addStretch(1)
        outer.addLayout(self.foot)
        context.actions.install(self, Scope.CALL, Scope.EVERYWHERE)

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
