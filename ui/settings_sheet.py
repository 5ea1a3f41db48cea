"""Settings of the agent: the sheet with its pages, and the page of every key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.context import Context
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.look_page import LookPage
from ui.sheet import Sheet
from ui.shortcuts import BY_ID, SHORTCUTS, Refusal, refusal
from ui.sound_page import SoundPage
from ui.tabs import Tabs
from ui.video_page import VideoPage

Changes = Mapping[str, object]


class SettingsSheet(Sheet):
    """Collects changes by setting key and hands them to `keep` when the agent saves.

    `keep` answers why it did not, or ""; the sheet stays open then. What is `locked` is shown and cannot be changed.
    """

    def __init__(
        self, context: Context, parent: QWidget, keep: Callable[[Changes], str], locked: Collection[str] = ()
    ) -> None:
        super().__init__(context, tr("Settings"), parent, width=620)
        self._keep = keep
        self.keys_page = KeysPage(context, locked="desk.shortcuts" in locked)
        self.look_page = LookPage(context)
        self.sound_page = SoundPage(context)
        self.video_page = VideoPage(context)
        for page in (self.look_page, self.sound_page, self.video_page):
            lock_rows(page.form, page.fields, locked)
        self.tabs = Tabs(context.look)
        self.tabs.setAccessibleName(tr("Settings"))
        pages = QStackedWidget()
        inside: tuple[tuple[str, QWidget], ...] = (
            (tr("Look"), self.look_page),
            (tr("Keys"), self.keys_page),
            (tr("Sound"), self.sound_page),
            (tr("Video"), self.video_page),
        )
        for text, widget in inside:
            self.tabs.addTab(text)
            pages.addWidget(widget)
        self.tabs.currentChanged.connect(pages.setCurrentIndex)
        self.column.addWidget(self.tabs)
        self.column.addWidget(pages, 1)
        self.trouble = Label(style="bad", wrap=True)
        self.trouble.hide()
        self.column.addWidget(self.trouble)
        self.close_button(tr("Leave it"))
        self.rejected.connect(self.video_page.leave)
        self.button(tr("Save"), Kind.PRIMARY).clicked.connect(self._save)

    def _save(self) -> None:
        pages = (self.look_page, self.keys_page, self.sound_page, self.video_page)
        refused = self._keep({key: value for page in pages for key, value in page.changes().items()})
        if not refused:
            self.accept()
            return
        self.trouble.say(refused)
        self.trouble.show()
        self.context.announcer.say(refused, urgent=True)


def lock_rows(form: QFormLayout, fields: Mapping[str, QWidget], locked: Collection[str]) -> None:
    """Show what IT has set, and say so; it cannot be changed."""
    for key, widget in fields.items():
        if key in locked:
            widget.setEnabled(False)
            widget.setAccessibleDescription(tr("Set by IT"))
            row = cast(tuple[int, object], form.getWidgetPosition(widget))[0]  # the stubs do not know that it is a pair
            form.insertRow(row + 1, "", Label(tr("Set by IT"), "third"))


class KeysPage(QWidget):
    """Every action with its key; a key that cannot be taken is refused with the reason."""

    def __init__(self, context: Context, *, locked: bool = False) -> None:
        super().__init__()
        self._context = context
        self.keys = dict(context.actions.keys)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.table = QTableWidget(len(SHORTCUTS), 2)
        self.table.setAccessibleName(tr("Keys"))
        self.table.setHorizontalHeaderLabels([tr("Action"), tr("Key")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(0, self.table.horizontalHeader().ResizeMode.Stretch)
        self.table.setMinimumHeight(context.look.px(240))
        self.table.currentCellChanged.connect(lambda *_: self._show_current())
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(tr("New key"))
        field = self.edit.findChild(QLineEdit)
        if field is not None:
            field.setAccessibleName(tr("New key"))
            field.setPlaceholderText(tr("Press the new key"))
        self._take = KeyButton(context.look, tr("Take this key"), kind=Kind.PRIMARY)
        self._take.clicked.connect(lambda: self.take(self.edit.keySequence().toString()))
        off = KeyButton(context.look, tr("No key"))
        off.clicked.connect(lambda: self.take(""))
        reset = KeyButton(context.look, tr("As shipped"))
        reset.clicked.connect(lambda: self.take(BY_ID[self._current()].key))
        row.addWidget(self.edit, 1)
        for button in (self._take, off, reset):
            row.addWidget(button)
            button.setEnabled(not locked)
        self.edit.setEnabled(not locked)
        column.addLayout(row)
        self.trouble = Label(style="bad", wrap=True)
        column.addWidget(self.trouble)
        self._fill()
        self.table.setCurrentCell(0, 0)
        if locked:
            column.addWidget(Label(tr("Set by IT"), "third"))

    def _fill(self) -> None:
        for row, shortcut in enumerate(SHORTCUTS):
            for column, text in enumerate((tr(shortcut.label), self.keys[shortcut.id] or tr("no key"))):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                self.table.setItem(row, column, item)

    def _current(self) -> str:
        return SHORTCUTS[max(0, self.table.currentRow())].id

    def _show_current(self) -> None:
        self.edit.setKeySequence(QKeySequence(self.keys[self._current()]))
        self.trouble.say("")

    def take(self, key: str) -> bool:
        """Give the chosen action a key; false, with the reason on the page, where it cannot have it."""
        id_ = self._current()
        refused = refusal(BY_ID[id_], key, self.keys)
        if refused is not None:
            self.trouble.say(self._reason(*refused))
            self._context.announcer.say(self.trouble.words, urgent=True)
            return False
        self.keys[id_] = key
        self._fill()
        self._show_current()
        return True

    def _reason(self, why: Refusal, other: str) -> str:
        return f"{tr(why.value)} ({tr(BY_ID[other].label)})" if other else tr(why.value)

    def changes(self) -> dict[str, object]:
        """The keys that differ from those shipped, if any was changed here."""
        if self.keys == self._context.actions.keys:
            return {}
        return {"desk.shortcuts": {s.id: self.keys[s.id] for s in SHORTCUTS if self.keys[s.id] != s.key}}
