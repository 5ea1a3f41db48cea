"""What the video engine tells: connections, their quality, real-time text, cameras; and the values it is asked with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from client.domain.call import Telling

READABLE_FPS = 20.0  # EN 301 549, 6.5.3: below this, signing is not readable
READABLE_DELAY_MS = 400.0  # EN 301 549, 6.5.1: above this, signing suffers


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server that the settings name; the credential is good for a limited time."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class VideoLink(StrEnum):
    """How the connection to the citizen's browser stands. The transition table is `LINK_TRANSITIONS`."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


LINK_TRANSITIONS: dict[VideoLink, frozenset[VideoLink]] = {
    VideoLink.CONNECTING: frozenset({VideoLink.CONNECTED, VideoLink.INTERRUPTED, VideoLink.ENDED}),
    VideoLink.CONNECTED: frozenset({VideoLink.INTERRUPTED, VideoLink.ENDED}),
    VideoLink.INTERRUPTED: frozenset({VideoLink.CONNECTED, VideoLink.CONNECTING, VideoLink.ENDED}),
    VideoLink.ENDED: frozenset(),
}


def may_link(now: VideoLink, then: VideoLink) -> bool:
    """True if a connection in `now` can be in `then` next; staying is always allowed."""
    return now is then or then in LINK_TRANSITIONS[now]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCall(Telling):
    """A connection as it is now; told whole at every change and for every one when a desk connects.

    `call` — the session's id; `generation` — of the offer that it answers; `codec` — VP8, H264 or "" without a picture;
    `sees` — pictures of the citizen arrive; `shown` — the camera's picture leaves (else the privacy card does, where a
    picture was agreed); `picture` — one was; `sound` — sound was; `text` — the T.140 channel is open; `problem` — what
    does not work, for a person; `samples` — of the far leg so far, 16 kHz; `since` — RFC 3339 of the present link.
    """

    name: ClassVar[str] = "video"
    call: str
    generation: int
    link: VideoLink
    codec: str = ""
    picture: bool = False
    sound: bool = False
    text: bool = False
    sees: bool = False
    shown: bool = False
    muted: bool = False
    on_hold: bool = False
    relayed: bool = False
    problem: str = ""
    since: str = ""
    samples: int = 0

    @property
    def leg(self) -> str:
        """The name of the PCM leg with the citizen's sound, at the video engine."""
        return far_leg(self.call)


def far_leg(call: str) -> str:
    """The PCM leg with what a browser sends."""
    return f"{call}/far"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoQuality(Telling):
    """How the last second was: frames per second in and out, `delay_ms` from there to here as far as it can be known
    (half the round trip and what waits here), `loss` 0–1 of what should have arrived, kbit/s, picture size in,
    `level` 0–1 of the citizen's sound, `av_offset_ms` by which the picture is later than its sound."""

    name: ClassVar[str] = "video.quality"
    lasting: ClassVar[bool] = False
    call: str
    fps_in: float = 0.0
    fps_out: float = 0.0
    delay_ms: float = 0.0
    loss: float = 0.0
    kbps_in: float = 0.0
    kbps_out: float = 0.0
    width: int = 0
    height: int = 0
    level: float = 0.0
    av_offset_ms: float = 0.0

    @property
    def readable(self) -> bool:
        """True while signing can be read. EN 301 549, 6.5.1 and 6.5.3."""
        return self.fps_in >= READABLE_FPS and self.delay_ms <= READABLE_DELAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived(Telling):
    """Real-time text of the citizen as it came: T.140 with its erasures, see `client.domain.t140`. `fresh`: a new
    channel, so the line begins anew (the page repeats what stands in it)."""

    name: ClassVar[str] = "video.text"
    call: str
    text: str
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cameras(Telling):
    """Cameras as they are now; `chosen` in use or "" , `problem` what does not work, for a person (taken by another
    program, unplugged); `on` — the camera runs now."""

    name: ClassVar[str] = "cameras"
    names: tuple[str, ...]
    chosen: str = ""
    on: bool = False
    problem: str = ""


MAIL = "mail"
"""The source of a video message's pictures, where a call's is its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPlaying(Telling):
    """A video message that is played: where, how long it is, `rate` of its own time, whether it has `sound` (which is not
    played), `problem` for a person; `over` — none is open any more."""

    name: ClassVar[str] = "video.mail"
    position_ms: int = 0
    duration_ms: int = 0
    playing: bool = False
    rate: float = 1.0
    sound: bool = False
    problem: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture for the screen. `pixels` — rows of `width` × 4 bytes, blue green red unused; `number` grows with every
    picture of its source; `at_ms` — when it was shown to us, on the engine's steady clock."""

    number: int
    width: int
    height: int
    at_ms: int
    pixels: bytes
