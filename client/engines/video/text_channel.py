"""Real-time text over a data channel (RFC 8865): T.140 in UTF-8, reliable and in order, opened by the page.

The channel is negotiated in band (DCEP, RFC 8832), where its protocol `t140` is all that names it: the `a=dcsa` attributes of
RFC 8865, 4 (`fmtp` with `cps`, `hlang-*`) belong to channels negotiated in SDP, which browsers do not do. So no rate
is declared here; a person types far below the 30 characters a second that RFC 4103 would default to.
"""

from __future__ import annotations

from collections.abc import Callable

from aiortc import RTCDataChannel

PROTOCOL = "t140"
MAX_BYTES = 16_384
TOO_LONG = "the citizen's page sent a piece of text that is too long; it was left out"
NOT_TEXT = "the citizen's page sent something that is not text; it was left out"


class TextChannel:
    """`on_text` hears (text, whether the channel is new); `on_problem` what was left out and why."""

    def __init__(self, on_text: Callable[[str, bool], None], on_problem: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._on_problem = on_problem
        self._channel: RTCDataChannel | None = None

    @property
    def open(self) -> bool:
        """True while text can be sent."""
        return self._channel is not None and self._channel.readyState == "open"

    def offered(self, channel: RTCDataChannel) -> None:
        """The page has opened a channel; a newer one takes the older one's place."""
        if channel.protocol != PROTOCOL or not channel.ordered or channel.maxRetransmits is not None:
            channel.close()
            return
        before, self._channel = self._channel, channel
        if before is not None:
            before.close()
        channel.on("message", lambda message: self._came(channel, message))
        channel.on("close", lambda: self._on_problem(""))
        self._on_text("", True)

    def write(self, text: str) -> bool:
        """True if it was sent."""
        if self._channel is None or not self.open:
            return False
        self._channel.send(text)
        return True

    def _came(self, channel: RTCDataChannel, message: str | bytes) -> None:
        if channel is not self._channel:
            return
        if not isinstance(message, str):
            self._on_problem(NOT_TEXT)
        elif len(message.encode()) > MAX_BYTES:
            self._on_problem(TOO_LONG)
        elif message:
            self._on_text(message, False)
