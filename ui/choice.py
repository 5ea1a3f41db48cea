"""A combo box whose open list leaves the call within reach: Qt gives a popup's keys to the popup alone."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from ui.actions import Actions
from ui.shortcuts import Scope


class Choice(QComboBox):
    """Chooses one of a few."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions
        self._has_keys = False

    def showPopup(self) -> None:
        """The list takes the call keys along, as menus and dialogs do."""
        if not self._has_keys:
            self._has_keys = True
            self._actions.install(self.view().window(), Scope.CALL, Scope.EVERYWHERE)
        super().showPopup()
