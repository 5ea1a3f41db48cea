"""Who hears what: every event is encoded once and put only into the streams of those who may see its session."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable

from client.domain.access import Permission, Person
from client.domain.codec import encode
from client.domain.event import Event
from client.domain.session_log import Appended, SessionFacts, Taken, emptied, to_text
from client.domain.signal import Signal, signal_to_json
from client.domain.words import Audience
from client.hub.reader import Reader, dumps, frame
from client.hub.rooms import Rooms
from client.wire import HEADS_EVERY_S, STREAM_EVENT, STREAM_HEADS, STREAM_SESSION, STREAM_SIGNAL, SessionInfo


def info(facts: SessionFacts, *, joined: bool = False) -> SessionInfo:
    """What a desk is told of a session beside its log."""
    return SessionInfo(
        id=facts.id,
        joined=joined,
        owner=facts.owner,
        owner_name=facts.owner_name,
        last_seq=facts.last_seq,
        closed=facts.closed is not None,
    )


def event_for(event: Event, person: Person) -> Event:
    """The event as this person may read it: of what only supervisors may, others get the envelope (`seq` has no holes)."""
    hidden = event.audience is Audience.SUPERVISORS and not person.may(Permission.SEE_ALL)
    return emptied(event) if hidden else event


def for_person(taken: Taken, person: Person) -> str:
    """Its JSON for this person."""
    event = event_for(taken.event, person)
    return taken.text if event is taken.event else to_text(event)


def event_frame(event: Event, text: str) -> bytes:
    """An event as a desk's stream carries it."""
    return frame(STREAM_EVENT, text, f"{event.session}:{event.seq}")


class DeskStreams:
    """The desks' open streams. Work per event grows with those who hear it, not with all who listen."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._wide: defaultdict[str, set[Reader]] = defaultdict(set)
        self._narrow: defaultdict[str, set[Reader]] = defaultdict(set)
        self.last_left: float | None = None

    def join(self, reader: Reader) -> None:
        """From now on `reader` hears what its person may see. Heads follow every 10 s."""
        (self._narrow[reader.session] if reader.session else self._wide[_person(reader).id]).add(reader)
        self._heads(reader)

    def leave(self, reader: Reader) -> None:
        """The stream is over."""
        held = self._narrow if reader.session else self._wide
        key = reader.session or _person(reader).id
        held[key].discard(reader)
        if not held[key]:
            del held[key]
        if not self.open:
            self.last_left = asyncio.get_running_loop().time()

    @property
    def open(self) -> bool:
        """True while any desk listens."""
        return bool(self._wide or self._narrow)

    def connected(self, person: str) -> bool:
        """True while this person's desk listens."""
        return person in self._wide or any(_person(r).id == person for rs in self._narrow.values() for r in rs)

    def publish(self, appended: Appended) -> None:
        """Tell what was stored, and the session's facts if they changed."""
        facts, before = appended.facts, appended.before
        receivers = self.receivers(facts)
        for taken in appended.fresh:
            open_, closed = event_frame(taken.event, taken.text), b""
            for reader in receivers:
                if taken.event.audience is Audience.SUPERVISORS and not _person(reader).may(Permission.SEE_ALL):
                    closed = closed or event_frame(taken.event, to_text(emptied(taken.event)))
                    reader.put(closed)
                else:
                    reader.put(open_)
        if before is None or (before.owner, before.closed) != (facts.owner, facts.closed):
            data = frame(STREAM_SESSION, dumps(encode(info(facts))))
            for reader in receivers | (self.receivers(before) if before else set()):
                reader.put(data)

    def signal(self, facts: SessionFacts, signal: Signal) -> None:
        """Pass a signal on to whoever hears its session."""
        self.repeat(signal, self.receivers(facts))

    def repeat(self, signal: Signal, readers: Iterable[Reader]) -> None:
        """Pass a signal on to these."""
        data = frame(STREAM_SIGNAL, dumps(signal_to_json(signal)))
        for reader in readers:
            reader.put(data)

    def end_of(self, person: str) -> None:
        """This person's credential is void: what is open under it ends."""
        for reader in [r for r in self._readers() if _person(r).id == person]:
            reader.end()

    def end_strangers(self, known: Callable[[str], bool]) -> None:
        """End the streams of whoever is `known` no longer: a credential may have grown too old under one."""
        for reader in [r for r in self._readers() if not known(_person(r).id)]:
            reader.end()

    def _readers(self) -> list[Reader]:
        return [reader for held in (self._wide, self._narrow) for readers in held.values() for reader in readers]

    def end_all(self) -> None:
        """The hub is closing."""
        for reader in self._readers():
            reader.end()

    def receivers(self, facts: SessionFacts) -> set[Reader]:
        """The streams in which this session is heard now."""
        found = {reader for reader in self._narrow.get(facts.id, ()) if self._rooms.sees(_person(reader), facts)}
        for readers in self._candidates(facts):
            found |= {reader for reader in readers if self._rooms.sees(_person(reader), facts)}
        return found

    def _candidates(self, facts: SessionFacts) -> Iterable[set[Reader]]:
        if facts.owner is None:
            return list(self._wide.values())
        people = {facts.owner, facts.opener, *facts.former}
        overseers = [readers for readers in self._wide.values() if _oversees(readers)]
        return [*(self._wide[id_] for id_ in people if id_ in self._wide), *overseers]

    def _heads(self, reader: Reader) -> None:
        if reader.ended:
            return
        person = _person(reader)
        if reader.session:
            facts = self._rooms.get(reader.session)
            heads = {facts.id: facts.last_seq} if facts and self._rooms.sees(person, facts) else {}
        else:
            heads = {facts.id: facts.last_seq for facts in self._rooms.seen_by(person)}
        reader.put(frame(STREAM_HEADS, dumps({"heads": heads})))
        asyncio.get_running_loop().call_later(HEADS_EVERY_S, self._heads, reader)


def _person(reader: Reader) -> Person:
    if reader.person is None:
        raise TypeError("a desk's stream belongs to a person")
    return reader.person


def _oversees(readers: set[Reader]) -> bool:
    return any(_person(reader).may(Permission.SEE_ALL) for reader in readers)
