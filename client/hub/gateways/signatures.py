"""Signatures of webhooks: the one scheme of this hub, both ways, and the HMAC helpers that providers' own schemes need.

Where a provider documents no signature, a webhook carries three headers (the scheme is ours; its construction follows
RFC 2104, its five minutes are SENS's `x-ncp-apigw-timestamp` window, from standards):

    X-Ieum-Timestamp: 1767225600                     Unix time in whole seconds, within 5 minutes of the hub's clock
    X-Ieum-Nonce:     4f1c0b6e9a7d4c52               16 to 128 of A-Z a-z 0-9 . _ -, never used before
    X-Ieum-Signature: hex HMAC-SHA256(secret, timestamp "\\n" nonce "\\n" METHOD "\\n" path "\\n" hex SHA-256(body))

`path` is the whole path of the address, `/v1/gateways/{name}/…`, without host and query: what is signed for one gateway is
worth nothing at another. The query is not signed, so it is not read. A delivery that is tried again is signed again, with a
new nonce; the same nonce is a replay, whatever it carries.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

from client.domain.session_log import LogRefused
from client.hub.gateways.gateway import Inbox, WebRequest

TIMESTAMP, NONCE, SIGNATURE = "x-ieum-timestamp", "x-ieum-nonce", "x-ieum-signature"
WINDOW_S = 300
_WHOLE = re.compile(r"[0-9]{1,12}\Z")
_NONCE = re.compile(r"[A-Za-z0-9._-]{16,128}\Z")


# ── helpers ──────────────────────────────────────────────────────────────────────────────────────


def hmac_hex(secret: str, text: str) -> str:
    """HMAC-SHA256 (RFC 2104) of `text` in UTF-8, 64 lower-case hexadecimal digits."""
    return _hmac(secret, text).hexdigest()


def hmac_base64(secret: str, text: str) -> str:
    """The same in base64, with padding."""
    return base64.b64encode(_hmac(secret, text).digest()).decode("ascii")


def body_digest(body: bytes) -> str:
    """SHA-256 of `body`, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def same(given: str, expected: str) -> bool:
    """True if they are equal, in a time that does not tell where they differ; any characters may be given."""
    return hmac.compare_digest(_octets(given), _octets(expected))


def _hmac(secret: str, text: str) -> hmac.HMAC:
    return hmac.new(_octets(secret), _octets(text), hashlib.sha256)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")  # a header may hold a lone surrogate


# ── what goes out ────────────────────────────────────────────────────────────────────────────────


def signed_headers(
    secret: str, method: str, path: str, body: bytes, *, now: datetime, nonce: str = ""
) -> dict[str, str]:
    """The three headers of a request; `path` without host and query, a new `nonce` where none is given."""
    stamp = str(int(now.timestamp()))
    nonce = nonce or secrets.token_hex(16)
    return {TIMESTAMP: stamp, NONCE: nonce, SIGNATURE: _signature(secret, stamp, nonce, method, path, body)}


def _signature(secret: str, stamp: str, nonce: str, method: str, path: str, body: bytes) -> str:
    return hmac_hex(secret, "\n".join((stamp, nonce, method.upper(), path, body_digest(body))))


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


def webhook_path(gateway: str, path: str) -> str:
    """The whole path of a webhook, as it is signed."""
    return f"/v1/gateways/{gateway}/{path}"


async def require_signature(request: WebRequest, *, gateway: str, secret: str, inbox: Inbox, now: datetime) -> None:
    """Return if the webhook is signed by `secret`, is of now and came for the first time.

    Raises `LogRefused`: 401 `bad-signature` (an empty secret signs nothing), 409 `replayed`.
    """
    nonce = checked_nonce(request, gateway=gateway, secret=secret, now=now)
    await refuse_replay(inbox, gateway, nonce)


def checked_nonce(request: WebRequest, *, gateway: str, secret: str, now: datetime) -> str:
    """The nonce of a webhook whose signature and time are right. Raises `LogRefused` 401 `bad-signature`."""
    if not secret:
        raise bad_signature("no webhook secret is set for this gateway")
    stamp, nonce, given = (request.headers.get(name, "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    if not _NONCE.match(nonce) or not _WHOLE.match(stamp):
        raise bad_signature("timestamp or nonce is missing or malformed")
    path = webhook_path(gateway, request.path)
    if not same(given, _signature(secret, stamp, nonce, request.method, path, request.body)):
        raise bad_signature("the signature does not fit the secret, the address and the body")
    require_near(int(stamp), now)
    return nonce


def require_near(stamp_s: float, now: datetime) -> None:
    """Raise `LogRefused` 401 where Unix time `stamp_s` is more than five minutes from `now`."""
    if not abs(now.timestamp() - stamp_s) <= WINDOW_S:  # so that not a number is refused too
        raise bad_signature("the timestamp is more than five minutes from the hub's clock")


async def refuse_replay(inbox: Inbox, gateway: str, nonce: str) -> None:
    """Raise `LogRefused` 409 `replayed` for a nonce seen before; only after its signature was found right."""
    if not await inbox.fresh(gateway, nonce, 2.0 * WINDOW_S):  # it may be five minutes ahead, and is good for five more
        raise LogRefused(409, "replayed", "this webhook was received before")


def bad_signature(why: str) -> LogRefused:
    """The refusal of a webhook that is not believed, 401."""
    return LogRefused(401, "bad-signature", why)
