"""Ctrl K: one field for everything: sessions, screens to send, and what can be done now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from client.domain.session import Stage
from ui.context import Context
from ui.language import tr
from ui.sheet import Sheet
from ui.shortcuts import BY_ID, Scope
from ui.wording import ars_text, stage_text

HIT = Qt.ItemDataRole.UserRole + 1
MOST_SCREENS = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its words, what kind it is, and what choosing it does."""

    text: str
    kind: str
    do: Callable[[], object]


class FindField(QLineEdit):
    """Up and down move in the list below while one goes on typing."""

    def __init__(self, hits: QListWidget) -> None:
        super().__init__()
        self._hits = hits

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand the arrows on."""
        step = {Qt.Key.Key_Down.value: 1, Qt.Key.Key_Up.value: -1}.get(event.key())
        if step and self._hits.count():
            self._hits.setCurrentRow((self._hits.currentRow() + step) % self._hits.count())
        else:
            super().keyPressEvent(event)


class FindSheet(Sheet):
    """Attributes: `text` — the field; `hits` — what fits it."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Find"), parent, width=560)
        self.hits = QListWidget()
        self.hits.setAccessibleName(tr("Found"))
        self.hits.setMinimumHeight(min(context.look.px(320), round(parent.height() * 0.45)))
        self.text = FindField(self.hits)
        self.text.setAccessibleName(tr("Find sessions, screens and actions"))
        self.text.setPlaceholderText(tr("Find sessions, screens and actions"))
        self.text.setFixedHeight(context.look.px(40))
        self.column.addWidget(self.text)
        self.column.addWidget(self.hits, 1)
        self.text.textChanged.connect(self._show)
        self.text.returnPressed.connect(self._choose)
        self.hits.itemActivated.connect(lambda _: self._choose())
        self.close_button()
        self._show("")
        self.text.setFocus()

    def _show(self, text: str) -> None:
        words = text.casefold().split()
        self.hits.clear()
        for hit in (*self._sessions(), *self._actions(), *self._screens(text)):
            if all(word in f"{hit.text} {hit.kind}".casefold() for word in words):
                item = QListWidgetItem(f"{hit.text}  ·  {hit.kind}")
                item.setData(HIT, hit)
                self.hits.addItem(item)
        self.hits.setCurrentRow(0)

    def _sessions(self) -> list[Hit]:
        open_ = self.context.selection.open
        return [
            Hit(
                " ".join(
                    part for part in (view.name or view.number or tr("Number unknown"), ars_text(view.ars)) if part
                ),
                tr("Session, {stage}", stage=stage_text(view)),
                lambda id_=view.id: open_(id_),  # type: ignore[misc]  # mypy and defaults of lambdas
            )
            for view in self.context.desk.sessions.all()
            if view.stage is not Stage.CLOSED
        ]

    def _actions(self) -> list[Hit]:
        actions = self.context.actions
        return [
            Hit(
                tr(BY_ID[id_].label),
                actions.keys.get(id_) or tr("no key"),
                lambda id_=id_: actions.trigger(id_),  # type: ignore[misc]
            )
            for id_ in actions.available()
            if id_ not in ("find", "push") and BY_ID[id_].scope is not Scope.CALL  # Enter sends: it must not hang up
        ]

    def _screens(self, text: str) -> list[Hit]:
        session = self.context.selection.session
        if not session or not text.strip():
            return []
        language = self.context.desk.sessions.get(session).language
        desk, tasks = self.context.desk, self.context.tasks
        return [
            Hit(
                screen.title,
                tr("Send this screen"),
                lambda screen=screen: tasks.attempt(lambda: desk.screens.push(session, screen)),  # type: ignore[misc]
            )
            for screen in desk.screens.find("", language)[:MOST_SCREENS]
        ]

    def _choose(self) -> None:
        item = self.hits.currentItem()
        if item is not None:
            hit: Hit = item.data(HIT)
            self.accept()
            hit.do()
