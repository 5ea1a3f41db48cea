"""The hub over HTTP and Server-Sent Events, as a desk uses it (`client.ports.hub.Hub`)."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
from httpx_sse import EventSource, ServerSentEvent

from client import wire
from client.adapters.hub_written import WrittenHub
from client.domain.codec import BadInput, decode, encode
from client.domain.event import Event, event_as_told, event_to_json, parse_timestamp, timestamp
from client.domain.signal import Signal, signal_from_json, signal_to_json
from client.domain.video import IceServer
from client.ports.hub import (
    Colleague,
    Connected,
    Heads,
    HubAway,
    HubRefused,
    Identity,
    SessionState,
    Stored,
    StreamItem,
)

log = logging.getLogger(__name__)

T = TypeVar("T")
CONNECT_S = 5.0
ANSWER_S = 10.0
SILENCE_S = 2.5 * wire.HEADS_EVERY_S  # of a stream: the hub speaks every 10 s, so the network is dead
MAX_BYTES = 800_000  # of one POST; the hub refuses more than a megabyte


class HttpHub(WrittenHub):
    """One desk's connection. `aim` says where the hub is; until then, and while it is not there, everything is `HubAway`."""

    def __init__(self, url: str = "", token: str = "") -> None:
        self._client: httpx.AsyncClient | None = None
        self._old: list[httpx.AsyncClient] = []
        if url:
            self.aim(url, token)

    def aim(self, url: str, token: str) -> None:
        """The hub is at `url`; requests under way to another place end there."""
        if self._client is not None:
            self._old.append(self._client)
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            verify=ssl.create_default_context(),  # the system's authorities: a centre's own is installed there
            trust_env=False,  # a proxy of the environment is not a way to this hub
        )

    async def disconnect(self) -> None:
        """Let go of all connections."""
        clients = [client for client in (*self._old, self._client) if client is not None]
        self._old, self._client = [], None
        for client in clients:
            await client.aclose()

    async def open_session(self, event: Event, keys: Sequence[str], number: str) -> SessionState:
        """Open a session or join the one that has one of `keys`."""
        wish = wire.OpenSession(id=event.session, keys=tuple(keys), event=event_to_json(event), number=number)
        return _state(await self._ask(wire.SessionInfo, "POST", "/v1/sessions", wish))

    async def sessions(self) -> Sequence[SessionState]:
        """All sessions this desk may see."""
        found = await self._ask(wire.SessionList, "GET", "/v1/sessions")
        return [_state(info) for info in found.sessions]

    async def append(self, session: str, events: Sequence[Event]) -> Sequence[Stored]:
        """Store events, in order, in as many requests as their size needs."""
        stored: list[Stored] = []
        for batch in _batches([event_to_json(event) for event in events]):
            done = await self._ask(wire.StoredBatch, "POST", _path(session, "events"), wire.EventBatch(events=batch))
            stored += [Stored(id=one.id, seq=one.seq, recorded=one.recorded) for one in done.stored]
        return stored

    async def events(self, session: str, after: int) -> Sequence[Event]:
        """The session's events with seq > `after`, all of them."""
        found: list[Event] = []
        while True:
            page = await self._ask(wire.EventBatch, "GET", f"{_path(session, 'events')}?after={after}")
            found += [_told(data) for data in page.events]
            if len(page.events) < wire.MAX_PAGE:
                return found
            after = found[-1].seq or 0

    async def signal(self, signals: Sequence[Signal]) -> None:
        """Send signals of one session."""
        if signals:
            batch = wire.SignalBatch(signals=tuple(signal_to_json(signal) for signal in signals))
            await self._send("POST", _path(signals[0].session, "signals"), batch)

    async def stream(self) -> AsyncGenerator[StreamItem, None]:
        """Everything that happens from now on; ends with `HubAway`."""
        identity = await self._identity()
        client = self._there()
        headers = {"Accept": "text/event-stream"}
        timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S, pool=None)
        try:
            async with client.stream("GET", "/v1/stream", headers=headers, timeout=timeout) as response:
                if response.is_error:
                    await response.aread()
                    _refuse(response)
                yield Connected(identity=identity)
                async for said in EventSource(response).aiter_sse():
                    if (item := _item(said)) is not None:
                        yield item
        except httpx.TransportError as error:
            raise HubAway(_why(error)) from error
        raise HubAway("the hub ended the stream")

    async def claim(self, session: str) -> SessionState:
        """Become the one owner."""
        return await self._act(session, "claim")

    async def transfer(self, session: str, to: str, note: str) -> SessionState:
        """Hand the session to a colleague."""
        return await self._act(session, "transfer", wire.Transfer(to=to, note=note))

    async def release(self, session: str, reason: str) -> SessionState:
        """Back to the queue."""
        return await self._act(session, "release", wire.Release(reason=reason))

    async def close(self, session: str) -> SessionState:
        """Nothing more is expected."""
        return await self._act(session, "close")

    async def link(self, session: str) -> str:
        """The citizen's address."""
        return (await self._ask(wire.Link, "POST", _path(session, "link"))).address

    async def renew_link(self, session: str) -> str:
        """A new address for the citizen."""
        return (await self._ask(wire.Link, "POST", _path(session, "link/renew"))).address

    async def unmask(self, session: str, reason: str) -> str:
        """The citizen's whole number."""
        wish = wire.Reason(reason=reason)
        return (await self._ask(wire.Unmasked, "POST", _path(session, "unmask"), wish)).number

    async def opened(self, session: str, at: datetime) -> None:
        """The agent opened the session on the screen."""
        await self._send("POST", _path(session, "opened"), wire.Opened(at=timestamp(at)))

    async def ice(self) -> Sequence[IceServer]:
        """The centre's STUN and TURN servers."""
        return (await self._ask(wire.IceList, "GET", "/v1/ice")).servers

    async def colleagues(self) -> Sequence[Colleague]:
        """Other principals who can take a session."""
        me = await self._ask(wire.Me, "GET", "/v1/me")
        found = await self._ask(wire.PrincipalList, "GET", "/v1/principals")
        return [
            Colleague(id=one.id, name=one.name, role=one.role, connected=one.connected, number=one.number)
            for one in found.principals
            if one.id != me.principal
        ]

    async def _identity(self) -> Identity:
        asked = datetime.now(UTC)
        me = await self._ask(wire.Me, "GET", "/v1/me")
        trip = datetime.now(UTC) - asked
        offset = parse_timestamp(me.time) - (asked + trip / 2)
        return Identity(
            principal=me.principal,
            name=me.name,
            role=me.role,
            permissions=me.permissions,
            offset_s=offset.total_seconds() if abs(offset) > trip / 2 else 0.0,  # within the error of the measurement
        )

    async def _act(self, session: str, act: str, wish: object | None = None) -> SessionState:
        return _state(await self._ask(wire.SessionInfo, "POST", _path(session, act), wish))

    async def _ask(self, kind: type[T], method: str, path: str, wish: object | None = None) -> T:
        return self._read(kind, await self._send(method, path, wish))

    def _read(self, kind: type[T], response: httpx.Response) -> T:
        try:
            return decode(kind, response.json())
        except ValueError as error:  # BadInput is one too
            raise HubAway(f"the hub's answer is not understood: {error}") from error

    @staticmethod
    def _state(info: wire.SessionInfo) -> SessionState:
        return _state(info)

    async def _send(self, method: str, path: str, wish: object | None = None, **more: Any) -> httpx.Response:
        try:
            body = {} if wish is None else {"json": encode(wish)}
            response = await self._there().request(method, path, **body, **more)
        except httpx.LocalProtocolError as error:
            raise HubRefused(httpx.codes.UNAUTHORIZED, "no-credential", "there is no usable credential") from error
        except httpx.TransportError as error:
            raise HubAway(_why(error)) from error
        except RuntimeError as error:  # httpx's word for a client that was closed meanwhile
            raise HubAway("the connection was let go") from error
        if response.is_error:
            _refuse(response)
        return response

    def _there(self) -> httpx.AsyncClient:
        if self._client is None:
            raise HubAway("it is not known where the hub is")
        return self._client


def _path(session: str, act: str) -> str:
    return f"/v1/sessions/{session}/{act}"


def _batches(events: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], ...]]:
    """Runs of events that one request can carry."""
    batches: list[tuple[dict[str, Any], ...]] = []
    run: list[dict[str, Any]] = []
    size = 0
    for event in events:
        length = len(json.dumps(event))
        if run and (len(run) >= wire.MAX_BATCH or size + length > MAX_BYTES):
            batches.append(tuple(run))
            run, size = [], 0
        run.append(event)
        size += length
    return [*batches, tuple(run)] if run else batches


def _state(info: wire.SessionInfo) -> SessionState:
    return SessionState(
        id=info.id, owner=info.owner, owner_name=info.owner_name, last_seq=info.last_seq, closed=info.closed
    )


def _item(said: ServerSentEvent) -> StreamItem | None:
    """What one server-sent event says; one of a newer hub that is not understood is passed over."""
    try:
        match said.event:
            case wire.STREAM_EVENT:
                return event_as_told(said.json())
            case wire.STREAM_SIGNAL:
                return signal_from_json(said.json())
            case wire.STREAM_HEADS:
                return decode(Heads, said.json())
            case wire.STREAM_SESSION:
                return _state(decode(wire.SessionInfo, said.json()))
    except (BadInput, ValueError) as error:
        log.warning("the hub said %s in a form that is not understood: %s", said.event, type(error).__name__)
    return None


def _told(data: dict[str, object]) -> Event:
    try:
        return event_as_told(data)
    except BadInput as error:
        raise HubAway(f"the hub's answer is not understood: {error}") from error


def _refuse(response: httpx.Response) -> None:
    """Raise what an error answer means: 507 and 4xx are a no, other 5xx may pass."""
    try:
        problem = decode(wire.Problem, response.json())
    except ValueError:
        problem = wire.Problem(title=response.reason_phrase, status=response.status_code)
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and response.status_code != _STORE_FULL:
        raise HubAway(f"the hub answered {response.status_code} {problem.detail or problem.title}")
    raise HubRefused(response.status_code, problem.code, problem.detail or problem.title)


_STORE_FULL = 507


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
