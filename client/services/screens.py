"""Visible ARS from the agent's side: the catalogue, what was pushed, what the citizen sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from client.domain import event as e
from client.domain.ids import new_id
from client.domain.screen import Screen
from client.domain.signal import Guide, Mirror, PageState, Signal
from client.domain.timeline import ScreenLine, ScreenState
from client.ports.hub import Hub
from client.services.asking import ask_hub
from client.services.errors import NotPossible
from client.services.log import EventLog
from client.services.sessions import SessionBook
from client.services.signals import SignalSender

Catalogue = Callable[[str], tuple[Screen, ...]]
"""All screens in a language, or in the nearest one that a screen has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorView:
    """What the citizen sees. `page` is none, open, hidden or gone; `values` and `focus` are empty unless `sharing`."""

    push: str
    screen: Screen | None
    values: dict[str, str]
    focus: str
    sharing: bool
    page: str
    link: str


class ScreenService:
    """Pushes screens and reads the mirror."""

    def __init__(
        self, catalogue: Catalogue, hub: Hub, log: EventLog, sessions: SessionBook, signals: SignalSender
    ) -> None:
        self._catalogue = catalogue
        self._hub = hub
        self._log = log
        self._sessions = sessions
        self._signals = signals
        self._links: dict[str, str] = {}

    def find(self, text: str, language: str = "ko") -> tuple[Screen, ...]:
        """Screens of the catalogue whose title, lead or content has every word of `text`, title matches first."""
        words = text.casefold().split()
        found = []
        for screen in self._catalogue(language):
            title = screen.title.casefold()
            all_of_it = " ".join([title, screen.name, screen.lead, screen.body, *(item.text for item in screen.items)])
            if all(word in all_of_it.casefold() for word in words):
                found.append((not all(word in title for word in words), screen))
        return tuple(screen for _, screen in sorted(found, key=lambda pair: pair[0]))

    def push(self, session: str, screen: Screen) -> str:
        """Show a screen to the citizen; the push's id. It waits for the page if that is not open yet."""
        if not self._sessions.may_write(session):
            raise NotPossible("not_yours")
        push = new_id()
        self._log.say(session, e.ScreenPushed(push=push, screen=screen))
        return push

    def withdraw(self, session: str, push: str) -> None:
        """No longer offer a screen."""
        self._log.say(session, e.ScreenWithdrawn(push=push))

    def guide(self, session: str, push: str, item: str) -> None:
        """Point at an item or field on the citizen's page."""
        self._signals.send(Signal(session=session, key="guide", body=Guide(push=push, focus=item)))

    async def link(self, session: str) -> str:
        """The citizen's address."""
        if session not in self._links:
            self._links[session] = await ask_hub(self._hub.link(await self._log.settled(session)))
        return self._links[session]

    async def renew_link(self, session: str) -> str:
        """A new address for the citizen: the one before opens nothing any more, whoever has it."""
        self._links[session] = await ask_hub(self._hub.renew_link(await self._log.settled(session)))
        return self._links[session]

    def pushes(self, session: str) -> tuple[ScreenLine, ...]:
        """Everything pushed in this session, oldest first."""
        return tuple(line for line in self._sessions.timeline(session).lines if isinstance(line, ScreenLine))

    def mirror(self, session: str) -> MirrorView:
        """What the citizen sees now."""
        view = self._sessions.get(session)
        shown = [line for line in self.pushes(session) if line.state is not ScreenState.WITHDRAWN]
        mirror = self._sessions.signal(session, "mirror")
        page = self._sessions.signal(session, "page")
        state = page.state if isinstance(page, PageState) else ("open" if view.page_entered else "none")
        current = shown[-1] if shown else None
        values: dict[str, str] = {}
        focus = ""
        if view.sharing and isinstance(mirror, Mirror):
            current = next((line for line in shown if line.push == mirror.push), current)
            values, focus = mirror.values, mirror.focus
        return MirrorView(
            push=current.push if current else "",
            screen=current.screen if current else None,
            values=values if current else {},
            focus=focus,
            sharing=view.sharing,
            page=state,
            link=self._links.get(session, ""),
        )
