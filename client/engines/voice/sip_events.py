"""What PJSIP's callbacks saw, as plain facts: made on its threads, handled on the engine's loop.

Every fact is whole, so that nobody asks PJSIP later, when the call may be gone. `call` is always the SIP Call-ID.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import Enum, auto


class Dialog(Enum):
    """State of an INVITE session, without PJSIP's numbers."""

    CALLING = auto()
    INCOMING = auto()
    EARLY = auto()
    ANSWERED = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An INVITE for a new call: the whole `message` and the account it came to."""

    call: str
    account: str
    message: str
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A call's dialog is in a new state; `code` and `reason` are the last SIP status."""

    call: str
    account: str
    dialog: Dialog
    code: int
    reason: str
    outbound: bool
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The audio of a call was negotiated anew. `stream` is its index at PJSIP, None without sound."""

    call: str
    stream: int | None
    held_here: bool = False
    held_there: bool = False
    codec: str = ""
    rate: int = 0
    srtp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """The far end pressed a key (RFC 4733)."""

    call: str
    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReofferFailed:
    """Our re-INVITE (hold, resume) was refused with `code`."""

    call: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferring:
    """A NOTIFY about a transfer that we asked for (RFC 3515)."""

    call: str
    code: int
    reason: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentElsewhere:
    """The far end of `call` asked us to call `to` (REFER); `followed` says whether we do."""

    call: str
    to: str
    followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """`by_call` replaces `call` (RFC 3891)."""

    call: str
    by_call: str
    account: str
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationStarted:
    """A REGISTER of `account` left."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The answer to a REGISTER; `expires` is 0 when the registration does not hold."""

    account: str
    code: int
    reason: str
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFailed:
    """An exception in a callback, which PJSIP would only print: its type, and where, without what it said.

    Not the exception itself: its frames hold the call, which would outlive the library and abort the process.
    """

    where: str
    kind: str
    frames: str

    @classmethod
    def of(cls, where: str, error: Exception) -> CallbackFailed:
        """The fact of this exception."""
        return cls(where=where, kind=type(error).__name__, frames="".join(traceback.format_tb(error.__traceback__)))


SipEvent = (
    Incoming
    | Moved
    | Media
    | Pressed
    | ReofferFailed
    | Transferring
    | SentElsewhere
    | TakenOver
    | RegistrationStarted
    | Registered
    | CallbackFailed
)
