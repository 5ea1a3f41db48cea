"""Where the agent is in the view, carried over when the view is made anew for another look, language or keys."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.desk_view import DeskView
from ui.timeline_view import Place
from ui.trouble_bar import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """The widget with the keyboard (its class, and which of them), the open panel, what is searched and read."""

    keyboard: tuple[type[QWidget], int] | None
    tab: int
    screen_search: str
    code_search: str
    note: bool
    place: Place | None
    troubles: tuple[Told, ...]


def state_of(view: DeskView) -> ViewState:
    """The state of a view."""
    return ViewState(
        keyboard=_keyboard(view),
        tab=view.panel.tabs.currentIndex(),
        screen_search=view.panel.screens.search.text(),
        code_search=view.panel.wrapup.search.text(),
        note=view.page.composer.note.isVisible(),
        place=view.page.timeline.place(),
        troubles=view.troubles.shown(),
    )


def restore(view: DeskView, state: ViewState) -> None:
    """Bring a fresh view into a state."""
    view.troubles.show_again(state.troubles)
    view.panel.tabs.setCurrentIndex(state.tab)
    view.panel.screens.search.setText(state.screen_search)
    view.panel.wrapup.search.setText(state.code_search)
    if state.note:
        view.page.composer.show_note()
    if state.place is not None:
        view.page.timeline.go_to(state.place)
    _give_keyboard(view, state.keyboard)


def _keyboard(view: DeskView) -> tuple[type[QWidget], int] | None:
    here = view.window().focusWidget()
    if here is None or not view.isAncestorOf(here):
        return None
    return type(here), view.findChildren(type(here)).index(here)


def _give_keyboard(view: DeskView, keyboard: tuple[type[QWidget], int] | None) -> None:
    """To the same widget; else to the timeline, where a letter that is typed opens nothing."""
    kind, at = keyboard or (QWidget, -1)
    peers = view.findChildren(kind)
    there = peers[at] if 0 <= at < len(peers) else None
    if there is None or not there.isVisibleTo(view) or not there.isEnabled():
        there = view.page.timeline if view.page.isVisibleTo(view) else view.sessions
    there.setFocus()
