"""The actions that open a dialog or a menu, and those that go on from a consultation."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from ui.context import Context
from ui.desk_view import DeskView
from ui.dial_sheet import DialSheet
from ui.find_sheet import FindSheet
from ui.help_sheet import HelpSheet
from ui.keypad_sheet import KeypadSheet
from ui.menus import emergency_menu, open_under, presence_menu
from ui.sheet import Sheet
from ui.transfer_sheet import TransferSheet


class DialogActions(QObject):
    """One dialog at a time; each is opened with `open()`. Attributes: `sheet` — the open one."""

    def __init__(self, context: Context, view: DeskView, open_settings: Callable[[], Sheet]) -> None:
        super().__init__(view)
        self.sheet: Sheet | None = None
        self._context = context
        self._view = view
        talking = view.call_actions.talking
        register = context.actions.register
        register("help", lambda: self.show(HelpSheet(context, self._window())))
        register("find", lambda: self.show(FindSheet(context, self._window())))
        register("settings", lambda: self.show(open_settings()))
        register("try_again", context.desk.log.try_again, lambda: context.desk.log.refused > 0)
        register("dial", lambda: self.show(DialSheet(context, self._window())), lambda: not talking())
        register("keypad", lambda: self.show(KeypadSheet(context, self._window())), talking)
        register("transfer", self.transfer, talking)
        register("three_way", self.three_way, talking)
        register("presence", lambda: self._menu(presence_menu(context, view), view.head.presence))
        register("emergency", self._emergency, talking)

    def _window(self) -> QWidget:
        return self._view.window()

    def show(self, sheet: Sheet) -> None:
        """Open a dialog in place of the one that is open."""
        if self.sheet is not None:
            self.sheet.reject()
        self.adopt(sheet)
        sheet.open()

    def adopt(self, sheet: Sheet) -> None:
        """This dialog is the open one, though another look of the window may have opened it."""
        self.sheet = sheet
        sheet.finished.connect(lambda _: self._forget(sheet))

    def _forget(self, sheet: Sheet) -> None:
        if self.sheet is sheet:
            self.sheet = None

    def _menu(self, menu: QMenu, under: QWidget) -> None:
        open_under(menu, under)

    def _emergency(self) -> None:
        bar = self._view.call_bar
        self._menu(emergency_menu(self._context, self._view), bar.emergency if bar.emergency.isVisible() else bar)

    def _conferring(self) -> bool:
        running = self._context.desk.calls.running
        call = self._context.desk.calls.call(running) if running else None
        return call is not None and bool(call.conference)

    def transfer(self) -> None:
        """In a consultation connect the two; else ask to whom."""
        if self._view.call_actions.consulting():
            colleague, note = self._context.memory.consulted
            self._context.tasks.start(self._context.desk.calls.complete_transfer(note, colleague))
            return
        self._ask(three_way=False)

    def three_way(self) -> None:
        """Start, join or end a three-way call, whichever comes next."""
        calls = self._context.desk.calls
        if self._conferring():
            self._context.tasks.start(calls.end_conference())
        elif self._view.call_actions.consulting():
            self._context.tasks.start(calls.join_consultation())
        else:
            self._ask(three_way=True)

    def _ask(self, *, three_way: bool) -> None:
        sheet = TransferSheet(self._context, self._window(), three_way=three_way)
        sheet.consulting.connect(self._remember)
        self.show(sheet)

    def _remember(self, colleague: str, note: str) -> None:
        self._context.memory.consulted = (colleague, note)


def connect_buttons(view: DeskView, context: Context) -> None:
    """The call bar's buttons do what their keys do."""
    bar = view.call_bar
    for button, action in (
        (bar.hold, "hold"),
        (bar.mute, "mute"),
        (bar.complete, "transfer"),
        (bar.join, "three_way"),
        (bar.back, "back_to_citizen"),
        (bar.transfer, "transfer"),
        (bar.three_way, "three_way"),
        (bar.keypad, "keypad"),
        (bar.emergency, "emergency"),
        (bar.hang_up, "hang_up"),
    ):
        button.clicked.connect(lambda _=False, action=action: context.actions.trigger(action))
