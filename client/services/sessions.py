"""All sessions this desk may see: their views and timelines, fed by the log, read by the interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from client.domain import event as e
from client.domain import session as rules
from client.domain.event import Event, timestamp
from client.domain.ownership import owner_told
from client.domain.session import SessionView, Stage
from client.domain.signal import (
    LiveText,
    MediaState,
    Mirror,
    PageState,
    PartialCaption,
    Signal,
    SignalBody,
    VideoAnswer,
    VideoOffer,
    VideoWish,
    Working,
)
from client.domain.timeline import MessageLine, Timeline
from client.domain.words import Party
from client.ports.clock import Clock
from client.ports.hub import Colleague, Found, Hub, HubAway, HubRefused, PastSession, SessionState
from client.services.asking import ask_hub
from client.services.errors import NotPossible
from client.services.notices import MirrorChanged, SessionChanged, SessionGone, SourceMissing
from client.services.publisher import Publisher
from client.services.watch import SignalSeen

SILENT_S = 30.0  # without a sign of life: that colleague has left
ORDER = (Stage.TALKING, Stage.HELD, Stage.OFFERED, Stage.WRAP_UP, Stage.WAITING, Stage.CLOSED)


@dataclass(slots=True)
class _Entry:
    view: SessionView
    timeline: Timeline = field(default_factory=Timeline)
    seen: set[str] = field(default_factory=set)
    last_seq: int = 0
    unread: int = 0
    from_citizen: str = ""
    told_read: str = ""
    working: dict[str, tuple[Working, datetime]] = field(default_factory=dict)
    signals: dict[str, SignalBody] = field(default_factory=dict)


class SessionBook:
    """The sessions by id.

    Attributes: `me` — this agent's principal id, "" until the hub has said it; `shown` — the session the window shows.
    """

    def __init__(self, hub: Hub, clock: Clock, publisher: Publisher) -> None:
        self.me = ""
        self.shown = ""
        self._hub = hub
        self._clock = clock
        self._publisher = publisher
        self._entries: dict[str, _Entry] = {}

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def all(self) -> tuple[SessionView, ...]:
        """Every session not closed, in the order of the list: running first, waiting last, older first."""
        views = [entry.view for entry in self._entries.values() if entry.view.stage is not Stage.CLOSED]
        return tuple(sorted(views, key=lambda view: (ORDER.index(view.stage), view.since)))

    def mine(self) -> tuple[SessionView, ...]:
        """Sessions this agent owns or is offered, not closed."""
        return tuple(view for view in self.all() if self._is_mine(view))

    def _is_mine(self, view: SessionView) -> bool:
        return view.stage is not Stage.WAITING if view.owner is None else view.owner == self.me

    def waiting(self) -> tuple[SessionView, ...]:
        """Sessions that nobody owns and that are not offered here."""
        return tuple(view for view in self.all() if view.stage is Stage.WAITING and view.owner is None)

    def get(self, session: str) -> SessionView:
        """The session's view; raises `KeyError`."""
        return self._entries[session].view

    def __contains__(self, session: str) -> bool:
        return session in self._entries

    def timeline(self, session: str) -> Timeline:
        """The session's timeline; raises `KeyError`."""
        return self._entries[session].timeline

    def unread(self, session: str) -> int:
        """What the citizen wrote or answered since the session was last shown."""
        return self._entries[session].unread if session in self._entries else 0

    def mark_read(self, session: str) -> None:
        """The agent has seen it."""
        entry = self._entries.get(session)
        if entry is not None and entry.unread:
            entry.unread = 0
            self._publisher.publish(SessionChanged(session))

    def may_write(self, session: str) -> bool:
        """True if this desk owns the session, or nobody does, and it is not closed."""
        view = self._entries[session].view if session in self._entries else None
        return view is not None and view.owner in (None, self.me) and view.stage is not Stage.CLOSED

    def last_seq(self, session: str) -> int:
        """The last event that is here without a hole before it."""
        return self._entries[session].last_seq if session in self._entries else 0

    def signal(self, session: str, key: str) -> SignalBody | None:
        """The newest signal with this key."""
        return self._entries[session].signals.get(key) if session in self._entries else None

    def others_at(self, session: str) -> tuple[Working, ...]:
        """Colleagues who have the session open now."""
        if session not in self._entries:
            return ()
        since = self._clock.now() - timedelta(seconds=SILENT_S)
        told = self._entries[session].working.values()
        return tuple(body for body, at in told if body.viewing and at >= since and body.principal != self.me)

    # ── feeding ──────────────────────────────────────────────────────────────────────────────────

    def apply(self, event: Event) -> bool:
        """Take an event, our own before the hub has it or the hub's. True if it was new here."""
        entry = self._entry(event.session)
        if event.seq is not None:
            entry.last_seq = max(entry.last_seq, event.seq)
        fresh = event.id not in entry.seen
        entry.timeline.apply(event)
        if not fresh:
            return False
        entry.seen.add(event.id)
        entry.view = rules.apply(entry.view, event)
        self._count_unread(entry, event)
        self._follow_merge(entry, event)
        self._publisher.publish(SessionChanged(event.session))
        return True

    def confirm(self, event: Event) -> None:
        """The hub stored our own event. A hole before it (others wrote meanwhile) stays open and is fetched."""
        entry = self._entry(event.session)
        if event.seq == entry.last_seq + 1:
            entry.last_seq = event.seq
        entry.timeline.mark_stored(event.id)  # not applied again: the hub's own copy may hold masked numbers

    def refuse(self, event: Event, why: str) -> None:
        """The hub did not take our own event, which is kept here; an empty `why`: it is tried again."""
        self._entry(event.session).timeline.mark_refused(event, why)
        self._publisher.publish(SessionChanged(event.session))

    def take_state(self, state: SessionState) -> None:
        """What the hub says of a session beside its log."""
        entry = self._entry(state.id)
        entry.view = replace(entry.view, owner=state.owner, owner_name=state.owner_name)
        self._publisher.publish(SessionChanged(state.id))

    def take_signal(self, signal: Signal) -> None:
        """A signal of a party."""
        entry = self._entry(signal.session)
        entry.signals[signal.key] = signal.body
        if isinstance(signal.body, PartialCaption):
            entry.timeline.partial(timestamp(self._clock.now()), signal.body)
        elif isinstance(signal.body, PageState):
            entry.view = replace(entry.view, page_state=signal.body.state)
            self._publisher.publish(MirrorChanged(signal.session))
        elif isinstance(signal.body, Working):
            entry.working[signal.body.principal] = (signal.body, self._clock.now())
            self._publisher.publish(SessionChanged(signal.session))
        elif isinstance(signal.body, Mirror):
            self._publisher.publish(MirrorChanged(signal.session))
        elif isinstance(signal.body, VideoOffer | VideoWish | VideoAnswer | MediaState | LiveText):
            self._publisher.publish(SignalSeen(signal))
        else:
            self._publisher.publish(SessionChanged(signal.session))

    def expect(self, view: SessionView) -> None:
        """Show a session whose log is not here yet: a call was adopted while the hub is away."""
        if view.id not in self._entries:
            self._entries[view.id] = _Entry(view=view)

    def rename(self, old: str, new: str) -> None:
        """A session opened here joined another: its lines move there."""
        entry = self._entries.pop(old, None)
        if entry is None or old == new:
            return
        target = self._entry(new)
        target.view = replace(entry.view, id=new)
        target.seen |= entry.seen
        for line in entry.timeline.lines:
            target.timeline.adopt(line)
        self._publisher.publish(SessionGone(old))
        self._publisher.publish(SessionChanged(new))

    def drop(self, session: str) -> None:
        """The hub no longer shows us this session."""
        if self._entries.pop(session, None) is not None:
            self._publisher.publish(SessionGone(session))

    def _entry(self, session: str) -> _Entry:
        if session not in self._entries:
            self._entries[session] = _Entry(view=SessionView(id=session))
        return self._entries[session]

    def _follow_merge(self, entry: _Entry, event: Event) -> None:
        """The lines of a session that goes on in another stand there too, also what comes late."""
        body = event.body
        source, target = entry.view.id, entry.view.merged_into
        if isinstance(body, e.SessionMerged):
            source, target = body.source, body.target
        if target in self._entries and source and source not in self._entries:
            self._publisher.publish(SourceMissing(source))
        elif target and source in self._entries and target in self._entries:
            for line in self._entries[source].timeline.lines:
                self._entries[target].timeline.adopt(line)

    def open_question(self, session: str) -> MessageLine | None:
        """The newest message of ours of which a person must say whether it is sent again."""
        lines = self._entries[session].timeline.lines if session in self._entries else []
        return next((x for x in reversed(lines) if isinstance(x, MessageLine) and x.open_question), None)

    def last_from_citizen(self, session: str) -> str:
        """The event id of the citizen's newest message, or ""."""
        return self._entries[session].from_citizen if session in self._entries else ""

    def mark_told(self, session: str, message: str) -> bool:
        """Note that the citizen is told that this message was read; False where that was told."""
        entry = self._entries[session]
        fresh, entry.told_read = entry.told_read != message, message
        return fresh

    def _count_unread(self, entry: _Entry, event: Event) -> None:
        theirs = isinstance(event.body, e.MessageSent) and event.body.party is Party.CITIZEN
        if theirs:
            entry.from_citizen = event.id
        if isinstance(event.body, e.MessageRead) and event.body.party is Party.AGENT:
            entry.told_read = event.body.message
        if (theirs or isinstance(event.body, e.ScreenAnswered)) and entry.view.id != self.shown:
            entry.unread += 1

    # ── asking the hub ───────────────────────────────────────────────────────────────────────────

    async def unmask(self, session: str, reason: str) -> str:
        """The citizen's whole number; who looked and why is logged. Raises `NotPossible`."""
        return await ask_hub(self._hub.unmask(session, reason))

    async def colleagues(self) -> Sequence[Colleague]:
        """To whom a session can go."""
        return await ask_hub(self._hub.colleagues())

    async def transfer(self, session: str, colleague: str, note: str) -> None:
        """Hand the session over."""
        self.take_state(await ask_hub(self._hub.transfer(session, colleague, note)))

    async def release(self, session: str, reason: str) -> None:
        """Back to those that wait."""
        self.take_state(await ask_hub(self._hub.release(session, reason)))

    async def next_waiting(self) -> str:
        """Claim the longest waiting written session; its id, or "": nothing waits. Raises `NotPossible` at capacity."""
        state = await ask_hub(self._hub.next_waiting((), ()))
        if state is None:
            return ""
        self.take_state(state)
        return state.id

    async def merge(self, session: str, target: str) -> None:
        """`session` goes on in `target`."""
        self.take_state(await ask_hub(self._hub.merge(session, target)))

    async def history(self, session: str) -> Sequence[PastSession]:
        """Earlier sessions of the same citizen."""
        return await ask_hub(self._hub.history(session))

    async def search(self, words: str) -> Sequence[Found]:
        """Where words stand in our sessions."""
        return await ask_hub(self._hub.search(words))

    async def export(self, session: str, form: str, reason: str) -> bytes:
        """A session as json, txt or html."""
        return await ask_hub(self._hub.export(session, form, reason))

    async def export_rows(self, since: datetime, until: datetime, reason: str) -> bytes:
        """Our sessions, one row each, as CSV."""
        return await ask_hub(self._hub.export_rows(since, until, reason))

    async def claim(self, session: str) -> None:
        """Become its owner. Raises `NotPossible` `owned` with the name of who was first, `full` at capacity."""
        try:
            self.take_state(await self._hub.claim(session))
        except HubAway as error:
            raise NotPossible("hub_away") from error
        except HubRefused as error:
            if error.code == "owned":
                raise NotPossible("owned", owner_told(str(error))) from error
            raise NotPossible("hub_refused", error.code or str(error.status)) from error
