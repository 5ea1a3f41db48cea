"""The messages that desk and hub exchange, one definition for both. Events and signals are the domain's own.

Every class is a frozen dataclass for `client.domain.codec`; paths stand beside the class that they carry.
"""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.screen import Screen
from client.domain.video import IceServer
from client.domain.words import Channel, Role

CITIZEN_FACE = "/c"
MAX_BODY_BYTES = 1_000_000  # of one request; more is refused with 413
MAX_BATCH = 500  # events in one POST
MAX_PAGE = 1_000  # events in one GET
HEADS_EVERY_S = 10.0
OWNER_FIELD = "owner"

PROBLEM = "application/problem+json"  # RFC 9457


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """`GET /v1/me`: who this credential is, and the hub's clock (RFC 3339) for the offset."""

    principal: str
    name: str
    role: Role
    permissions: tuple[str, ...]
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IceList:
    """`GET /v1/ice` and, on the citizens' face, `GET /c/api/ice`: STUN and TURN servers with credentials for some hours."""

    servers: tuple[IceServer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """`POST /v1/sessions`. `id` is the opener's; `keys` are external (`sip:<Call-ID>`, `uui:<hex>`, `pbx:<id>`).

    `event` is the `session.opened` event as JSON. `number` is the citizen's whole number; the hub keeps it apart.
    """

    id: str
    keys: tuple[str, ...]
    event: dict[str, object]
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """`GET /v1/sessions/{id}` and the answer of `POST /v1/sessions`: `id` may differ from the one asked for (joined)."""

    id: str
    joined: bool
    owner: str | None = None
    owner_name: str
    last_seq: int
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionList:
    """`GET /v1/sessions`: all that the principal may see, newest first."""

    sessions: tuple[SessionInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """`POST /v1/sessions/{id}/events` and the answer of `GET …/events?after=seq&limit=n`."""

    events: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One event as the hub took it; `duplicate` says that this id was there before."""

    id: str
    seq: int
    recorded: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """The answer of `POST …/events`, in the order asked."""

    stored: tuple[Stored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBatch:
    """`POST /v1/sessions/{id}/signals`."""

    signals: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`POST /v1/sessions/{id}/opened`: the person opened it on the screen, when (RFC 3339, by the hub's clock)."""

    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`POST /v1/sessions/{id}/transfer`: to another principal, with a note."""

    to: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`POST /v1/sessions/{id}/release`: back to the queue."""

    reason: str = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`POST /v1/sessions/{id}/link`: the citizen's address under `public_url`. Asking again gives the same live link.

    `POST /v1/sessions/{id}/link/renew` answers a new one and ends the one before.
    """

    address: str
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`POST …/unmask`, `…/erase`, `…/export`: why, for the access log. Must not be empty."""

    reason: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """The answer of `POST …/unmask`."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`GET /v1/principals`: colleagues to whom a session can go; `number` is where their phone rings.

    Administrators see everyone; `credential` is `good`, `expired` or `revoked`.
    """

    id: str
    name: str
    role: Role
    connected: bool
    number: str = ""
    credential: str = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalList:
    """`GET /v1/principals`."""

    principals: tuple[Principal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrincipal:
    """`POST /v1/principals` (permission `administer`)."""

    name: str
    role: Role
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """The answer of `POST /v1/principals` and `POST /v1/principals/{id}/rotate`: the bearer token, shown once."""

    principal: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One line of the append-only access log: who, when, from where, whose data, what, why."""

    at: str
    principal: str
    origin: str
    session: str
    action: str
    reason: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLog:
    """`GET /v1/access-log?after=n` (permission `audit`)."""

    entries: tuple[AccessEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One event in which the words were found; `excerpt` is the text around them."""

    session: str
    seq: int
    id: str
    at: str
    type: str
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`GET /v1/search?q=words`: newest first, of the sessions that the principal may see; the search is logged."""

    hits: tuple[SearchHit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayInfo:
    """One outside service: `state` good|slow|down and why; `senders` registered numbers; `queued` messages still to go,
    `uncertain` those that wait for a person; limits as `client.hub.gateways.gateway.Limits`."""

    name: str
    channel: Channel
    state: str
    reason: str = ""
    senders: tuple[str, ...] = ()
    text: int = 0
    subject: int = 0
    files: int = 0
    file_bytes: int = 0
    media_types: tuple[str, ...] = ()
    buttons: int = 0
    queued: int = 0
    uncertain: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayList:
    """`GET /v1/gateways`."""

    gateways: tuple[GatewayInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """`POST /v1/sessions/{id}/messages/{message}/settle`: a failed or uncertain one is sent `again`, or left as failed."""

    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWish:
    """`POST /v1/next`: claim the longest waiting session of these channels and languages (none named: any).

    Answers `SessionInfo`, or 204 when nothing waits; 409 `full` when the agent's capacity is used up.
    """

    channels: tuple[Channel, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """`POST /v1/sessions/{id}/merge`: this session goes on in `target`; both must be the asker's. Answers the target."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """An earlier session of the same citizen's thread or number."""

    id: str
    channel: Channel
    opened: str
    closed: str
    owner_name: str
    codes: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`GET /v1/sessions/{id}/history`, newest first. 403 `not-confirmed` where a setting asks to confirm the citizen first."""

    sessions: tuple[PastSession, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`GET /v1/health`, without a credential."""

    status: str
    version: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """`POST /c/{token}/enter`: the language that the citizen chose (BCP 47)."""

    language: str = "ko"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScreen:
    """The newest screen that was not withdrawn, and how far it got."""

    push: str
    screen: Screen
    delivered: bool
    opened: bool
    answers: dict[str, str | tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenState:
    """`GET /c/api/state`: all that the page shows. See `client.hub.citizen_routes`."""

    session: str
    language: str
    centre: str
    time: str
    closed: bool
    call: str
    last_seq: int
    events: tuple[dict[str, object], ...]
    signals: tuple[dict[str, object], ...]
    consents: dict[str, bool]
    screen: PageScreen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginVideomail:
    """`POST /c/api/videomail`: `id` (UUIDv7) and `key` (16 to 100 characters that open it) are the page's."""

    id: str
    key: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishVideomail:
    """`POST /c/api/videomail/{id}/finish`: `bytes` and `seconds` as recorded; `number` to be reached at, or ""."""

    bytes: int
    seconds: float
    number: str = ""
    name: str = ""
    language: str = "ko"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideomailState:
    """`GET /c/api/videomail/{id}`. `state` — uploading, waiting, taken, closed or erased; `messages` — what was answered."""

    state: str
    offset: int
    seconds: float = 0.0
    keep_until: str = ""
    video: bool = False
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """RFC 9457. `field` names the place of a bad input, `code` is stable for programs."""

    title: str
    status: int
    detail: str = ""
    code: str = ""
    field: str = ""


# The stream, `GET /v1/stream[?session=id]` (SSE): event names and their data.
STREAM_HELLO = "hello"  # {"time": …, "principal": …}
STREAM_EVENT = "event"  # an event as JSON
STREAM_SIGNAL = "signal"  # a signal as JSON
STREAM_HEADS = "heads"  # {"heads": {session: last seq}}
STREAM_SESSION = "session"  # SessionInfo: ownership changed, opened, closed, no longer visible
