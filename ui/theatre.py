"""Where the video stage stands: beside the text, under it in an upright window, or in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ui.alert_line import AlertLine
from ui.context import Context
from ui.language import tr
from ui.shortcuts import Scope
from ui.video_stage import VideoStage

WHOLE = 100  # percent
LEAST, MOST = 30, 85
HEAD = 48  # px of the design
STAGE_WINDOW = "stage-window"
KEEP_MS = 600  # what is dragged is kept once it rests


class StageWindow(QWidget):
    """The stage in a window of its own, on the second screen if there is one. Closing it brings the stage back.

    Attributes: `alert` — what calls for the agent, over the stage. Signals: `closed`.
    """

    closed = Signal()

    def __init__(self, context: Context, desk: QWidget) -> None:
        super().__init__(desk, Qt.WindowType.Window)
        self.setWindowTitle(tr("Ieum · video"))
        self.setObjectName(STAGE_WINDOW)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._head(context))
        context.actions.install(self, *Scope)
        self.resize(context.look.px(960), context.look.px(640))
        others = [screen for screen in QGuiApplication.screens() if screen is not desk.screen()]
        if others:
            self.setGeometry(others[0].availableGeometry())

    def _head(self, context: Context) -> QFrame:
        """Room that is always free for what calls for the agent, so that nothing moves and no strip covers the signer."""
        head = QFrame()
        head.setProperty("is", "head")
        head.setFixedHeight(context.look.px(HEAD))
        self.alert = AlertLine(context)
        row = QHBoxLayout(head)
        row.setContentsMargins(context.look.px(20), 0, context.look.px(20), 0)
        row.addWidget(self.alert)
        row.addStretch(1)
        return head

    def take(self, stage: VideoStage) -> None:
        """Hold the stage."""
        self._column.addWidget(stage)
        stage.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The stage goes back before the window is gone."""
        self.closed.emit()
        event.accept()


class Theatre(QObject):
    """Attributes: `window_` — the stage's own, while it has one. Signals: `kept(dict)` — settings by key that changed; `moved` — the
    stage went out or came back."""

    kept = Signal(dict)
    moved = Signal()

    def __init__(self, context: Context, stage: VideoStage, splitter: QSplitter) -> None:
        super().__init__(splitter)
        self.window_: StageWindow | None = None
        self.share = context.settings.stage_share
        self._context = context
        self._stage = stage
        self._splitter = splitter
        self._running = False
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self.lay_out)
        self._rest = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._rest.timeout.connect(self.keep)
        splitter.splitterMoved.connect(self._dragged)
        stage.placed.connect(self.keep)
        stage.hide()

    def show_stage(self, running: bool) -> None:
        """There is a video session, or none any more."""
        if running != self._running:
            self._running = running
            if running and self._context.memory.stage_out:
                self._out()
            elif not running and self.window_ is not None:
                self._back(remember=True)
        self._stage.setVisible(running)
        self._settle.start()  # once what stands beside it has given way

    def lay_out(self) -> None:
        """Give the stage its share: across, or above the text where the window is upright."""
        upright = self._splitter.height() > self._splitter.width()
        self._splitter.setOrientation(Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal)
        room = self._splitter.height() if upright else self._splitter.width()
        least = max(self._beside().minimumWidth(), 1)
        stage = min(room * self.share // WHOLE, room if upright else max(0, room - least))
        self._splitter.refresh()  # it still holds to what its parts needed before
        self._splitter.setSizes([stage, room - stage])

    def _beside(self) -> QWidget:
        """What stands beside the stage: the last part, also while the stage has its own window."""
        beside = self._splitter.widget(self._splitter.count() - 1)
        assert beside is not None
        return beside

    def step(self, by: int) -> None:
        """Larger or smaller by so many percent."""
        self.share = min(MOST, max(LEAST, self.share + by))
        self.lay_out()
        self._context.announcer.say(tr("Video {percent} %", percent=self.share))
        self.keep()

    def _dragged(self, *_: int) -> None:
        sizes = self._splitter.sizes()
        self.share = min(MOST, max(LEAST, sizes[0] * WHOLE // max(1, sum(sizes))))
        self._rest.start()

    def keep(self) -> None:
        """What was dragged or pressed stays so."""
        now, area = self._context.settings, self._stage.area
        values = {
            "video.stage_share": (now.stage_share, self.share),
            "video.self_corner": (now.self_corner, area.corner),
            "video.self_size": (now.self_size, area.size_),
        }
        self.kept.emit({key: value for key, (_, value) in values.items()})

    # ── its own window ───────────────────────────────────────────────────────────────────────────

    def toggle_window(self) -> None:
        """Into a window of its own, or back."""
        if self.window_ is None:
            self._out()
        else:
            self.window_.close()

    def _out(self) -> None:
        view = self._splitter.parentWidget()  # its life is the view's: another look makes both anew
        assert view is not None
        self.window_ = StageWindow(self._context, view)
        self.window_.closed.connect(self._back)
        self.window_.take(self._stage)
        self.window_.show()
        self._context.memory.stage_out = True
        self.moved.emit()
        self._stage.refresh()

    def _back(self, *, remember: bool = False) -> None:
        window, self.window_ = self.window_, None
        if window is None:
            return
        self._splitter.insertWidget(0, self._stage)
        self._stage.setVisible(self._running)
        self._context.memory.stage_out = remember
        window.hide()
        window.deleteLater()
        self.moved.emit()
        self._settle.start()
        self._stage.refresh()

    def take_keyboard(self) -> None:
        """The keyboard goes to what the stage shows: the card, else the picture."""
        area = self._stage.area
        self._stage.window().activateWindow()
        (area.far if area.card.isHidden() else area.card).setFocus()
