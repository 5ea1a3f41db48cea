"""F1: every key on one page, grouped by what it is for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.context import Context
from ui.key_cap import KeyCap
from ui.label import Label
from ui.language import tr
from ui.sheet import Sheet
from ui.shortcuts import SHORTCUTS, Group

COLUMNS = ((Group.CALL, Group.VIDEO, Group.READER), (Group.SESSION, Group.WRITING), (Group.PANELS, Group.DESK))


class HelpSheet(Sheet):
    """Three columns of keys; Settings changes them."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Keys and help"), parent, width=980)
        look = context.look
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, look.px(8), 0)
        row.setSpacing(look.px(30))
        for groups in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(look.px(6))
            for group in groups:
                column.addWidget(Label(tr(group.value), "heading"))
                column.addLayout(self._keys(group))
                column.addSpacing(look.px(12))
            column.addStretch(1)
            row.addLayout(column, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName(tr("Keys"))
        area.setWidget(inside)
        area.setMinimumHeight(min(look.px(500), round(parent.height() * 0.45)))
        self.column.addWidget(area, 1)
        self.column.addWidget(
            Label(
                tr(
                    "Enter sends in the writing fields, Shift+Enter breaks the line, Esc leaves. Keys can be changed in Settings."
                ),
                "second",
                wrap=True,
            )
        )
        settings = self.button(tr("Settings"), key=context.key("settings"))
        settings.clicked.connect(self._to_settings)
        self.close_button()

    def _keys(self, group: Group) -> QGridLayout:
        look = self.context.look
        grid = QGridLayout()
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(look.px(12))
        grid.setVerticalSpacing(look.px(5))
        for row, shortcut in enumerate(s for s in SHORTCUTS if s.group is group):
            key = self.context.key(shortcut.id)
            label = Label(tr(shortcut.label), wrap=True)
            label.setAccessibleName(f"{tr(shortcut.label)}: {key or tr('no key')}")
            grid.addWidget(label, row, 0)
            grid.addWidget(KeyCap(look, key), row, 1, Qt.AlignmentFlag.AlignRight)
        return grid

    def _to_settings(self) -> None:
        self.accept()
        self.context.actions.trigger("settings")
