"""Requests to a provider over HTTP: what an outcome means for a message, and answers that lie.

The one question is whether the provider may have it. It certainly has not where no connection came about (`NotNow`), and
where it said so (4xx → `Rejected`; 429, 408 and 503 with `Retry-After` → `NotNow`, RFC 9110, 15). From the first written octet on, silence, a
reset, any other 5xx or an answer that is not understood leave it open (`Unanswered`).

No request leaves for another place than `base_url`: redirects are not followed, the environment's proxies are not asked.
"""

from __future__ import annotations

import asyncio
import email.utils
import ipaddress
import json
import logging
import math
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from client.domain.codec import BadInput
from client.hub.gateways.gateway import Health, NotNow, Rejected, Unanswered
from client.hub.gateways.health_watch import HealthWatch

T = TypeVar("T")
CONNECT_S = 4.0  # each for a free connection, for TCP and for TLS: together they end before `ANSWER_S`
ANSWER_S = 15.0  # for everything: a provider that trickles is not waited for longer
MAX_ANSWER_BYTES = 1_000_000
MAX_ID = 128
MAX_REASON = 200  # characters of a provider's words
MAX_WAIT_S = 3600.0  # of a `Retry-After`

# it would log whole addresses, and a citizen's number may be in one
logging.getLogger("httpx").setLevel(logging.WARNING)

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")  # a name (RFC 3986, 3.2.2) or an IP address
_NOT_TAKEN = (408, 425, 429)  # the request was not complete, too early, one too many: none of it was done
_ELSEWHERE = (301, 307, 308)  # to be repeated elsewhere, so not done here; a 302 and a 303 may come after it was done
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A provider's answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ProviderHttp:
    """The connections to one provider. Raises `BadInput` for a `base_url` that is not https (http: to this machine only)."""

    def __init__(self, base_url: str, *, at_once: int, answer_s: float = ANSWER_S) -> None:
        self._base = _checked(base_url)
        self._answer_s = answer_s
        self._watch = HealthWatch()
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context(),  # the system's authorities: a centre's own is installed there
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "Ieum"},
            timeout=httpx.Timeout(answer_s, connect=CONNECT_S, pool=CONNECT_S),
            # a kept connection may close just as it is written to, and then nobody knows whether the message got there
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=0),
        )

    def path_of(self, path: str) -> str:
        """The whole path (and query) on the wire, for providers that sign it."""
        return self._base.raw_path.decode("ascii").rstrip("/") + path

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], read: Callable[[Answer], T], body: bytes = b""
    ) -> T:
        """One request; `path` encoded already. `read` makes something of a 2xx answer, or raises as this does.

        Raises `NotNow`, `Rejected` or `Unanswered`.
        """
        started = time.monotonic()
        try:
            answer = await self._asked(method, path, headers, body)
            _refuse(answer)
            found = read(answer)
        except (NotNow, Unanswered) as problem:
            self._watch.bad(problem.reason, time.monotonic() - started)
            raise
        except Rejected as refusal:
            self._watch.refused(refusal.reason, time.monotonic() - started)
            raise
        self._watch.good(time.monotonic() - started)
        return found

    async def close(self) -> None:
        """Let go of all connections."""
        await self._client.aclose()

    def health(self) -> Health:
        """As the last answers were."""
        return self._watch.health()

    async def _asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise Rejected("the account's settings hold characters that no header can carry")
        try:
            async with asyncio.timeout(self._answer_s):
                return await self._exchanged(method, path, headers, body)
        except _BEFORE as error:
            raise NotNow(f"no connection: {type(error).__name__}") from None
        except (httpx.TimeoutException, TimeoutError):
            raise Unanswered(f"no answer within {self._answer_s:g} s") from None
        except (httpx.HTTPError, RuntimeError) as error:  # the latter: the client was closed meanwhile
            raise Unanswered(f"the connection broke off: {type(error).__name__}") from None

    async def _exchanged(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        url = self._base.copy_with(raw_path=self.path_of(path).encode("ascii"))
        sent = {"accept": "application/json", "accept-encoding": "identity", **headers}
        async with self._client.stream(method, url, headers=sent, content=body or None) as response:
            held = bytearray()
            async for piece in response.aiter_raw():  # not decoded: a small answer could unpack to a large one
                held += piece
                if len(held) > MAX_ANSWER_BYTES:
                    raise Unanswered("its answer is too large")
            return Answer(status=response.status_code, headers=dict(response.headers), body=bytes(held))


def understood(answer: Answer) -> dict[str, Any]:
    """The JSON object of a 2xx answer; raises `Unanswered` where it is none."""
    if (data := json_object(answer)) is None:
        raise Unanswered("its answer is not understood")
    return data


def json_object(answer: Answer) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it is none or does not call itself JSON (RFC 8259)."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):  # bad JSON and bad UTF-8 are ValueErrors
        return None
    return found if isinstance(found, dict) else None


def text_of(data: Mapping[str, Any], *names: str) -> str:
    """The first of the fields that is a text with something in it, on one line, at most `MAX_REASON` characters; else ""."""
    for name in names:
        if isinstance(value := data.get(name), str) and value.strip():
            return one_line(value)
    return ""


def id_of(value: Any) -> str:
    """A provider's id: a printable text of 1 to `MAX_ID` characters; else ""."""
    return value if isinstance(value, str) and 1 <= len(value) <= MAX_ID and value.isprintable() else ""


def one_line(words: str) -> str:
    """A provider's words as an agent reads them: printable, on one line, not longer than `MAX_REASON`."""
    return "".join(sign if sign.isprintable() else " " for sign in words).strip()[:MAX_REASON]


def _checked(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise BadInput("base_url", "is not an address") from None
    if url.userinfo or url.query or url.fragment or not _HOST.fullmatch(url.raw_host.decode("ascii")):
        raise BadInput("base_url", "must be an address of a host, without user, query and fragment")
    if url.scheme != "https" and not (url.scheme == "http" and _is_this_machine(url.host)):
        raise BadInput("base_url", "must begin with https://")
    return url


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# ── what a status means ──────────────────────────────────────────────────────────────────────────


def _refuse(answer: Answer) -> None:
    """Raise what any answer but 2xx means."""
    status = answer.status
    busy = status == httpx.codes.SERVICE_UNAVAILABLE and "retry-after" in answer.headers
    if busy or status in _NOT_TAKEN:
        raise NotNow(_said(answer), _wait_s(answer))
    if status in _ELSEWHERE:
        raise Rejected(f"{_said(answer)}: it points to another address, which is not followed")
    if httpx.codes.is_client_error(status):
        raise Rejected(_said(answer))
    if not httpx.codes.is_success(status):
        raise Unanswered(_said(answer))


def _said(answer: Answer) -> str:
    """Status, code and words as the provider gave them. SENS nests them in `error`, its gateway too; SOLAPI does not."""
    data = json_object(answer) or {}
    inner = data.get("error")
    told = inner if isinstance(inner, dict) else data
    code = text_of(told, "errorCode", "code", "statusCode")
    words = text_of(told, "details", "errorMessage", "message", "statusMessage", "statusName")
    return one_line(" ".join(part for part in (str(answer.status), code, words) if part))


def _wait_s(answer: Answer) -> float:
    """Seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), MAX_WAIT_S)
    try:
        until = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(math.ceil((moment - datetime.now(UTC)).total_seconds()), 0.0), MAX_WAIT_S)
