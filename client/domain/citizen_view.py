"""What a citizen may see of a session, and what follows from it: the fold behind the citizen's page.

A caption follows the ear: words of another party are the citizen's only if the citizen could hear them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from client.domain.event import (
    CallAnswered,
    CallEnded,
    CallHeld,
    CallOffered,
    CallResumed,
    Caption,
    CaptionCorrected,
    ConsentAnswered,
    Emptied,
    Event,
    EventsErased,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    ScreenPushed,
    ScreenWithdrawn,
    SessionClosed,
)
from client.domain.screen import Answers, Screen, ScreenKind
from client.domain.signal import (
    Guide,
    LiveText,
    MediaState,
    PartialCaption,
    QueuePlace,
    Signal,
    Typing,
    VideoAnswer,
    VideoWish,
)
from client.domain.words import Audience, Party

HEARD = frozenset({Party.AGENT, Party.COLLEAGUE, Party.INTERPRETER, Party.OFFICE})
"""Parties whose words the citizen's page shows when the citizen hears them."""

SHARE_SCREEN = "share_screen"
KEEP_CAPTIONS = "keep_captions"


@dataclass(slots=True)
class Push:
    """One pushed screen and how far it got."""

    push: str
    screen: Screen
    delivered: bool = False
    opened: bool = False
    withdrawn: bool = False
    answers: Answers | None = None

    @property
    def awaits_form(self) -> bool:
        """True while a form is open: its link must not run out under the citizen's hands."""
        return self.screen.kind is ScreenKind.FORM and self.answers is None and not self.withdrawn


@dataclass(slots=True)
class CitizenView:
    """The citizen's side of one session, told event by event.

    `call` is `none`, `ringing`, `active`, `held` or `ended`; `last_seq` the last that the citizen may see;
    `consents` purpose → the last answer.
    """

    call: str = "none"
    closed: bool = False
    last_seq: int = 0
    consents: dict[str, bool] = field(default_factory=dict)
    pushes: dict[str, Push] = field(default_factory=dict)
    captions: set[str] = field(default_factory=set)
    seen_seq: int = 0

    def take(self, event: Event) -> bool:
        """Fold one event in; True if the citizen may see it. One that is known already changes nothing."""
        visible = self.shows(event)
        if (event.seq or 0) <= self.seen_seq:
            return visible
        self.seen_seq = event.seq or 0
        self.fold(event)
        if visible:
            self.last_seq = self.seen_seq
        return visible

    def shows(self, event: Event) -> bool:
        """True if the citizen may see this event."""
        body = event.body
        if isinstance(body, Caption):
            visible = body.party in HEARD and Party.CITIZEN in body.heard_by
            if visible:
                self.captions.add(event.id)
            return visible
        if isinstance(body, CaptionCorrected):
            return body.caption in self.captions
        if isinstance(body, Emptied):
            return event.audience is Audience.CITIZEN or event.id in self.captions
        return isinstance(body, EventsErased) or event.audience is Audience.CITIZEN

    def fold(self, event: Event) -> None:
        """What follows from one event, whether it is numbered yet or not."""
        match event.body:
            case CallOffered():
                self.call = "ringing"
            case CallAnswered() | CallResumed():
                self.call = "active"
            case CallHeld():
                self.call = "held"
            case CallEnded():
                self.call = "ended"
            case SessionClosed():
                self.closed = True
            case ConsentAnswered(purpose=purpose, given=given):
                self.consents[purpose] = given
            case ScreenPushed(push=push, screen=screen):
                self.pushes[push] = Push(push=push, screen=screen)
            case (
                ScreenDelivered(push=push)
                | ScreenOpened(push=push)
                | ScreenWithdrawn(push=push)
                | ScreenAnswered(push=push)
            ) if push in self.pushes:
                self._fold_push(self.pushes[push], event)

    def _fold_push(self, push: Push, event: Event) -> None:
        match event.body:
            case ScreenDelivered():
                push.delivered = True
            case ScreenOpened():
                push.opened = True
            case ScreenWithdrawn():
                push.withdrawn = True
            case ScreenAnswered(answers=answers):
                push.answers = answers

    @property
    def newest(self) -> Push | None:
        """The screen to show: the newest push that was not withdrawn."""
        return next((push for push in reversed(self.pushes.values()) if not push.withdrawn), None)

    @property
    def form_open(self) -> bool:
        """True while any pushed form waits for its answers."""
        return any(push.awaits_form for push in self.pushes.values())


def view_of(events: Iterable[Event]) -> CitizenView:
    """The view after these events, by seq."""
    view = CitizenView()
    for event in events:
        view.take(event)
    return view


def signal_shows(signal: Signal) -> bool:
    """True for a signal that is the citizen's to see."""
    match signal.body:
        case PartialCaption(party=party, heard_by=heard_by):
            return party in HEARD and Party.CITIZEN in heard_by
        case Typing(party=party) | MediaState(party=party) | LiveText(party=party):
            return party is Party.AGENT
        case Guide() | QueuePlace() | VideoWish() | VideoAnswer():
            return True
    return False
