"""The hub's written channels over HTTP: what a desk asks beside sessions and their logs. The other half of `HttpHub`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from client import wire
from client.domain.attachment import Attachment
from client.domain.event import timestamp
from client.domain.words import Channel
from client.ports.hub import Found, GatewayState, PastSession, SessionState

T = TypeVar("T")
UPLOAD_S = 120.0  # for a file over a slow line


class WrittenHub:
    """Needs `_ask`, `_send` and `_state` of the connection."""

    async def next_waiting(self, channels: Sequence[Channel], languages: Sequence[str]) -> SessionState | None:
        """Claim the longest waiting session."""
        wish = wire.NextWish(channels=tuple(channels), languages=tuple(languages))
        response = await self._send("POST", "/v1/next", wish)
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        return self._state(self._read(wire.SessionInfo, response))

    async def merge(self, session: str, target: str) -> SessionState:
        """`session` goes on in `target`."""
        wish = wire.Merge(target=target)
        return self._state(await self._ask(wire.SessionInfo, "POST", f"/v1/sessions/{session}/merge", wish))

    async def history(self, session: str) -> Sequence[PastSession]:
        """Earlier sessions of the same citizen."""
        found = await self._ask(wire.History, "GET", f"/v1/sessions/{session}/history")
        return [
            PastSession(
                id=one.id,
                channel=one.channel,
                opened=one.opened,
                closed=one.closed,
                owner_name=one.owner_name,
                codes=one.codes,
                summary=one.summary,
            )
            for one in found.sessions
        ]

    async def gateways(self) -> Sequence[GatewayState]:
        """The outside services."""
        found = await self._ask(wire.GatewayList, "GET", "/v1/gateways")
        return [GatewayState(**{name: getattr(one, name) for name in _GATEWAY}) for one in found.gateways]

    async def settle(self, session: str, message: str, *, again: bool) -> None:
        """Send it again, or leave it."""
        path = f"/v1/sessions/{session}/messages/{message}/settle"
        await self._send("POST", path, wire.Settle(again=again))

    async def upload(self, session: str, attachment: str, name: str, data: bytes) -> Attachment:
        """Keep a file."""
        path = f"/v1/sessions/{session}/attachments?id={attachment}&name={quote(name, safe='')}"
        headers = {"Content-Type": "application/octet-stream"}
        response = await self._send("POST", path, content=data, headers=headers, timeout=UPLOAD_S)
        return self._read(Attachment, response)

    async def download(self, session: str, attachment: str) -> bytes:
        """A file's bytes."""
        path = f"/v1/sessions/{session}/attachments/{attachment}"
        return (await self._send("GET", path, timeout=UPLOAD_S)).content

    async def search(self, words: str) -> Sequence[Found]:
        """Events in which the words stand."""
        found = await self._ask(wire.SearchResult, "GET", f"/v1/search?q={quote(words, safe='')}")
        return [Found(session=hit.session, id=hit.id, at=hit.at, excerpt=hit.excerpt) for hit in found.hits]

    async def export(self, session: str, form: str, reason: str) -> bytes:
        """A session for taking away."""
        path = f"/v1/sessions/{session}/export?format={form}"
        return (await self._send("POST", path, wire.Reason(reason=reason))).content

    async def export_rows(self, since: datetime, until: datetime, reason: str) -> bytes:
        """One row per session."""
        path = f"/v1/export?since={quote(timestamp(since))}&until={quote(timestamp(until))}"
        return (await self._send("POST", path, wire.Reason(reason=reason), timeout=UPLOAD_S)).content

    # ── of the connection ────────────────────────────────────────────────────────────────────────

    async def _ask(self, kind: type[T], method: str, path: str, wish: object | None = None) -> T:
        raise NotImplementedError

    async def _send(self, method: str, path: str, wish: object | None = None, **more: Any) -> httpx.Response:
        raise NotImplementedError

    def _read(self, kind: type[T], response: httpx.Response) -> T:
        raise NotImplementedError

    @staticmethod
    def _state(info: wire.SessionInfo) -> SessionState:
        raise NotImplementedError


_GATEWAY = GatewayState.__dataclass_fields__
