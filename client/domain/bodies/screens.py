"""Screens, the page that shows them, and consent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from client.domain.bodies.body import Body
from client.domain.codec import BadInput
from client.domain.screen import Screen
from client.domain.words import Audience, Party, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPushed(Body):
    """The agent pushed a screen. `push` names this push in what follows."""

    type: ClassVar[str] = "screen.pushed"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    push: str
    screen: Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenDelivered(Body):
    """The citizen's page has the screen."""

    type: ClassVar[str] = "screen.delivered"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOpened(Body):
    """The page showed the screen while visible (시민 열람): said by the page's script, never by a preview robot."""

    type: ClassVar[str] = "screen.opened"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenAnswered(Body):
    """The citizen answered; for the shape of `answers` see `client.domain.screen.check_answers`."""

    type: ClassVar[str] = "screen.answered"
    retention: ClassVar[Retention] = Retention.CONTENT
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str
    answers: dict[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenWithdrawn(Body):
    """The screen is no longer offered: by the agent, or closed by the citizen."""

    type: ClassVar[str] = "screen.withdrawn"
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    push: str
    party: Party = Party.AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued(Body):
    """A citizen link was made; the token itself is never in the log."""

    type: ClassVar[str] = "link.issued"
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntered(Body):
    """The citizen's page exchanged its token for a cookie: a person's browser, not a robot."""

    type: ClassVar[str] = "page.entered"
    audience: ClassVar[Audience] = Audience.CITIZEN
    language: str = "ko"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRefused(Body):
    """Another browser opened the link while the citizen's was on the page, and was not let in."""

    type: ClassVar[str] = "page.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswered(Body):
    """The citizen's decision for one purpose: `share_screen`, `keep_captions`, `relay_voice` (an office may hear their
    microphone), `snapshot` (a still picture), `form:<push>`.

    `version` is that of the text which was shown, `language` its language. Withdrawing is `given=False`.
    """

    type: ClassVar[str] = "consent.answered"
    retention: ClassVar[Retention] = Retention.RECORD
    audience: ClassVar[Audience] = Audience.CITIZEN
    from_citizen: ClassVar[bool] = True
    purpose: str
    given: bool
    version: str
    language: str = "ko"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"share_screen|keep_captions|relay_voice|snapshot|form:[0-9a-f-]{36}", self.purpose):
            raise BadInput("purpose", "must be share_screen, keep_captions, relay_voice, snapshot or form:<push>")
