"""The page of settings for video: the camera with a mirror beside it, the picture's size, what this agent takes and hears."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFormLayout, QWidget

from client.services.notices import CamerasChanged
from ui.choice import Choice
from ui.context import Context
from ui.key_button import KeyButton
from ui.label import Label
from ui.language import tr
from ui.listen import listen
from ui.self_view import SelfView

MIRROR = 210  # px of the design
SIGNER = "signer"


class VideoPage(QWidget):
    """A chosen camera is looked through at once, and let go of again by `leave`. Attributes: `form`; `fields` — setting
    key → its widget; `mirror` — the own picture, which goes nowhere; `look` — starts and stops it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        now = context.settings
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(context.look.px(10))
        self.form.setHorizontalSpacing(context.look.px(18))
        self.camera = self._choice(tr("Camera"), {}, "")
        self._fill(now.camera)
        self.mirror = SelfView(context, guide=True)
        self.mirror.setFixedHeight(context.look.px(MIRROR))
        self.look = KeyButton(context.look, tr("See my picture"))
        self.look.setAccessibleDescription(tr("Only you see it"))
        self.form.addRow("", self.look)
        self.form.addRow("", self.mirror)
        self.mirror.hide()
        self.trouble = Label(style="bad", wrap=True)
        self.form.addRow("", self.trouble)
        self.form.setRowVisible(self.trouble, False)
        sizes = {"480p": tr("480 lines: less load"), "720p": tr("720 lines: finer")}
        self.picture = self._choice(tr("Largest picture sent"), sizes, now.picture)
        self.signs = self._box(tr("I take sign-language video"), on=now.signs)
        self.web_calls = self._box(tr("I take calls from the homepage"), on=now.web_calls)
        self.hears = self._box(tr("I hear: alerts sound too, beside light and text"), on=now.hears)
        how = {"off": tr("nothing"), "words": tr("each finished word"), "lines": tr("each finished line")}
        self.live_text = self._choice(tr("Screen reader, while a citizen types"), how, now.announce_live_text)
        self._later = Label(
            tr("Size, what you take and whether you hear hold from the desk's next start."), "third", wrap=True
        )
        self.form.addRow("", self._later)
        self.fields: dict[str, QWidget] = {
            "video.camera": self.camera,
            "video.picture": self.picture,
            "video.signs": self.signs,
            "video.web_calls": self.web_calls,
            "video.hears": self.hears,
            "desk.announce_live_text": self.live_text,
        }
        self._before = self._values()
        self.look.clicked.connect(self.toggle)
        self.camera.currentIndexChanged.connect(self._choose)
        listen(self, context.desk.publisher, CamerasChanged, lambda _: self._fill(self.camera.currentData()))

    # ── the camera ───────────────────────────────────────────────────────────────────────────────

    def _fill(self, chosen: str) -> None:
        """What is plugged in; a chosen camera that is not here now stays chosen."""
        cameras = self._context.desk.video.cameras
        names = cameras.names if cameras else ()
        wanted = {"": tr("the system's first"), **{name: camera_text(name) for name in names}}
        if chosen not in wanted:
            wanted[chosen] = camera_text(chosen)
        if [self.camera.itemData(row) for row in range(self.camera.count())] == list(wanted):
            return
        with QSignalBlocker(self.camera):
            self.camera.clear()
            for value, text in wanted.items():
                self.camera.addItem(text, value)
            self.camera.setCurrentIndex(self.camera.findData(chosen))

    def _choose(self) -> None:
        self._use(self.camera.currentData())

    def _use(self, name: str) -> None:
        self._tell("")
        self._context.tasks.start(self._context.desk.video.choose_camera(name), owner=self, otherwise=self._tell)

    def _tell(self, refused: str) -> None:
        self.trouble.say(refused)
        self.form.setRowVisible(self.trouble, bool(refused))
        if refused:
            self._context.announcer.say(refused, urgent=True)

    def toggle(self) -> None:
        """Look at oneself, or stop."""
        if self.mirror.isHidden():
            self.mirror.show()
            self.look.set_words(tr("Close my picture"))
            work = self._context.desk.video.preview(on=True)
            self._context.tasks.start(work, lambda _: self.mirror.refresh(), self, self._tell)
        else:
            self._end()

    def _end(self) -> None:
        if self.mirror.isHidden():
            return
        self.mirror.hide()
        self.look.set_words(tr("See my picture"))
        self._context.tasks.start(self._context.desk.video.preview(on=False))

    def showEvent(self, event: QShowEvent) -> None:
        """The engine knows the cameras."""
        self._context.desk.video.wake()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The camera does not run for a page that nobody sees."""
        self._end()
        super().hideEvent(event)

    def leave(self) -> None:
        """Nothing was kept: the camera is the one from before."""
        if self.camera.currentData() != self._before["video.camera"]:
            self._use(str(self._before["video.camera"]))

    # ── the form ─────────────────────────────────────────────────────────────────────────────────

    def _choice(self, label: str, values: Mapping[str, str], now: str) -> Choice:
        box = Choice(self._context.actions)
        for value, text in values.items():
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(now))
        box.setAccessibleName(label)
        self.form.addRow(Label(label, "second"), box)
        return box

    def _box(self, label: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(label)
        box.setAccessibleName(label)
        box.setChecked(on)
        self.form.addRow("", box)
        return box

    def _values(self) -> dict[str, object]:
        return {
            "video.camera": self.camera.currentData(),
            "video.picture": self.picture.currentData(),
            "video.signs": self.signs.isChecked(),
            "video.web_calls": self.web_calls.isChecked(),
            "video.hears": self.hears.isChecked(),
            "desk.announce_live_text": self.live_text.currentData(),
        }

    def changes(self) -> dict[str, object]:
        """What differs from what is in force."""
        return {key: value for key, value in self._values().items() if value != self._before[key]}


def camera_text(name: str) -> str:
    """A camera by its name; the drawn one in words."""
    return tr("a drawn signer, for practice") if name == SIGNER else name
