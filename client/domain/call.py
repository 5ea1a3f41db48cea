"""What telephony tells: facts about accounts, calls, tones, devices. The voice engine says them, services listen.

Also the transition table of a call's state: an impossible change is a bug to be seen, not to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class CallState(StrEnum):
    """One SIP dialog as the agent sees it."""

    OFFERED = "offered"
    DIALLING = "dialling"
    EARLY = "early"
    ACTIVE = "active"
    HELD = "held"
    ENDED = "ended"


TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.OFFERED: frozenset({CallState.ACTIVE, CallState.ENDED}),
    CallState.DIALLING: frozenset({CallState.EARLY, CallState.ACTIVE, CallState.ENDED}),
    CallState.EARLY: frozenset({CallState.ACTIVE, CallState.ENDED}),
    CallState.ACTIVE: frozenset({CallState.HELD, CallState.ENDED}),
    CallState.HELD: frozenset({CallState.ACTIVE, CallState.ENDED}),
    CallState.ENDED: frozenset(),
}


def may_become(now: CallState, then: CallState) -> bool:
    """True if a call in `now` can be in `then` next; staying is always allowed."""
    return now is then or then in TRANSITIONS[now]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One SIP account. `transport` udp|tcp|tls, `srtp` off|optional|required; `proxy` and `registrar` are SIP URIs.

    An empty `password` is looked for in the key store.
    """

    user: str
    domain: str
    password: str = ""
    proxy: str = ""
    transport: str = "udp"
    srtp: str = "off"
    registrar: str = ""


WEB = "web"
"""The account of calls whose sound comes from a citizen's browser."""


def web_call(session: str) -> str:
    """The Call-ID of a session's browser."""
    return f"{WEB}:{session}"


def mix_leg(call: str) -> str:
    """The PCM leg with what a call's far end is to hear."""
    return f"{call}/mix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Something an engine says unasked. A `lasting` one is kept until the desk has acknowledged it."""

    name: ClassVar[str] = ""
    lasting: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(Telling):
    """An account's registration: the last SIP status code and whether it holds."""

    name: ClassVar[str] = "registration"
    account: str
    code: int
    registered: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Telling):
    """A call as it is now; sent whole at every change and for every call when a desk connects.

    `call` — the SIP Call-ID; `state` — `offered` (rings here), `dialling`, `early`, `active`, `held`, `ended`;
    `legs` — leg names with PCM (`<call>/citizen`, `<call>/agent`); `headers` — those the settings ask for, by name;
    `heard_by_agent`/`hears_agent` — whether sound passes now in each direction; `conference` — calls mixed with this one;
    `by` — who ended it: `citizen`, `agent`, `failure`; `since` — RFC 3339 of the present state; `confided` — its far end is heard by the agent alone; `volume` — in percent.
    """

    name: ClassVar[str] = "call"
    call: str
    account: str
    state: CallState
    outbound: bool
    remote: str
    number: str
    display: str
    headers: dict[str, str]
    legs: tuple[str, ...] = ()
    wide_band: bool = False
    codec: str = ""
    srtp: bool = False
    muted: bool = False
    on_hold: bool = False
    held_by_remote: bool = False
    hears_agent: bool = False
    conference: tuple[str, ...] = ()
    code: int = 0
    reason: str = ""
    by: str = ""
    since: str = ""
    samples: dict[str, int] | None = None
    confided: bool = False
    volume: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone(Telling):
    """The far end pressed a key (RFC 4733)."""

    name: ClassVar[str] = "tone"
    call: str
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProgress(Telling):
    """Progress of a transfer the agent asked for: SIP code of the last NOTIFY, `final` when decided."""

    name: ClassVar[str] = "transfer"
    call: str
    code: int
    final: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced(Telling):
    """`call` was replaced by `by_call` (attended transfer seen from the far side): the session goes on."""

    name: ClassVar[str] = "replaced"
    call: str
    by_call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Telling):
    """No audio arrives: `side` is `microphone` or `far_end`; `silent` false when it is back."""

    name: ClassVar[str] = "silence"
    side: str
    silent: bool
    call: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Telling):
    """Microphone and far-end level, 0–1 (peak of the last 100 ms)."""

    name: ClassVar[str] = "level"
    lasting: ClassVar[bool] = False
    microphone: float
    far_end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices(Telling):
    """Sound devices as they are now; `problem` says in words what does not work.

    `default_output` — where the system sends what other programs play, a screen reader's speech too; "" if unknown.
    """

    name: ClassVar[str] = "devices"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    microphone: str
    speaker: str
    ring: str
    problem: str = ""
    default_output: str = ""
