"""The two menus: the agent's own state, and the emergency numbers."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from client.services.presence import Presence
from ui.context import Context
from ui.language import tr
from ui.shortcuts import Scope
from ui.wording import presence_text


def make_menu(parent: QWidget, name: str) -> QMenu:
    """An empty menu with round corners that dies when closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    menu.setWindowFlags(menu.windowFlags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint)
    menu.setAccessibleName(name)
    return menu


def presence_menu(context: Context, parent: QWidget) -> QMenu:
    """One state is chosen; arrows and Enter, or its first digit."""
    menu = make_menu(parent, tr("My state"))
    group = QActionGroup(menu)
    for number, state in enumerate(Presence, start=1):
        chosen = state is context.desk.presence.state
        text = presence_text(state.value)
        action = QAction(f"&{number}  {text}{'   ✓' if chosen else ''}", group)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(lambda _=False, state=state: context.desk.presence.set(state))
        menu.addAction(action)
    menu.addSeparator()
    for id_, text in (("settings", tr("Settings")), ("help", tr("Keys and help"))):
        menu.addAction(text).triggered.connect(lambda _=False, id_=id_: context.actions.trigger(id_))
    context.actions.install(menu, Scope.CALL, Scope.EVERYWHERE)
    return menu


def emergency_text(number: str) -> str:
    """An emergency number with what it is for."""
    names = {"119": tr("Fire and ambulance"), "112": tr("Police"), "109": tr("Suicide prevention")}
    return f"{number}  {names[number]}" if number in names else number


def emergency_menu(context: Context, parent: QWidget) -> QMenu:
    """The numbers of the settings. The citizen stays on the line."""
    menu = make_menu(parent, tr("Emergency hand-over"))
    head = menu.addAction(tr("The citizen stays on the line"))
    head.setEnabled(False)
    for at, number in enumerate(context.desk.policy.emergency, start=1):
        action = menu.addAction(f"&{at}  {emergency_text(number)}")
        action.triggered.connect(
            lambda _=False, number=number: context.tasks.start(context.desk.calls.emergency(number))
        )
    context.actions.install(menu, Scope.CALL)
    return menu


def open_under(menu: QMenu, widget: QWidget) -> None:
    """Show a menu under a widget, without a loop of its own."""
    menu.popup(widget.mapToGlobal(QPoint(0, widget.height() + 4)))
