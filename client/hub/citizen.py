"""What the citizen's page can do with its one session. The rules are checked in the transaction that stores."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from client.domain.citizen_view import SHARE_SCREEN, CitizenView, Push, signal_shows
from client.domain.codec import BadInput, encode
from client.domain.event import (
    Body,
    ConsentAnswered,
    Event,
    MessageRead,
    MessageSent,
    PageEntered,
    PageRefused,
    ScreenAnswered,
    ScreenDelivered,
    ScreenOpened,
    ScreenPushed,
    ScreenWithdrawn,
    ThreadEnded,
    new_event,
)
from client.domain.screen import MAX_ANSWER, ScreenKind, check_answers
from client.domain.session_log import Appended, Draft, LogRefused, SessionView, Twin
from client.domain.signal import (
    LiveText,
    MediaState,
    Mirror,
    PageState,
    Signal,
    SignalBody,
    Typing,
    VideoOffer,
    signal_to_json,
)
from client.domain.words import Channel, Party
from client.hub import intake
from client.hub.citizen_streams import citizen_data
from client.hub.core import Hub
from client.hub.kept_files import with_kept_files
from client.hub.links import Link
from client.hub.pages import is_consent_version

MAX_EVENTS = 50  # of one POST
MIRROR_S = 5.0  # that a page may be away and what it showed is still kept
MAX_FIELDS = 100  # of one mirror
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")

_SCREEN_TYPES = (
    ScreenPushed.type,
    ScreenDelivered.type,
    ScreenOpened.type,
    ScreenAnswered.type,
    ScreenWithdrawn.type,
    ConsentAnswered.type,
)


class CitizenPage:
    """One request of the page behind `link`."""

    def __init__(self, hub: Hub, link: Link) -> None:
        self.hub = hub
        self.link = link
        self.session = link.session
        self.actor = f"citizen:{link.id}"

    async def enter(self, language: str) -> Appended:
        """A person opened the page."""
        if not LANGUAGE.fullmatch(language):
            raise BadInput("language", "must be a language tag (BCP 47)")
        return await self._say(PageEntered(language=language))

    async def refuse(self) -> None:
        """Another browser is on the page already: the agent is told, but not at every knock."""
        if self.hub.links.refusal_is_news(self.link):
            await self._say(PageRefused())

    async def _say(self, body: Body) -> Appended:
        draft = intake.one_draft(self.hub, new_event(self.session, body, at=self.hub.now()), self.actor)
        return await self.hub.log.append(self.session, lambda _view: [draft])

    async def state(self) -> dict[str, Any]:
        """All that the page shows."""
        view, events = await self.hub.citizens.load(self.session)
        await self.keep_alive(view)
        entered = [taken.event.body for taken in events if isinstance(taken.event.body, PageEntered)]
        return {
            "session": self.session,
            "language": entered[-1].language if entered else "ko",
            "centre": self.hub.settings.centre_name,
            "time": self.hub.stamp(),
            "closed": view.closed,
            "call": view.call,
            "last_seq": view.last_seq,
            "events": [citizen_data(taken.event) for taken in events],
            "signals": [signal_to_json(s) for s in self.hub.signals.of(self.session) if signal_shows(s)],
            "consents": view.consents,
            "screen": _screen(view.newest),
        }

    async def keep_alive(self, view: CitizenView) -> None:
        """A form that is being filled in does not run out."""
        if view.form_open:
            await self.hub.links.renew(self.link)

    async def post(self, batch: Sequence[Mapping[str, Any]], size: int) -> Appended:
        """Store the citizen's events, all or none."""
        if len(batch) > MAX_EVENTS:
            raise BadInput("events", f"must be at most {MAX_EVENTS}")
        self.hub.citizen_posts.take(self.link.id, len(batch))
        said = intake.parse_events([{"session": self.session, **data} for data in batch], self.session)
        events = [_as_citizen(event, f"events.{n}") for n, event in enumerate(said)]
        events = [await self._in_its_language(event) for event in await with_kept_files(self.hub.attachments, events)]
        drafts = await intake.drafts(self.hub, events, self.actor, size)
        done = await self.hub.log.append(self.session, lambda view: list(_decide(view, drafts, events)))
        await self.keep_alive(await self.hub.citizens.view(self.session))
        return done

    async def _in_its_language(self, event: Event) -> Event:
        """What the citizen wrote says in which language, where that can be told; else it is the page's."""
        if not isinstance(event.body, MessageSent):
            return event
        found = await self.hub.languages.of(event.body.text)
        return replace(event, body=replace(event.body, language=found)) if found else event

    async def language(self) -> str:
        """The language in which the page was entered."""
        _view, events = await self.hub.citizens.load(self.session)
        entered = [taken.event.body for taken in events if isinstance(taken.event.body, PageEntered)]
        return entered[-1].language if entered else "ko"

    async def signal(self, batch: Sequence[Mapping[str, Any]]) -> None:
        """Pass the citizen's signals on; the mirror only under consent."""
        self.hub.citizen_signals.take(self.link.id, len(batch))
        signals = intake.parse_signals([{"session": self.session, **data} for data in batch], self.session)
        view = await self.hub.citizens.view(self.session)
        ready = [_citizens_signal(signal.body, view, f"signals.{n}") for n, signal in enumerate(signals)]
        for key, body in ready:
            self.hub.signal(Signal(session=self.session, key=key, body=self.hub.masker.signal(body)))

    def page_state(self, state: str) -> None:
        """Tell the agent that the page is there, or gone."""
        if self.hub.rooms.get(self.session) is not None:
            self.hub.signal(Signal(session=self.session, key=PageState.kind, body=PageState(state=state)))

    def forget_mirror(self) -> None:
        """The page is gone: unless it soon comes back, what it showed is kept no longer, nor shown to the agent."""
        asyncio.get_running_loop().call_later(MIRROR_S, self._drop_mirror)

    def _drop_mirror(self) -> None:
        facts = self.hub.rooms.get(self.session)
        if facts is None or any(reader.session == self.session for reader in self.hub.citizens.readers()):
            return
        dropped = self.hub.signals.end(self.session, Mirror.kind)
        if dropped is not None and isinstance(dropped.body, Mirror):
            empty = replace(dropped, body=Mirror(push=dropped.body.push, values={}))
            self.hub.desks.signal(facts, empty)


def _screen(push: Push | None) -> dict[str, Any] | None:
    if push is None:
        return None
    return {
        "push": push.push,
        "screen": encode(push.screen),
        "delivered": push.delivered,
        "opened": push.opened,
        "answers": None if push.answers is None else encode(push.answers),
    }


def _as_citizen(event: Event, path: str) -> Event:
    """The event as the citizen's: party, audience and leg are not the page's to choose."""
    body = event.body
    if not body.from_citizen:
        raise BadInput(f"{path}.type", "is not a citizen's to say")
    if isinstance(body, MessageSent):
        body = replace(body, via=None, subject="", sender="", buttons=())
    if isinstance(body, MessageSent | MessageRead | ScreenWithdrawn):
        body = replace(body, party=Party.CITIZEN)
    return replace(event, body=body, audience=body.audience, leg=None, media_ms=None)


def _decide(view: SessionView, drafts: Sequence[Draft], said: Sequence[Event]) -> Sequence[Draft | Twin]:
    before = view.having(*_SCREEN_TYPES, ThreadEnded.type)
    over = _chat_is_over(view, before)
    state = CitizenView()
    for event in before:
        state.fold(event)
    decided: list[Draft | Twin] = []
    for n, (draft, event) in enumerate(zip(drafts, said, strict=True)):
        twin = None
        if view.get(event.id) is None:
            twin = _twin(event.body, before)
            if twin is None:
                if over and isinstance(event.body, MessageSent):
                    raise LogRefused(409, "chat-over", "the chat has ended, nobody would read this")
                _check(event.body, state, f"events.{n}.body")
        decided.append(draft if twin is None else Twin(id=event.id, of=twin))
        state.fold(event)
    return decided


def _chat_is_over(view: SessionView, before: Sequence[Event]) -> bool:
    """True where the page is all that joins the citizen with the centre, and the talk has ended."""
    if view.facts.channel is not Channel.CHAT:
        return False
    return view.facts.closed is not None or any(isinstance(event.body, ThreadEnded) for event in before)


def _twin(body: Body, before: Sequence[Event]) -> Event | None:
    """The event that has said the same of the same screen."""
    if not isinstance(body, ScreenDelivered | ScreenOpened | ScreenWithdrawn):
        return None
    return next((e for e in before if type(e.body) is type(body) and getattr(e.body, "push", "") == body.push), None)


def _check(body: Body, state: CitizenView, path: str) -> None:
    if isinstance(body, ConsentAnswered):
        _check_consent(body, state, path)
    if isinstance(body, ScreenDelivered | ScreenOpened | ScreenWithdrawn):
        _pushed(state, body.push)
    if isinstance(body, ScreenAnswered):
        _check_answered(body, state, path)


def _check_consent(body: ConsentAnswered, state: CitizenView, path: str) -> None:
    if not is_consent_version(body.version):
        raise BadInput(f"{path}.version", "is no version of the wording of consent")
    if body.purpose.startswith("form:"):
        _pushed(state, body.purpose.removeprefix("form:"))


def _check_answered(body: ScreenAnswered, state: CitizenView, path: str) -> None:
    push = _pushed(state, body.push)
    if push.withdrawn:
        raise LogRefused(409, "withdrawn", "this screen is no longer offered")
    if push.answers is not None:
        raise LogRefused(409, "already-answered", "this screen has been answered")
    if push.screen.kind is ScreenKind.FORM and not state.consents.get(f"form:{body.push}"):
        raise LogRefused(403, "no-consent", "a form's answers are taken only after consent")
    try:
        check_answers(push.screen, body.answers)
    except BadInput as error:
        raise BadInput(f"{path}.{error.path}", error.why) from error


def _pushed(state: CitizenView, push: str) -> Push:
    if push not in state.pushes:
        raise LogRefused(404, "unknown-push", "no such screen was pushed")
    return state.pushes[push]


def _citizens_signal(body: SignalBody, view: CitizenView, path: str) -> tuple[str, SignalBody]:
    match body:
        case Mirror():
            _check_mirror(body, view, path)
            return Mirror.kind, body
        case Typing():
            return f"{Typing.kind}:{Party.CITIZEN}", replace(body, party=Party.CITIZEN)
        case VideoOffer():
            return VideoOffer.kind, body
        case MediaState() | LiveText():
            return f"{body.kind}:{Party.CITIZEN}", replace(body, party=Party.CITIZEN)
        case PageState(state="open" | "hidden"):
            return PageState.kind, body
        case PageState():
            raise BadInput(f"{path}.body.state", "must be open or hidden")
    raise BadInput(f"{path}.kind", "is not a citizen's to say")


def _check_mirror(body: Mirror, view: CitizenView, path: str) -> None:
    if not view.consents.get(SHARE_SCREEN):
        raise LogRefused(403, "no-consent", "the screen is shared only after consent")
    _pushed(view, body.push)
    if len(body.values) > MAX_FIELDS or any(len(value) > MAX_ANSWER for value in body.values.values()):
        raise BadInput(f"{path}.body.values", f"must be at most {MAX_FIELDS} of at most {MAX_ANSWER} characters")
