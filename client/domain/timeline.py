"""The timeline of one session: lines read off its events, and the running captions of its signals.

Lines sort by `at`; a caption keeps the place where its utterance began, so its final replaces its partial in place.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from client.domain import event as e
from client.domain.attachment import Attachment
from client.domain.event import Event
from client.domain.screen import Screen
from client.domain.signal import PartialCaption
from client.domain.words import Channel, Party

UNCERTAIN = 0.5  # confidence under which a word is shown as uncertain


class Change(StrEnum):
    """What happened to a line."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `id` is stable (an event's id, an utterance, a push); `at` RFC 3339; `refused` — why the hub did not take
    what it says, which is kept here; `session` — of a message, whose log it stands in (a merged one's is another's).
    """

    id: str
    at: str
    refused: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionLine(Line):
    """What a party said. While `final` is false `stable` no longer changes and `provisional` may.

    `event` — the caption's event id once final; `corrected` — the agent's reading, shown in its place.
    """

    party: Party
    leg: str
    stable: str
    provisional: str = ""
    words: tuple[e.Word, ...] = ()
    final: bool = False
    rough: bool = False
    corrected: str = ""
    event: str = ""
    language: str = "ko"
    start_ms: int = 0
    heard_by: tuple[Party, ...] = ()

    @property
    def text(self) -> str:
        """All that is shown of it."""
        return self.corrected or f"{self.stable}{self.provisional}".strip()

    def uncertain(self) -> tuple[tuple[int, int], ...]:
        """(start, end) characters of `stable` under low-confidence words; none once corrected."""
        if self.corrected:
            return ()
        spans, at = [], 0
        for word in self.words:
            start = self.stable.find(word.text, at)
            if start < 0:
                continue
            at = start + len(word.text)
            if word.confidence < UNCERTAIN:
                spans.append((start, at))
        return tuple(spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine(Line):
    """Typed words. `stored` once the hub has them; `via` — the channel by which they came or go, None: the citizen's page.

    `delivery` — how far they came outside and `reason`, why they did not come further; `read` — the citizen saw them;
    `left` — the agent has decided to leave it so.
    """

    party: Party
    text: str
    stored: bool = False
    via: Channel | None = None
    subject: str = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[e.LinkButton, ...] = ()
    delivery: e.DeliveryState | None = None
    reason: str = ""
    read: bool = False
    left: bool = False
    withdrawn: bool = False

    @property
    def open_question(self) -> bool:
        """True where a person must say whether it is sent again."""
        return self.delivery in (e.DeliveryState.FAILED, e.DeliveryState.UNCERTAIN) and not self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine(Line):
    """An internal note."""

    text: str


class ScreenState(StrEnum):
    """How far a pushed screen came; in this order."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLine(Line):
    """A pushed screen, how far it came and what was answered."""

    push: str
    screen: Screen
    state: ScreenState = ScreenState.SENT
    answers: dict[str, str | tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine(Line):
    """Something that happened; the interface words it by the body's class."""

    body: e.Body


SHOWN_FACTS = (
    e.CallOffered,
    e.CallAnswered,
    e.CallHeld,
    e.CallResumed,
    e.TonesReceived,
    e.TonesSent,
    e.CallTransferred,
    e.ConferenceStarted,
    e.ConferenceEnded,
    e.RelayMarked,
    e.CallEnded,
    e.PictureShown,
    e.VideoInterrupted,
    e.VideoRestored,
    e.MarkSet,
    e.SnapshotTaken,
    e.RelayStarted,
    e.RelayAgreed,
    e.RelayEnded,
    e.VideomailLeft,
    e.CaptionGap,
    e.PageEntered,
    e.PageRefused,
    e.ConsentAnswered,
    e.SessionTransferred,
    e.SessionMerged,
    e.BotHandedOver,
    e.ComplaintFiled,
    e.ComplaintRouted,
    e.ComplaintStatus,
    e.ThreadEnded,
    e.CitizenConfirmed,
    e.SessionReleased,
    e.WrapUpSaved,
    e.EngineFailed,
    e.SessionClosed,
)

Listener = Callable[[Change, int], None]


class Timeline:
    """The ordered lines. `on_change(change, index)` is called after each one.

    Attributes: `lines` — the present lines, oldest first.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._listeners: list[Listener] = []
        self._done: set[str] = set()
        self._known: set[str] = set()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; the returned function ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def find(self, id_: str) -> Line | None:
        """The line with this id."""
        index = self._index(id_)
        return None if index is None else self.lines[index]

    def apply(self, event: Event) -> None:
        """Take one event; the same event again changes at most what the hub added to it."""
        body = event.body
        if isinstance(body, e.Caption):
            self._caption(event, body)
        elif isinstance(body, e.CaptionCorrected):
            self._correct(body)
        elif isinstance(body, e.ScreenDelivered | e.ScreenOpened | e.ScreenAnswered | e.ScreenWithdrawn):
            self._screen(body)
        elif isinstance(body, e.MessageDelivery | e.MessageWithdrawn | e.MessageRead):
            self._message(body)
        elif isinstance(body, e.EventsErased):
            self._erase(body.events)
        elif isinstance(body, e.Emptied):
            self._erase((event.id,))
        else:
            self._apply_line(event)

    def _apply_line(self, event: Event) -> None:
        body = event.body
        if isinstance(body, e.MessageSent):
            stored = event.seq is not None
            self._put(_message_line(event, body, stored=stored))
        elif isinstance(body, e.NoteWritten):
            self._put(NoteLine(id=event.id, at=event.at, text=body.text))
        elif isinstance(body, e.ScreenPushed):
            if self.find(body.push) is None:
                self._put(ScreenLine(id=body.push, at=event.at, push=body.push, screen=body.screen))
        elif isinstance(body, SHOWN_FACTS):
            self._put(FactLine(id=event.id, at=event.at, body=body))

    def message(self, id_: str) -> MessageLine | None:
        """The typed words with this event id."""
        line = self.find(id_)
        return line if isinstance(line, MessageLine) else None

    def mark_stored(self, id_: str) -> None:
        """The hub has this message."""
        line = self.find(id_)
        if isinstance(line, MessageLine):
            self._put(replace(line, stored=True))

    def mark_refused(self, event: Event, why: str) -> None:
        """The hub did not take this event; an empty `why`: it is tried again."""
        body = event.body
        named = body.push if isinstance(body, e.ScreenPushed) else getattr(body, "utterance", event.id)
        line = self.find(named)
        if line is not None:
            self._put(replace(line, refused=why))

    def partial(self, at: str, partial: PartialCaption) -> None:
        """Take the running text of a leg; `at` is when its utterance began."""
        if partial.utterance in self._done:
            return
        if not partial.stable and not partial.provisional:
            self._remove(partial.utterance)
            return
        old = self.find(partial.utterance)
        self._put(
            CaptionLine(
                id=partial.utterance,
                at=old.at if old else at,
                party=partial.party,
                leg=partial.leg,
                stable=partial.stable,
                provisional=partial.provisional,
                rough=partial.rough,
                language=partial.language,
                start_ms=partial.start_ms,
                heard_by=partial.heard_by,
            )
        )

    def adopt(self, line: Line) -> None:
        """Take a line of another timeline that this one replaces."""
        self._put(line)

    def drop_partials(self, leg: str) -> None:
        """Forget the running text of a leg whose recognition died: it will be said again."""
        for line in [x for x in self.lines if isinstance(x, CaptionLine) and x.leg == leg and not x.final]:
            self._remove(line.id)

    def _caption(self, event: Event, body: e.Caption) -> None:
        self._done.add(body.utterance)
        old = self.find(body.utterance)
        corrected = old.corrected if isinstance(old, CaptionLine) else ""
        self._put(
            CaptionLine(
                id=body.utterance,
                at=old.at if old else event.at,
                party=body.party,
                leg=event.leg or "",
                stable=body.text,
                words=body.words,
                final=True,
                rough=body.rough,
                corrected=corrected,
                event=event.id,
                language=body.language,
                start_ms=body.start_ms,
                heard_by=body.heard_by,
            )
        )

    def _correct(self, body: e.CaptionCorrected) -> None:
        for line in self.lines:
            if isinstance(line, CaptionLine) and line.event == body.caption:
                self._put(replace(line, corrected=body.text))
                return

    def _message(self, body: e.MessageDelivery | e.MessageWithdrawn | e.MessageRead) -> None:
        line = self.find(body.message)
        if not isinstance(line, MessageLine):
            return
        if isinstance(body, e.MessageDelivery):
            left = body.state is e.DeliveryState.FAILED and body.reason == e.LEFT
            reason = line.reason if left else body.reason
            self._put(replace(line, delivery=body.state, reason=reason, left=left))
        elif isinstance(body, e.MessageWithdrawn):
            self._put(replace(line, withdrawn=True))
        elif body.party is Party.CITIZEN:
            self._read_up_to(line)

    def _read_up_to(self, last: MessageLine) -> None:
        for line in reversed(self.lines[: (self._index(last.id) or 0) + 1]):
            if isinstance(line, MessageLine) and line.party is Party.AGENT:
                if line.read:
                    return
                self._put(replace(line, read=True))

    def _screen(self, body: e.ScreenDelivered | e.ScreenOpened | e.ScreenAnswered | e.ScreenWithdrawn) -> None:
        line = self.find(body.push)
        if not isinstance(line, ScreenLine):
            return
        order = list(ScreenState)
        state = {
            e.ScreenDelivered: ScreenState.DELIVERED,
            e.ScreenOpened: ScreenState.OPENED,
            e.ScreenAnswered: ScreenState.ANSWERED,
            e.ScreenWithdrawn: ScreenState.WITHDRAWN,
        }[type(body)]
        if order.index(state) >= order.index(line.state):
            answers = body.answers if isinstance(body, e.ScreenAnswered) else line.answers
            self._put(replace(line, state=state, answers=answers))

    def _erase(self, ids: Sequence[str]) -> None:
        for line in [x for x in self.lines if x.id in ids or (isinstance(x, CaptionLine) and x.event in ids)]:
            self._remove(line.id)

    def _put(self, line: Line) -> None:
        index = self._index(line.id)
        if index is not None:
            if self.lines[index] != line:
                self.lines[index] = line
                self._tell(Change.CHANGED, index)
            return
        index = bisect.bisect_right(self.lines, line.at, key=lambda x: x.at)
        self.lines.insert(index, line)
        self._known.add(line.id)
        self._tell(Change.ADDED, index)

    def _remove(self, id_: str) -> None:
        index = self._index(id_)
        if index is not None:
            del self.lines[index]
            self._known.discard(id_)
            self._tell(Change.REMOVED, index)

    def _index(self, id_: str) -> int | None:
        if id_ not in self._known:
            return None
        for index in range(len(self.lines) - 1, -1, -1):
            if self.lines[index].id == id_:
                return index
        return None

    def _tell(self, change: Change, index: int) -> None:
        for listener in list(self._listeners):
            listener(change, index)


def _message_line(event: Event, body: e.MessageSent, *, stored: bool) -> MessageLine:
    return MessageLine(
        id=event.id,
        at=event.at,
        session=event.session,
        party=body.party,
        text=body.text,
        stored=stored,
        via=body.via,
        subject=body.subject,
        attachments=body.attachments,
        buttons=body.buttons,
    )
