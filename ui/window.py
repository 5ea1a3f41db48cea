"""The agent's window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from client.crash import Crash
from client.domain.codec import BadInput
from client.services.desk import Desk
from client.services.notices import Severity
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
from ui.pedal import Pedal
from ui.settings_sheet import SettingsSheet
from ui.shortcuts import BY_ID, Scope, keys_in_force
from ui.style import dress
from ui.tasks import Tasks
from ui.trouble_bar import Told
from ui.video_actions import VideoActions
from ui.view_state import restore, state_of
from ui.wording import listener_text, presence_text
from ui.written_actions import WrittenActions

SaveSettings = Callable[[Mapping[str, object]], Settings]
LockedSettings = Callable[[], Collection[str]]
IN_PLACE = {
    "caption_size",
    "microphone",
    "speaker",
    "ring_device",
    "ring_volume",
    "stage_share",
    "self_corner",
    "self_size",
}  # these need no new view
LEAST = QSize(640, 360)  # 1366×768 at 200 % leaves this much, less the system's own bars
MOST_AT_START = QSize(1680, 1000)
CAPTION_STEP = 2  # px


class DeskWindow(QMainWindow):
    """Holds the view and makes it anew when look, language or keys change; what is written and read stays.

    Attributes: `view` — what is inside; `context` — what its parts are given; `dialogs` — the open dialog.
    Signals: `closing()` — the agent leaves; the composition root stops the desk then.
    """

    closing = Signal()

    def __init__(
        self, desk: Desk, settings: Settings, save: SaveSettings | None = None, locked: LockedSettings | None = None
    ) -> None:
        super().__init__()
        self._desk = desk
        self._save = save
        self._locked = locked
        self._leaving = False
        self._alerts: Alerts | None = None
        self.tasks = Tasks(self)
        self.announcer = Announcer(self)
        self._selection = Selection(desk, self)
        self._memory = Memory()
        self._actions = Actions({}, self)
        self._view: DeskView | None = None
        screen = QGuiApplication.primaryScreen()
        self.resize(MOST_AT_START.boundedTo(screen.availableSize()) if screen else MOST_AT_START)
        self.setMinimumSize(LEAST)
        self.apply(settings)
        self._pedal = Pedal(settings.pedal_command, desk.publisher, self._press, self)
        hints = QGuiApplication.styleHints()
        for changed in (hints.colorSchemeChanged, hints.accessibility().contrastPreferenceChanged):
            changed.connect(self._follow_system)

    def _follow_system(self) -> None:
        """The system went dark, light or high in contrast: go along, if the settings leave it to the system."""
        if look_for(self.context.settings) != self.context.look:
            self.apply(self.context.settings)

    @property
    def view(self) -> DeskView:
        """What is inside now."""
        assert self._view is not None
        return self._view

    def apply(self, settings: Settings) -> bool:
        """Look, speak and answer to keys as these settings say, from now on.

        False, with everything as it was, where the disk is too full to keep what is being written.
        """
        if self._view is not None and not self._view.keep_writing():
            return False
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        install_language(app, settings.interface_language)
        look = look_for(settings)
        dress(app, look)
        self.setWindowTitle(tr("Ieum"))
        self._actions.keys = keys_in_force(settings.shortcuts)
        self.context = Context(
            desk=self._desk,
            settings=settings,
            look=look,
            actions=self._actions,
            tasks=self.tasks,
            selection=self._selection,
            announcer=self.announcer,
            memory=self._memory,
        )
        before = state_of(self._view) if self._view is not None else None
        sheet = self.dialogs.sheet if self._view is not None else None
        self._make_view()
        if sheet is not None:
            self.dialogs.adopt(sheet)
        if before is not None:
            restore(self.view, before)
        return True

    def _make_view(self) -> None:
        context = self.context
        self._view = DeskView(context)
        self.dialogs = DialogActions(context, self.view, self._settings_sheet)
        connect_buttons(self.view, context)
        WrittenActions(context, self.view, self.dialogs.show)
        VideoActions(context, self.view, self.dialogs.show)
        self.view.theatre.kept.connect(self.keep)
        register = context.actions.register
        register("read_call", lambda: self.announcer.say(self.call_state(), urgent=True))
        register("larger", lambda: self._resize_captions(CAPTION_STEP))
        register("smaller", lambda: self._resize_captions(-CAPTION_STEP))
        context.actions.install(self.view, *Scope)
        if self._alerts is not None:
            self._alerts.end()
        self._alerts = Alerts(context, self)
        self.setCentralWidget(self.view)
        if self.isVisible():
            self.view.show()  # at once: a widget that does not show yet takes no keyboard
        self.view.sessions.setFocus()  # until a state is restored

    def _press(self, action: str) -> None:
        """A pedal is a key: over an open dialog only those work that work everywhere."""
        if self.dialogs.sheet is None or BY_ID[action].scope is not Scope.WINDOW:
            self._actions.trigger(action)

    # ── settings ─────────────────────────────────────────────────────────────────────────────────

    def _settings_sheet(self) -> SettingsSheet:
        return SettingsSheet(self.context, self, self.keep, self._locked() if self._locked else ())

    def keep(self, changes: Mapping[str, object]) -> str:
        """Keep changed settings and live by them at once; why not, in words, or ""."""
        if not changes:
            return ""
        try:
            settings = self._save(changes) if self._save else self._with(changes)
        except BadInput as error:
            if self._locked and error.path in self._locked():
                return tr("Not kept: IT has set this.")
            return tr("Not kept: {why}", why=str(error))
        except OSError as error:
            return tr("Not kept: {why}", why=error.strerror or "")
        return "" if self._live_by(settings) else tr("The disk is full. Your text stays in its field.")

    def _with(self, changes: Mapping[str, object]) -> Settings:
        names = {field.metadata["key"]: field.name for field in fields(Settings)}
        changed = {names[key]: value for key, value in changes.items()}
        return replace(self.context.settings, **changed)  # type: ignore[arg-type]

    def _live_by(self, settings: Settings) -> bool:
        now = self.context.settings
        if all(getattr(now, f.name) == getattr(settings, f.name) for f in fields(Settings) if f.name not in IN_PLACE):
            self.context = replace(self.context, settings=settings, look=look_for(settings))
            self.view.page.timeline.set_look(self.context.look)
            return True
        return self.apply(settings)

    def _resize_captions(self, by: int) -> None:
        size = min(MAX_CAPTION_PX, max(MIN_CAPTION_PX, self.context.settings.caption_size + by))
        refused = self.keep({"desk.caption_size": size})
        if refused:
            self.view.troubles.tell(Told(key="setting", severity=Severity.CAREFUL, what=refused, leaves=True))
        else:
            self.announcer.say(tr("Captions {size} px", size=size))

    # ── what is said on a key ────────────────────────────────────────────────────────────────────

    def call_state(self) -> str:
        """The running call in one sentence, else the agent's own state."""
        calls = self._desk.calls
        offers = len(calls.offers)
        parts = [presence_text(self._desk.presence.shown)]
        session = bar_session(self._desk)
        video = self._desk.video.view(self._desk.video.running) if self._desk.video.running else None
        if video is not None:
            parts += [self.view.stage.words()]
        if session:
            view = self._desk.sessions.get(session)
            parts += [view.name or view.number, listener_text(calls.listener_text_key)]
        if offers:
            parts.append(tr("Calls ringing: {count}", count=offers))
        return ", ".join(part for part in parts if part)

    # ── failing and leaving ──────────────────────────────────────────────────────────────────────

    def show_crash(self, crash: Crash) -> None:
        """Tell of a failure of the program over the timeline; the report opens when it is asked for.

        It takes no keyboard and closes no dialog: a call goes on, and a note may stand half written in one.
        """
        self.view.troubles.tell(
            Told(
                key="crash",
                severity=Severity.BAD,
                what=tr("Something in the program failed"),
                advice=tr("Calls and what you wrote are kept. Go on working."),
                words=tr("Show the report"),
                do=lambda: self.dialogs.show(CrashSheet(self.context, self, crash)),
            )
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a call runs; else keep what is being written and leave."""
        if (bar_session(self._desk) or self._desk.video.running) and not self._leaving:
            event.ignore()
            sheet = LeaveSheet(self.context, self)
            sheet.accepted.connect(self._leave)
            self.dialogs.show(sheet)
            return
        self.view.keep_writing()
        self._pedal.end()
        if self._alerts is not None:
            self._alerts.end()
            self._alerts = None
        event.accept()
        self.closing.emit()

    def _leave(self) -> None:
        self._leaving = True
        self.close()
