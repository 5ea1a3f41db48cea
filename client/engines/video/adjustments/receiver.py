"""A receiver that goes on asking for what is missing, and tells when something came and how it was timed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import NackGenerator, RTCRtpReceiver, StreamStatistics, TimestampMapper
from aiortc.rtp import AnyRtcpPacket, RtcpSrPacket, RtpPacket

from client.engines.video.adjustments.jitter import ArrivalBuffer, MarkerBuffer
from client.engines.video.adjustments.repair import AGAIN_S, Repair

NTP_FRACTION = 2**32


@dataclass(frozen=True, slots=True)
class SenderReport:
    """RTCP's word for one moment: the sender's clock in seconds and the RTP time of the same moment (RFC 3550, 6.4.1)."""

    seconds: float
    rtp: int

    def when(self, rtp: int, rate: int) -> float:
        """The sender's clock at an RTP time of a stream with `rate` ticks a second."""
        ticks = (rtp - self.rtp) & 0xFFFFFFFF
        return self.seconds + (ticks - (1 << 32) if ticks >= 1 << 31 else ticks) / rate


class MendingReceiver(RTCRtpReceiver):
    """Attributes: `report` — the sender's newest; `octets` — of payload so far."""

    def __init__(self, kind: str, transport: RTCDtlsTransport) -> None:
        super().__init__(kind, transport)
        self.report: SenderReport | None = None
        self.octets = 0
        self._mending: asyncio.Task[None] | None = None
        self._own = self.__dict__
        buffer = MarkerBuffer() if kind == "video" else ArrivalBuffer()
        self._own["_RTCRtpReceiver__jitter_buffer"] = buffer
        if isinstance(buffer, MarkerBuffer):
            self._repair = Repair(cast(NackGenerator, self._own["_RTCRtpReceiver__nack_generator"]), buffer)

    @property
    def streams(self) -> dict[int, StreamStatistics]:
        """Statistics by source; retransmissions are not among them."""
        known = cast("dict[int, StreamStatistics]", self._own["_RTCRtpReceiver__remote_streams"])
        again = self._own["_RTCRtpReceiver__rtx_ssrc"]
        return {ssrc: stream for ssrc, stream in known.items() if ssrc not in again}

    def rtp_time(self, pts: int) -> int:
        """The RTP time of a frame that was given out with this time."""
        mapper = cast(TimestampMapper, self._own["_RTCRtpReceiver__timestamp_mapper"])
        return (pts + (mapper._origin or 0)) & 0xFFFFFFFF  # noqa: SLF001

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin, with the mending beside it for pictures."""
        await super().receive(parameters)
        if self._mending is None and hasattr(self, "_repair"):
            self._mending = asyncio.ensure_future(self._mend())

    async def stop(self) -> None:
        """End both."""
        if self._mending is not None:
            self._mending.cancel()
        await super().stop()

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.octets += len(packet.payload)
        await super()._handle_rtp_packet(packet, arrival_time_ms)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket):
            told = packet.sender_info
            self.report = SenderReport(told.ntp_timestamp / NTP_FRACTION, told.rtp_timestamp)
        await super()._handle_rtcp_packet(packet)

    async def _mend(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_S)
            wishes = self._repair.look(time.monotonic())
            for ssrc in list(self.streams)[:1]:
                if wishes.packets:
                    await self._send_rtcp_nack(ssrc, list(wishes.packets))
                if wishes.picture:
                    await self._send_rtcp_pli(ssrc)
