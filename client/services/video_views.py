"""How video sessions are shown."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.signal import MediaState
from client.domain.video import VideoCall, VideoQuality
from client.domain.words import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOfferView:
    """A citizen who waits for a counselor, or calls from the homepage. `ahead` — how many wait longer; `handed_by`, `note` —
    who hands them over in the middle of a session, and what they wrote about it; "" for who comes from the queue."""

    session: str
    channel: Channel
    name: str
    language: str
    since: str
    ahead: int = 0
    silenced: bool = False
    handed_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoView:
    """A running video session as the stage shows it. `call` is None until the page has offered (again); `citizen` — what
    the page says of its own end; `readable` — signing can be read now; `since` — RFC 3339 of the answer; `interrupted` —
    since when nothing passes, or ""."""

    session: str
    channel: Channel
    call: VideoCall | None
    citizen: MediaState | None
    quality: VideoQuality | None
    readable: bool
    on_hold: bool
    muted: bool
    shown: bool
    since: str
    interrupted: str = ""

    @property
    def connected(self) -> bool:
        """Picture, sound or text passes."""
        return self.call is not None and not self.interrupted
