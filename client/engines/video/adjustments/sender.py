"""A sender that gives way when much is lost: the far end's word on what it can take (REMB) is of delay alone."""

from __future__ import annotations

from typing import Any

from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RTCP_PSFB_APP, AnyRtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpSrPacket

from client.engines.video.adjustments.pace import DEFAULT_BPS, MAX_BPS_LARGE, MIN_BPS

MUCH, LITTLE = 0.10, 0.02  # of the packets; between, loss is repaired and the rate stays
RECOVERY = 1.08  # a report


def after_loss(bps: float, lost: float) -> float:
    """The most to send after a report of this share of lost packets."""
    if lost > MUCH:
        bps *= 1 - lost / 2
    elif lost < LITTLE:
        bps *= RECOVERY
    return max(float(MIN_BPS), min(bps, float(MAX_BPS_LARGE)))


class YieldingSender(RTCRtpSender):
    """Attributes: `allowed` — bits per second that loss leaves; `wished` — that the far end says it can take, 0 before."""

    allowed: float = MAX_BPS_LARGE
    wished: float = 0.0

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        await super()._handle_rtcp_packet(packet)
        encoder: Any = self.__dict__.get("_RTCRtpSender__encoder")
        if not hasattr(encoder, "pace"):
            return
        told_limit = isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP
        if told_limit:
            self.wished = encoder.target_bitrate
            encoder.target_bitrate = int(min(self.wished, self.allowed))
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._reported(encoder, report.fraction_lost / 256)

    def _reported(self, encoder: Any, lost: float) -> None:
        if lost > MUCH:
            self.allowed = min(self.allowed, encoder.target_bitrate)
        self.allowed = after_loss(self.allowed, lost)
        encoder.target_bitrate = int(min(self.wished or DEFAULT_BPS, self.allowed))
