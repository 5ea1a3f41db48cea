"""The arguments of a desk's requests, as `client.engine_protocol` lists them; decoded strictly, so a wrong one is named."""

from __future__ import annotations

from dataclasses import dataclass, field

from client.domain.call import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """answer, hangup, hold, resume."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """reject: `code` is a SIP failure."""

    call: str
    code: int = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """mute."""

    call: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """web: where the PCM leg `leg` is published, and the token that opens it."""

    session: str
    port: int
    token: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confide:
    """confide."""

    call: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """volume: in percent."""

    call: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tones:
    """tones."""

    call: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """transfer: `headers` are carried to the new INVITE."""

    call: str
    to: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """transfer_attended."""

    call: str
    with_call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """conference."""

    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """dial: without `account` the first one; once answered it is mixed with the call `join`."""

    to: str
    account: str = ""
    join: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """ring."""

    on: bool
    soft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """configure: what is None stays as it is."""

    accounts: tuple[Account, ...] | None = None
    headers: tuple[str, ...] | None = None
    microphone: str | None = None
    speaker: str | None = None
    ring_device: str | None = None
    ring_volume: int | None = None
    wav: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """state."""
