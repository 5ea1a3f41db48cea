"""The pictures and documents of a session: looked at here, saved by choice, never opened by another program."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from client.domain.attachment import Attachment
from client.domain.timeline import MessageLine
from client.services.notices import AttachmentsChanged
from ui.attachment_bar import size_text
from ui.context import Context
from ui.export_sheet import save_as
from ui.key_button import Kind
from ui.language import tr
from ui.listen import listen
from ui.picture import decoded
from ui.wording import party_text, time_text
from ui.written_sheets import ListSheet


class FilesSheet(ListSheet):
    """A list at the top, the chosen picture below. Only pictures that the hub has made anew are decoded."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, tr("Files of this session"), parent, tr("Files"))
        self._session = context.selection.session
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setMinimumHeight(context.look.px(240))
        self.column.addWidget(self.list)
        self.column.addWidget(self._picture, 1)
        self.column.addWidget(self.trouble)
        for line in context.desk.sessions.timeline(self._session).lines:
            if not isinstance(line, MessageLine):
                continue
            for attachment in line.attachments:
                words = f"{party_text(line.party)} · {time_text(line.at)} · {attachment.name} · {size_text(attachment.size)}"
                self.put(words, (line.session or self._session, attachment))
        self.close_button()
        save = self.button(tr("Save as"), Kind.PRIMARY, key="Enter")
        save.clicked.connect(self._save)
        self.list.currentItemChanged.connect(lambda *_: self._show())
        listen(self, context.desk.publisher, AttachmentsChanged, lambda _: self._show())
        if not self.list.count():
            self.refuse(tr("Nothing is attached in this session"))
        self._show()

    def _current(self) -> tuple[str, Attachment] | None:
        found = self.chosen()
        return found if isinstance(found, tuple) else None

    def _show(self) -> None:
        current = self._current()
        self._picture.setVisible(current is not None and current[1].is_picture)
        if current is None or not current[1].is_picture:
            return
        session, attachment = current
        self._picture.setAccessibleName(tr("Picture: {name}", name=attachment.name))
        data = self.context.desk.attaching.shown(session, attachment)
        if data is None:
            self._picture.setText(tr("The picture is being fetched"))
            return
        image = decoded(data)
        if image.isNull():
            self._picture.setText(tr("The picture cannot be shown"))
        else:
            room = self._picture.size().expandedTo(self._picture.minimumSize())
            self._picture.setPixmap(
                QPixmap.fromImage(image).scaled(
                    room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
            )

    def _save(self) -> None:
        current = self._current()
        if current is not None:
            work = self.context.desk.attaching.kept_bytes(*current)
            self.context.tasks.start(work, partial(save_as, self.context, self, current[1].name))
