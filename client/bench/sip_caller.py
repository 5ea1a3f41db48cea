"""A caller whose every packet is ours: it knows to the microsecond when an answer was on the wire."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from client.domain.ids import new_id

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {rtp} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
)
FRAME_S, FRAME_SAMPLES = 0.02, 160
SPEECH = bytes((n * 37 + 11) % 256 for n in range(FRAME_SAMPLES))  # any loud PCMA
WAIT_S = 10.0


class SipCaller(asyncio.DatagramProtocol):
    """One call after the other through `proxy`. `answered_at` is the time (perf_counter) at which the 200 came."""

    def __init__(self, proxy: tuple[str, int], domain: str) -> None:
        self._proxy = proxy
        self._domain = domain
        self._transport: asyncio.DatagramTransport | None = None
        self._here = ""
        self._call = ""
        self._rtp: asyncio.DatagramTransport | None = None
        self._sending: asyncio.Task[None] | None = None
        self._answer = ""
        self.answered_at = 0.0
        self.got: dict[str, asyncio.Event] = {}

    async def open(self) -> None:
        """Take two ports of this machine."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self._here = "127.0.0.1:{}".format(self._transport.get_extra_info("sockname")[1])
        self._rtp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))

    def close(self) -> None:
        """Give them back."""
        for transport in (self._transport, self._rtp):
            if transport is not None:
                transport.close()

    async def ring(self, user: str) -> None:
        """INVITE `user`; returns when it rings there."""
        assert self._rtp is not None
        self._call = new_id()
        self.got = {code: asyncio.Event() for code in ("180", "200", "BYE")}
        body = SDP.format(rtp=self._rtp.get_extra_info("sockname")[1])
        self._send("INVITE", f"sip:{user}@{self._domain}", 1, f"To: <sip:{user}@{self._domain}>", body)
        self._to = f"To: <sip:{user}@{self._domain}>"
        await asyncio.wait_for(self.got["180"].wait(), WAIT_S)

    async def answered(self) -> None:
        """Wait for the 200; the ACK has left and speech flows when this returns."""
        await asyncio.wait_for(self.got["200"].wait(), WAIT_S)
        self._in_dialog("ACK", 1)
        self._sending = asyncio.ensure_future(self._speak(_rtp_port(self._answer)))

    async def hang_up(self) -> None:
        """BYE; returns when it was answered."""
        if self._sending is not None:
            self._sending.cancel()
        self._in_dialog("BYE", 2)
        await asyncio.wait_for(self.got["BYE"].wait(), WAIT_S)

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        """Note when an answer came."""
        now = time.perf_counter()
        text = data.decode(errors="replace")
        if f"Call-ID: {self._call}" not in text or not text.startswith("SIP/2.0"):
            return
        code, bye = text[8:11], re.search(r"^CSeq: 2 BYE", text, re.MULTILINE)
        if code == "200" and bye:
            self.got["BYE"].set()
        elif code == "200" and not self.got["200"].is_set():
            self.answered_at, self._answer = now, text
            self.got["200"].set()
        elif code == "180":
            self.got["180"].set()

    def _in_dialog(self, method: str, number: int) -> None:
        contact = _header(self._answer, "Contact")[0].partition("<")[2].partition(">")[0]
        routes = "".join(f"Route: {route}\r\n" for route in reversed(_header(self._answer, "Record-Route")))
        self._send(method, contact, number, f"{routes}To: {_header(self._answer, 'To')[0]}")

    def _send(self, method: str, uri: str, number: int, to: str, body: str = "") -> None:
        assert self._transport is not None
        kind = "Content-Type: application/sdp\r\n" if body else ""
        message = (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self._here};branch=z9hG4bK{new_id()}\r\n"
            f"From: <sip:01012345678@{self._domain}>;tag={self._call}\r\n{to}\r\nCall-ID: {self._call}\r\n"
            f"CSeq: {number} {method}\r\nMax-Forwards: 70\r\nContact: <sip:caller@{self._here}>\r\n{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._transport.sendto(message.encode(), self._proxy)

    async def _speak(self, port: int) -> None:
        assert self._rtp is not None
        loop = asyncio.get_running_loop()
        begin = loop.time()
        for n in range(1_000_000):
            head = bytes((0x80, 8)) + (n % 65_536).to_bytes(2, "big") + (n * FRAME_SAMPLES % 2**32).to_bytes(4, "big")
            self._rtp.sendto(head + b"ieum" + SPEECH, ("127.0.0.1", port))
            await asyncio.sleep(max(0.0, begin + (n + 1) * FRAME_S - loop.time()))


def _header(message: str, name: str) -> list[str]:
    return [value.strip() for value in re.findall(rf"^{name}:(.*)$", message, re.MULTILINE | re.IGNORECASE)]


def _rtp_port(message: str) -> int:
    found = re.search(r"^m=audio (\d+)", message, re.MULTILINE)
    return int(found[1]) if found else 9
