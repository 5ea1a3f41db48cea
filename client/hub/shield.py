"""What stands before a face: security headers on every answer, bodies of a sane size, and its own host names only."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from client.hub.problems import Refused, answer, problem
from client.wire import MAX_BODY_BYTES

CSP_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
CSP_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
LINGER_S = 1.0
LINGER_BYTES = 16_000_000
HSTS = "max-age=31536000; includeSubDomains"


class Shield:
    """`large` — patterns of paths that take more than `MAX_BODY_BYTES`, and how much; `hosts` — names under which this face may be asked (None: any); `secure` — it is served by HTTPS to the outside."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        csp: str,
        hosts: Iterable[str] | None = None,
        secure: bool = False,
        large: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._large = [(re.compile(path), size) for path, size in (large or {}).items()]
        self._headers = {**HEADERS, "content-security-policy": csp}
        if secure:
            self._headers["strict-transport-security"] = HSTS
        self._hosts = None if hosts is None else {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request (ASGI)."""
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)  # a file says stricter, the homepage's button laxer
                headers.setdefault("cache-control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if self._hosts is not None and headers.get("host", "").lower() not in self._hosts:
            refusal = answer(problem(421, "bad-host", "this address is not served here"))
            await refusal(scope, receive, guarded)
        elif _length(headers) > (most := self._most(scope["path"])):
            await _refuse_large(receive, guarded, most)
        else:
            await self._app(scope, _bounded(receive, most), guarded)

    def _most(self, path: str) -> int:
        """Bytes that a body for this path may have."""
        return next((size for pattern, size in self._large if pattern.fullmatch(path)), MAX_BODY_BYTES)


def _too_large(most: int) -> str:
    return f"a body may have at most {most} bytes"


def _length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _refuse_large(receive: Receive, send: Send, most: int) -> None:
    """The answer at once; then what is still coming is thrown away for a moment, or its sender would never read it."""
    refusal = answer(problem(413, "too-large", _too_large(most)), {"Connection": "close"})
    await send({"type": "http.response.start", "status": refusal.status_code, "headers": refusal.raw_headers})
    await send({"type": "http.response.body", "body": refusal.body, "more_body": True})
    await _throw_away(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _throw_away(receive: Receive) -> None:
    """Closing on unread bytes would reset the connection and the answer with it (RFC 9112, 9.6)."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            left = LINGER_BYTES
            while left > 0 and (message := await receive()).get("more_body"):
                left -= len(message["body"])


def _bounded(receive: Receive, most: int) -> Receive:
    """The same, but a body without a length that grows too large is refused and not read on."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            await _throw_away(receive)
            raise Refused(413, "too-large", _too_large(most), {"Connection": "close"})
        return message

    return bounded
