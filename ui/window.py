"""The agent's window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from client.crash import Crash
from client.services.desk import Desk
from client.settings import Settings
from ui.actions import Actions
from ui.alerts import Alerts
from ui.announcer import Announcer
from ui.call_actions import bar_session
from ui.closing import LeaveSheet
from ui.context import Context, Selection
from ui.crash_sheet import CrashSheet
from ui.desk_view import DeskView
from ui.dialog_actions import DialogActions, connect_buttons
from ui.language import install_language, tr
from ui.look import MAX_CAPTION_PX, MIN_CAPTION_PX, look_for
from ui.memory import Memory
from ui.settings_sheet import SettingsSheet
from ui.shortcuts import Scope, keys_in_force
from ui.style import dress
from ui.tasks import Tasks
from ui.wording import listener_text, presence_text

SaveSettings = Callable[[Mapping[str, object]], Settings]
LEAST = QSize(640, 360)  # 1366×768 at 200 % leaves this much, less the system's own bars
MOST_AT_START = QSize(1680, 1000)
CAPTION_STEP = 2  # px


class DeskWindow(QMainWindow):
    """Holds the view and makes it anew when look, language or keys change.

    Attributes: `view` — what is inside; `context` — what its parts are given; `dialogs` — the open dialog.
    Signals: `closing()` — the agent leaves; the composition root stops the desk then.
    """

    closing = Signal()

    def __init__(self, desk: Desk, settings: Settings, save: SaveSettings | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._save = save
        self._leaving = False
        self._alerts: Alerts | None = None
        self.tasks = Tasks(self)
        self.announcer = Announcer(self)
        self._selection = Selection(desk, self)
        self._memory = Memory()
        screen = QGuiApplication.primaryScreen()
        self.resize(MOST_AT_START.boundedTo(screen.availableSize()) if screen else MOST_AT_START)
        self.setMinimumSize(LEAST)
        self.apply(settings)

    def apply(self, settings: Settings) -> None:
        """Look, speak and answer to keys as these settings say, from now on."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        install_language(app, settings.interface_language)
        look = look_for(settings)
        dress(app, look)
        self.setWindowTitle(tr("Ieum"))
        self.context = Context(
            desk=self._desk,
            settings=settings,
            look=look,
            actions=Actions(keys_in_force(settings.shortcuts), self),
            tasks=self.tasks,
            selection=self._selection,
            announcer=self.announcer,
            memory=self._memory,
        )
        self._make_view()

    def _make_view(self) -> None:
        context = self.context
        self.view = DeskView(context)
        self.dialogs = DialogActions(context, self.view, self._settings_sheet)
        connect_buttons(self.view, context)
        register = context.actions.register
        register("read_call", lambda: self.announcer.say(self.call_state(), urgent=True))
        register("larger", lambda: self._resize_captions(CAPTION_STEP))
        register("smaller", lambda: self._resize_captions(-CAPTION_STEP))
        context.actions.install(self.view, *Scope)
        if self._alerts is not None:
            self._alerts.end()
        self._alerts = Alerts(context, self)
        self.setCentralWidget(self.view)
        self.view.sessions.setFocus()

    # ── settings ─────────────────────────────────────────────────────────────────────────────────

    def _settings_sheet(self) -> SettingsSheet:
        return SettingsSheet(self.context, self, self.keep)

    def keep(self, changes: Mapping[str, object]) -> None:
        """Keep changed settings and live by them at once."""
        if not changes:
            return
        names = {field.metadata["key"]: field.name for field in Settings.__dataclass_fields__.values()}
        changed = {names[key]: value for key, value in changes.items()}
        settings = self._save(changes) if self._save else replace(self.context.settings, **changed)  # type: ignore[arg-type]
        self.apply(settings)

    def _resize_captions(self, by: int) -> None:
        size = min(MAX_CAPTION_PX, max(MIN_CAPTION_PX, self.context.settings.caption_size + by))
        self.keep({"desk.caption_size": size})
        self.announcer.say(tr("Captions {size} px", size=size))

    # ── what is said on a key ────────────────────────────────────────────────────────────────────

    def call_state(self) -> str:
        """The running call in one sentence, else the agent's own state."""
        calls = self._desk.calls
        offers = len(calls.offers)
        parts = [presence_text(self._desk.presence.shown)]
        session = bar_session(self._desk)
        if session:
            view = self._desk.sessions.get(session)
            parts += [view.name or view.number, listener_text(calls.listener_text_key)]
        if offers:
            parts.append(tr("Calls ringing: {count}", count=offers))
        return ", ".join(part for part in parts if part)

    # ── failing and leaving ──────────────────────────────────────────────────────────────────────

    def show_crash(self, crash: Crash) -> None:
        """Tell of a failure of the program; one at a time."""
        if not isinstance(self.dialogs.sheet, CrashSheet):
            self.dialogs.show(CrashSheet(self.context, self, crash))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a call runs; else keep what is being written and leave."""
        if bar_session(self._desk) and not self._leaving:
            event.ignore()
            sheet = LeaveSheet(self.context, self)
            sheet.accepted.connect(self._leave)
            self.dialogs.show(sheet)
            return
        self.view.page.composer.keep_drafts()
        self.view.panel.wrapup.keep_draft()
        event.accept()
        self.closing.emit()

    def _leave(self) -> None:
        self._leaving = True
        self.close()
