"""Video with the citizen's browser: what a desk may ask of it. What it tells comes as `client.domain.video` facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from client.domain.call import Telling
from client.domain.video import IceServer, Picture
from client.domain.words import Party


class VideoError(Exception):
    """What was asked cannot be done now; the message says why, for a person. `code` — for programs and for the page:
    `no_codec`, `bad_offer`, `engine_away`, `no_call`, `no_camera`, `failed`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class Video(Protocol):
    """A `call` is named by its session's id. Every method raises `VideoError`; a change is told by a `VideoCall`."""

    def listen(self, listener: Callable[[Telling], None]) -> None:
        """Hand every fact to `listener`, on the desk's thread, from the present state on."""

    def wake(self) -> None:
        """Something will be asked soon: start what that takes. Whatever is asked does so too, and waits for it."""

    async def ready(self) -> None:
        """Return once it answers and has told the calls that outlived the desk before this one."""

    async def preview(self, on: bool) -> None:
        """Run the camera for the agent's own eyes, or stop; nothing leaves the machine by it."""

    async def choose_camera(self, name: str) -> None:
        """Use this camera from now on; "" is the system's first."""

    async def answer(
        self, call: str, generation: int, sdp: str, ice: Sequence[IceServer], *, shown: bool, languages: Sequence[str]
    ) -> str:
        """Answer a browser's offer; our SDP with all candidates. A call that has a connection keeps it until the new one
        stands. The same generation again gives the same answer. `shown` — the camera's picture leaves, else the card;
        `languages` — of this end, for `hlang` (RFC 8373)."""

    async def show(self, call: str, on: bool) -> None:
        """Let the camera's picture leave, or the privacy card in its place."""

    async def mute(self, call: str, on: bool) -> None:
        """Stop or resume sending sound."""

    async def hold(self, call: str, on: bool) -> None:
        """Neither picture nor sound leaves (the card does), nor is any shown; real-time text goes on."""

    async def write(self, call: str, text: str) -> bool:
        """Send real-time text (T.140, its erasures included); false where the channel is not open: it was not sent."""

    async def sound(self, call: str, source: tuple[int, str] | None, leg: str = "") -> None:
        """Send this PCM leg (port and one-time token of its publisher) to the citizen; None: silence."""

    async def snapshot(self, call: str) -> bytes:
        """The citizen's newest picture as JPEG, in the size in which it came."""

    async def close(self, call: str) -> None:
        """End the connection politely."""

    async def subscribe(self) -> tuple[int, str]:
        """(port, one-time token) with which one subscriber may read PCM of far legs (`far_leg`)."""

    async def play_mail(self, file: Path) -> None:
        """Open a video message and play it, silently; its pictures are those of call `MAIL`, its state is `MailPlaying`."""

    async def pause_mail(self, on: bool) -> None:
        """Stand still, or go on."""

    async def seek_mail(self, ms: int) -> None:
        """Go to a place in it."""

    async def rate_mail(self, rate: float) -> None:
        """Play it slower or faster: 0.25, 0.5, 0.75, 1 or 1.5 of its own time."""

    async def stop_mail(self) -> None:
        """Close it."""

    def picture(self, call: str, party: Party, after: int = 0) -> Picture | None:
        """The newest picture of the citizen, or of the agent's own camera (`call` ""), if its number is above `after`."""
