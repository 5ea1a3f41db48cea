"""Settings of the agent: how it looks, what it says, the devices, and every key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QSpinBox,
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
from ui.sheet import Sheet
from ui.shortcuts import BY_ID, SHORTCUTS, Refusal, refusal
from ui.sound_page import SoundPage
from ui.tabs import Tabs

Changes = Mapping[str, object]
W = TypeVar("W", bound=QWidget)


class SettingsSheet(Sheet):
    """Collects changes by setting key and hands them to `keep` when the agent saves."""

    def __init__(self, context: Context, parent: QWidget, keep: Callable[[Changes], None]) -> None:
        super().__init__(context, tr("Settings"), parent, width=620)
        self._keep = keep
        self.keys_page = KeysPage(context)
        self.look_page = LookPage(context)
        self.sound_page = SoundPage(context)
        self.tabs = Tabs(context.look)
        self.tabs.setAccessibleName(tr("Settings"))
        pages = QStackedWidget()
        for text, page in (
            (tr("Look"), self.look_page),
            (tr("Keys"), self.keys_page),
            (tr("Sound"), self.sound_page),
        ):
            self.tabs.addTab(text)
            pages.addWidget(page)
        self.tabs.currentChanged.connect(pages.setCurrentIndex)
        self.column.addWidget(self.tabs)
        self.column.addWidget(pages, 1)
        self.close_button(tr("Leave it"))
        self.button(tr("Save"), Kind.PRIMARY).clicked.connect(self._save)

    def _save(self) -> None:
        self._keep({**self.look_page.changes(), **self.keys_page.changes(), **self.sound_page.changes()})
        self.accept()


class LookPage(QWidget):
    """Theme, sizes, motion, language, announcements."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        now = context.settings
        self._form = QFormLayout(self)
        self._form.setVerticalSpacing(context.look.px(10))
        self._form.setHorizontalSpacing(context.look.px(18))
        themes = {
            "system": tr("As the system"),
            "light": tr("Light"),
            "dark": tr("Dark"),
            "contrast": tr("High contrast"),
        }
        self.theme = self._choice(tr("Colours"), themes, now.theme)
        self.language = self._choice(tr("Language"), {"ko": "한국어", "en": "English"}, now.interface_language)
        self.scale = self._number(tr("Size of everything"), now.scale, 100, 200, 10, " %")
        self.captions = self._number(tr("Size of captions"), now.caption_size, 14, 36, 1, " px")
        self.motion = self._box(tr("No flashing: alerts are steady"), on=now.reduced_motion)
        self.announce = self._box(tr("Let the screen reader say each caption"), on=now.announce_captions)
        self._before = self._values()

    def _choice(self, label: str, values: Mapping[str, str], now: str) -> QComboBox:
        box = QComboBox()
        for value, text in values.items():
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(now))
        return self._row(label, box)

    def _number(self, label: str, now: int, least: int, most: int, step: int, unit: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(least, most)
        box.setSingleStep(step)
        box.setSuffix(unit)
        box.setValue(now)
        return self._row(label, box)

    def _box(self, label: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(label)
        box.setAccessibleName(label)
        box.setChecked(on)
        self._form.addRow("", box)
        return box

    def _row(self, label: str, widget: W) -> W:
        widget.setAccessibleName(label)
        self._form.addRow(Label(label, "second"), widget)
        return widget

    def _values(self) -> dict[str, object]:
        return {
            "desk.theme": self.theme.currentData(),
            "desk.language": self.language.currentData(),
            "desk.scale": self.scale.value(),
            "desk.caption_size": self.captions.value(),
            "desk.reduced_motion": self.motion.isChecked(),
            "desk.announce_captions": self.announce.isChecked(),
        }

    def changes(self) -> dict[str, object]:
        """What differs from what is in force."""
        return {key: value for key, value in self._values().items() if value != self._before[key]}


class KeysPage(QWidget):
    """Every action with its key; a key that cannot be taken is refused with the reason."""

    def __init__(self, context: Context) -> None:
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
        column.addLayout(row)
        self.trouble = Label(style="bad", wrap=True)
        column.addWidget(self.trouble)
        self._fill()
        self.table.setCurrentCell(0, 0)

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
