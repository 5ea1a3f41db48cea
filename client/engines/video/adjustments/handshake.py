"""A handshake that a bad network does not hold up: what was lost of it is sent again at once, not when OpenSSL thinks of it.

OpenSSL sends a lost flight again after 1, 2, 4 and 8 s (RFC 6347, 4.2.4.1, for the networks of 2012), and its Python face
cannot set that. At 5 % loss and a round trip of 80 ms a call took 5 s to stand where a flight was lost twice, and longer
than a citizen waits where it was lost more often. The same octets again do no harm: a record that came is not taken twice.
"""

from __future__ import annotations

import asyncio
import contextlib

from aiortc.rtcdtlstransport import SSL, RTCDtlsParameters, RTCDtlsTransport  # type: ignore[attr-defined]

AGAIN_S = 0.2  # above the usual round trip, RFC 9147, 5.8.2 allows as little for real-time media
LARGEST = 1500


class PatientDtls(RTCDtlsTransport):
    """Repeats its newest flight while the handshake goes on. OpenSSL's own timer, which numbers records anew, stays in force."""

    _flight = b""

    async def start(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803 — as aiortc calls it
        """Shake hands."""
        again = asyncio.ensure_future(self._send_again())
        try:
            await super().start(remoteParameters)
        finally:
            again.cancel()

    async def _send_again(self) -> None:
        with contextlib.suppress(ConnectionError):  # the handshake itself notices that, and says so
            while True:
                before = self._flight
                await asyncio.sleep(AGAIN_S)
                if self._flight and self._flight is before and not self.encrypted:
                    await self.transport._send(self._flight)  # noqa: SLF001 — as aiortc itself does

    async def _write_ssl(self) -> None:
        """Flush what OpenSSL put in its buffer, as aiortc does, and keep it."""
        assert self._ssl is not None
        try:
            data = self._ssl.bio_read(LARGEST)
        except SSL.Error:
            return
        if not self.encrypted:
            self._flight = data
        await self.transport._send(data)  # noqa: SLF001
        own = self.__dict__
        own["_RTCDtlsTransport__tx_bytes"] += len(data)
        own["_RTCDtlsTransport__tx_packets"] += 1
