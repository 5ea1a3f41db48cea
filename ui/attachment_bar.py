"""The files of the message that is being written: one chip each, with its state in words and a button that takes it off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QMimeData, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QWidget

from client.domain.file_refusals import in_korean
from client.services.attaching import Item, UploadState
from client.services.notices import AttachmentsChanged
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import listen
from ui.picture import decoded

KB, MB = 1_000, 1_000_000
MOST_BYTES = 300 * MB  # nothing larger is read into memory
PREVIEW = 44  # px at 100 %: enough to know which picture it is


def size_text(size: int) -> str:
    """Bytes in words."""
    return f"{size / MB:.1f} MB" if size >= MB else f"{max(1, round(size / KB))} KB"


def files_of(mime: QMimeData) -> tuple[list[tuple[str, bytes]], list[str]]:
    """What was pasted or dropped: (name, bytes) of each file, and the names of those that cannot be read."""
    found: list[tuple[str, bytes]] = []
    unread: list[str] = []
    for url in mime.urls():
        if url.isLocalFile():
            read, failed = read_files([url.toLocalFile()])
            found += read
            unread += failed
    if not found and not unread and mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            found.append((f"{tr('picture')}.png", _png(image)))
    return found, unread


def read_files(names: Sequence[str]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """(name, bytes) of each, and those that cannot be read."""
    found: list[tuple[str, bytes]] = []
    unread: list[str] = []
    for name in names:
        path = Path(name)
        try:
            data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
        except OSError:
            data = None
        if data is None:
            unread.append(path.name)
        else:
            found.append((path.name, data))
    return found, unread


def _png(image: QImage) -> bytes:
    kept = QByteArray()
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes where Qt takes a name
    return bytes(kept.data())


class AttachmentBar(QFrame):
    """Hidden while nothing is attached."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._session = ""
        self._told: set[str] = set()
        self._flow = FlowLayout(self, gap=context.look.px(8))
        listen(self, context.desk.publisher, AttachmentsChanged, self._on_change)
        self.hide()

    def show_session(self, session: str) -> None:
        """The files of this session's draft."""
        self._session = session
        self.refresh()

    def choose(self) -> None:
        """Ask for files, without holding up anything."""
        session = self._session
        dialog = QFileDialog(self.window(), tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.add(session, *read_files(names)))
        dialog.open()

    def add(self, session: str, files: Sequence[tuple[str, bytes]], unread: Sequence[str] = ()) -> None:
        """Attach these to the session where they were chosen."""
        for name, data in files:
            add = partial(self._context.desk.attaching.add, session, name, data)
            if not self._context.tasks.attempt(add):
                return
            self._context.announcer.say(tr("Attached: {name}", name=name))
        for name in unread:
            self._context.announcer.say(tr("{name} cannot be read", name=name), urgent=True)

    def _on_change(self, notice: AttachmentsChanged) -> None:
        if notice.session == self._session:
            self.refresh()

    def refresh(self) -> None:
        """A chip for each file."""
        while (held := self._flow.takeAt(0)) is not None:
            if (widget := held.widget()) is not None:
                widget.deleteLater()
        items = self._context.desk.attaching.items(self._session) if self._session else ()
        for item in items:
            self._flow.addWidget(self._chip(item))
            if item.state is UploadState.REFUSED and item.id not in self._told:
                self._told.add(item.id)
                self._context.announcer.say(f"{item.name}: {state_text(item)[0]}", urgent=True)
        self.setVisible(bool(items))

    def _chip(self, item: Item) -> QWidget:
        look = self._context.look
        chip = QFrame()
        chip.setProperty("is", "card")
        row = QHBoxLayout(chip)
        row.setContentsMargins(look.px(10), look.px(2), look.px(4), look.px(2))
        row.setSpacing(look.px(8))
        if (preview := self._preview(item)) is not None:
            row.addWidget(preview)
        row.addWidget(Label(f"{item.name} · {size_text(item.size)}", "second"))
        words, style = state_text(item)
        if words:
            row.addWidget(Label(words, style))
        attaching, session = self._context.desk.attaching, self._session
        if item.state is UploadState.AWAY:
            again = KeyButton(look, tr("Try again"), compact=True)
            again.clicked.connect(lambda: attaching.retry(session, item.id))
            row.addWidget(again)
        off = KeyButton(look, tr("Remove"), kind=Kind.QUIET, compact=True)
        off.setAccessibleName(tr("Remove {name}", name=item.name))
        off.clicked.connect(lambda: attaching.remove(session, item.id))
        row.addWidget(off)
        return chip

    def _preview(self, item: Item) -> QWidget | None:
        """The picture as it will be sent, small; None for others, and while it comes."""
        if item.attachment is None or not item.attachment.is_picture:
            return None
        data = self._context.desk.attaching.shown(self._session, item.attachment)
        image = decoded(data) if data is not None else QImage()
        if image.isNull():
            return None
        side = self._context.look.px(PREVIEW)
        preview = QLabel()
        preview.setAccessibleName(tr("Picture: {name}", name=item.name))
        preview.setPixmap(
            QPixmap.fromImage(image).scaled(
                side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        )
        return preview


def why_text(why: str) -> str:
    """The hub's reason in the interface's language."""
    return in_korean(why) if QLocale().language() is QLocale.Language.Korean else why


def state_text(item: Item) -> tuple[str, str]:
    """Where a file is on its way, and in which style it is said."""
    return {
        UploadState.UPLOADING: (tr("being uploaded"), "third"),
        UploadState.KEPT: ("", ""),
        UploadState.AWAY: (tr("the server does not answer"), "careful"),
        UploadState.REFUSED: (tr("not taken: {why}", why=why_text(item.why)), "bad"),
    }[item.state]
