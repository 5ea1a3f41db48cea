"""The arguments of a desk's requests, as `client.engine_protocol` lists them; decoded strictly, so a wrong one is named."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.video import IceServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Configure:
    """configure: what is None stays as it is; `camera` "" is the system's first."""

    camera: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """preview."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """answer: `languages` — of this end, for `hlang` (RFC 8373)."""

    call: str
    generation: int
    sdp: str
    ice: tuple[IceServer, ...] = ()
    shown: bool = False
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """show, mute, hold."""

    call: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """write: T.140."""

    call: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """sound: the PCM leg that goes to the citizen; port 0 is silence."""

    call: str
    port: int
    token: str
    leg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """snapshot, close."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPlay:
    """mail_play: a file of this machine."""

    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPause:
    """mail_pause."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSeek:
    """mail_seek."""

    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRate:
    """mail_rate."""

    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MailStop:
    """mail_stop."""
