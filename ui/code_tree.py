"""The centre's tree of wrap-up codes, to be found by words and ticked by keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTreeView, QWidget

from client.domain.codes import Code
from ui.language import tr

ID_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class CodeTree(QTreeView):
    """Leaves have a box; Space ticks it.

    Attributes: `chosen` — ids in the order they were ticked. Signals: `changed()`.
    """

    changed = Signal()

    def __init__(self, codes: Sequence[Code], *, english: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen: tuple[str, ...] = ()
        self._english = english
        self._filling = False
        self._items: dict[str, QStandardItem] = {}
        self._model = QStandardItemModel(self)
        for code in codes:
            self._model.appendRow(self._item(code))
        self._model.itemChanged.connect(self._on_item)
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(self._model)
        self._shown.setRecursiveFilteringEnabled(True)
        self._shown.setAutoAcceptChildRows(True)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._shown)
        self.setHeaderHidden(True)
        self.setAccessibleName(tr("Wrap-up codes"))
        self.setAccessibleDescription(tr("Space ticks a code."))
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _item(self, code: Code) -> QStandardItem:
        item = QStandardItem(self.label(code))
        item.setData(code.id, ID_ROLE)
        item.setCheckable(not code.children)
        self._items[code.id] = item
        for child in code.children:
            item.appendRow(self._item(child))
        return item

    def label(self, code: Code) -> str:
        """A code as it is shown."""
        return code.en if self._english and code.en else code.label

    def text_of(self, id_: str) -> str:
        """The label of a code's id."""
        return self._items[id_].text() if id_ in self._items else id_

    def choose(self, ids: Sequence[str]) -> None:
        """Tick exactly these."""
        if tuple(ids) == self.chosen:
            return
        self._filling = True
        for id_, item in self._items.items():
            if item.isCheckable():
                item.setCheckState(Qt.CheckState.Checked if id_ in ids else Qt.CheckState.Unchecked)
        self._filling = False
        self.chosen = tuple(ids)

    def filter(self, text: str) -> None:
        """Show codes whose label, or a label above it, has `text`; the first fitting one is gone to."""
        self._shown.setFilterFixedString(text.strip())
        if text.strip():
            self.expandAll()
            first = self._first_leaf(QModelIndex())
            if first.isValid():
                self.setCurrentIndex(first)
        else:
            self.collapseAll()

    def open_at(self, id_: str) -> None:
        """Unfold a branch and go to it: what the citizen's way through the menu suggests."""
        item = self._items.get(id_)
        if item is not None:
            index = self._shown.mapFromSource(item.index())
            self.expand(index)
            self.setCurrentIndex(index)
            self.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)

    def toggle_current(self) -> None:
        """Tick or untick the code one is at."""
        item = self._model.itemFromIndex(self._shown.mapToSource(self.currentIndex()))
        if item is not None and item.isCheckable():
            on = item.checkState() is Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)

    def _first_leaf(self, under: Index) -> QModelIndex:
        for row in range(self._shown.rowCount(under)):
            index = self._shown.index(row, 0, under)
            if not self._shown.hasChildren(index):
                return index
            found = self._first_leaf(index)
            if found.isValid():
                return found
        return QModelIndex()

    def _on_item(self, item: QStandardItem) -> None:
        if self._filling:
            return
        id_ = item.data(ID_ROLE)
        rest = tuple(one for one in self.chosen if one != id_)
        self.chosen = (*rest, id_) if item.checkState() is Qt.CheckState.Checked else rest
        self.changed.emit()
