"""The citizens' open streams, and what each session's citizen may see so far."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from client.domain.citizen_view import CitizenView, signal_shows, view_of
from client.domain.event import Event, EventsErased, event_to_json
from client.domain.session_log import Appended, Taken
from client.domain.signal import Signal, signal_to_json
from client.hub.log_store import LogStore
from client.hub.reader import Reader, dumps, frame
from client.hub.rooms import Rooms
from client.wire import HEADS_EVERY_S, STREAM_EVENT, STREAM_HEADS, STREAM_SESSION, STREAM_SIGNAL

ALL = 1_000_000  # events of one session; far more than any has


def citizen_data(event: Event) -> dict[str, Any]:
    """An event as the citizen gets it: without the one at the centre who said it, nor why they erased something."""
    if isinstance(event.body, EventsErased):
        event = replace(event, body=replace(event.body, reason=""))
    data = event_to_json(event)
    data.pop("actor", None)
    return data


def _event_frame(event: Event) -> bytes:
    return frame(STREAM_EVENT, dumps(citizen_data(event)), str(event.seq))


def _session_frame(view: CitizenView) -> bytes:
    return frame(STREAM_SESSION, dumps({"closed": view.closed, "call": view.call}))


class CitizenStreams:
    """Views are built when a page first needs them and follow the log from then on."""

    def __init__(self, log: LogStore, rooms: Rooms) -> None:
        self._log = log
        self._rooms = rooms
        self._views: dict[str, CitizenView] = {}
        self._readers: defaultdict[str, dict[Reader, int]] = defaultdict(dict)

    async def load(self, session: str) -> tuple[CitizenView, Sequence[Taken]]:
        """The session's view, and the events that its citizen may see, by seq: whole at the moment of returning."""
        while True:
            events = await self._log.events(session, 0, ALL)
            facts = self._rooms.get(session)
            if facts is None or not events or (events[-1].event.seq or 0) >= facts.last_seq:
                break  # nothing was told while the store was read
        view = self._views.get(session)
        if view is None:
            view = self._views[session] = view_of(taken.event for taken in events)
        return view, [taken for taken in events if view.take(taken.event)]

    async def view(self, session: str) -> CitizenView:
        """The session's view."""
        return self._views.get(session) or (await self.load(session))[0]

    async def join(self, reader: Reader, session: str, after: int, signals: Iterable[Signal]) -> None:
        """Give `reader` what came after seq `after`, the newest signals, and everything from now on."""
        view, events = await self.load(session)
        reader.put(_session_frame(view))
        for taken in events:
            if (taken.event.seq or 0) > after:
                reader.put(_event_frame(taken.event))
        for signal in signals:
            if signal_shows(signal):
                reader.put(frame(STREAM_SIGNAL, dumps(signal_to_json(signal))))
        self._readers[session][reader] = view.seen_seq
        self._heads(reader, session)

    def leave(self, reader: Reader, session: str) -> bool:
        """The stream is over; True if it was the session's last."""
        self._readers[session].pop(reader, None)
        if self._readers[session]:
            return False
        del self._readers[session]
        return True

    @property
    def open(self) -> bool:
        """True while any citizen's page is open."""
        return bool(self._readers)

    def readers(self) -> Iterable[Reader]:
        """All open streams."""
        return [reader for readers in self._readers.values() for reader in readers]

    def publish(self, appended: Appended) -> None:
        """Tell the session's pages what they may see of this."""
        session = appended.facts.id
        view = self._views.get(session)
        if view is None:
            return
        told = (view.closed, view.call)
        for taken in appended.fresh:
            if view.take(taken.event):
                self._put(session, _event_frame(taken.event), taken.event.seq or 0)
        if (view.closed, view.call) != told:
            self._put(session, _session_frame(view))

    def signal(self, signal: Signal) -> None:
        """Pass a signal on if it is the citizen's to see."""
        if self._readers.get(signal.session) and signal_shows(signal):
            self._put(signal.session, frame(STREAM_SIGNAL, dumps(signal_to_json(signal))))

    def forget(self, sessions: Iterable[str]) -> None:
        """Views of sessions that are no longer of the day."""
        for session in sessions:
            if session not in self._readers:
                self._views.pop(session, None)

    def end_all(self) -> None:
        """The hub is closing."""
        for reader in self.readers():
            reader.end()

    def _put(self, session: str, data: bytes, seq: int | None = None) -> None:
        for reader, known in self._readers.get(session, {}).items():
            if seq is None or seq > known:
                reader.put(data)

    def _heads(self, reader: Reader, session: str) -> None:
        view = self._views.get(session)
        if reader.ended or view is None:
            return
        reader.put(frame(STREAM_HEADS, dumps({"heads": {session: view.last_seq}})))
        asyncio.get_running_loop().call_later(HEADS_EVERY_S, self._heads, reader, session)
