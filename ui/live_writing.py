"""The message field in a running video session: each keystroke is seen by the citizen, Enter finishes the line."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from client.services.notices import VideoChanged
from ui.context import Context
from ui.listen import listen
from ui.writing_field import WritingField

SLASH = "/"


class LiveWriting(QObject):
    """Attributes: `on` — the open session is a running video. Signals: `turned` — it began or is over."""

    turned = Signal()

    def __init__(self, context: Context, field: WritingField) -> None:
        super().__init__(field)
        self._context = context
        self._field = field
        self._session = ""
        self._typed = ""
        field.written.connect(self._type)
        listen(self, context.desk.publisher, VideoChanged, lambda _: self.follow())

    @property
    def on(self) -> bool:
        """True while what is typed is seen at once."""
        return bool(self._session)

    def follow(self) -> None:
        """Another session is open, or the video began or is over: what was seen of an unfinished line is kept as a message."""
        running, open_ = self._context.desk.video.running or "", self._context.selection.session
        session = running if running == open_ else ""
        if session == self._session:
            return
        ended = bool(self._session) and not running and open_ == self._session
        self._session = session
        if ended and self._typed.strip():
            self._field.clear()
        self._typed = ""
        self.turned.emit()

    def finish(self, text: str) -> None:
        """The line is a message now. Raises `NotPossible`."""
        self._context.desk.video.text.finish(self._session, one_line(text))
        self._typed = ""

    def _type(self, text: str) -> None:
        """A quick answer that is looked for is not seen; what it brings is."""
        if self._session:
            self._typed = "" if text.startswith(SLASH) else one_line(text)
            self._context.desk.video.text.type(self._session, self._typed)


def one_line(text: str) -> str:
    """A line of real-time text has no breaks: a break would finish it."""
    return text.replace("\n", " ").replace("\u2028", " ")
