"""What the agent can do, by the ids of `ui.shortcuts`: buttons, keys and the find list all go through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from ui.language import tr
from ui.shortcuts import BY_ID, SHORTCUTS, Scope


@dataclass(frozen=True, slots=True)
class _Act:
    do: Callable[[], object]
    possible: Callable[[], bool]


def _always() -> bool:
    return True


class Actions(QObject):
    """Actions by id, with the keys in force.

    Attributes: `keys` — action → key. Signals: `changed` — what is possible may have changed.
    """

    changed = Signal()

    def __init__(self, keys: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keys = dict(keys)
        self._acts: dict[str, _Act] = {}

    def register(self, id_: str, do: Callable[[], object], possible: Callable[[], bool] = _always) -> None:
        """Say what an action does and when it can be done."""
        assert id_ in BY_ID, id_
        self._acts[id_] = _Act(do, possible)

    def possible(self, id_: str) -> bool:
        """True if the action can be done now."""
        return id_ in self._acts and self._acts[id_].possible()

    def trigger(self, id_: str) -> bool:
        """Do the action; false where it cannot be done now."""
        if not self.possible(id_):
            return False
        self._acts[id_].do()
        return True

    def available(self) -> list[str]:
        """Ids of what can be done now, in the order of declaration."""
        return [shortcut.id for shortcut in SHORTCUTS if self.possible(shortcut.id)]

    def hint(self, id_: str) -> str:
        """The label with its key, for a tooltip."""
        key = self.keys.get(id_, "")
        label = tr(BY_ID[id_].label)
        return f"{label}  ({key})" if key else label

    def install(self, window: QWidget, *scopes: Scope) -> None:
        """Give a window its keys: a dialog takes the call keys along, so that a call is never out of reach."""
        for shortcut in SHORTCUTS:
            key = self.keys.get(shortcut.id, "")
            if shortcut.scope in scopes and key:
                made = QShortcut(QKeySequence(key), window)
                made.setObjectName(f"key-{shortcut.id}")
                made.setAutoRepeat(False)
                made.setContext(Qt.ShortcutContext.WindowShortcut)
                made.activated.connect(lambda id_=shortcut.id: self.trigger(id_))

    def ours(self, event: QKeyEvent) -> bool:
        """True if a key event is one of the desk's keys."""
        pressed = QKeySequence(event.keyCombination())
        return any(QKeySequence(key) == pressed for key in self.keys.values() if key)


class LetKeysThrough(QObject):
    """An event filter for text fields: some systems edit with Ctrl+K or Ctrl+D; the desk's meaning goes first."""

    def __init__(self, actions: Actions, field: QWidget) -> None:
        super().__init__(field)
        self._actions = actions
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Refuse the field's claim on a key that is ours."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._actions.ours(event):
            event.ignore()
            return True
        return False
