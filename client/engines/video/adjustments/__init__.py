"""What aiortc needs to carry sign language, laid over exactly the version that it was measured on.

Each module says why it is there. They replace names in aiortc's modules, in the engine's process alone, before the first
connection: `apply` refuses any other version, since private parts are touched.
"""

from __future__ import annotations

from types import ModuleType

import aioice.ice
import aiortc
import aiortc.rtcpeerconnection
import aiortc.rtcrtpsender
import aiortc.rtcsctptransport

from client.engines.video.adjustments import encoders
from client.engines.video.adjustments.addresses import host_addresses
from client.engines.video.adjustments.channels import GuardedSctp
from client.engines.video.adjustments.handshake import PatientDtls
from client.engines.video.adjustments.hearing import HearingProtocol
from client.engines.video.adjustments.receiver import MendingReceiver
from client.engines.video.adjustments.sender import YieldingSender

AIORTC = "1.16.0"
SCTP_RTO_INITIAL_S = 0.5  # 3 s in stock: the first lost packet of real-time text would come that late
SCTP_RTO_MIN_S = 0.15  # 1 s in stock; EN 301 549, 6.2.4 gives a keystroke 500 ms


REPLACED: tuple[tuple[ModuleType, str, object], ...] = (
    (aiortc.rtcpeerconnection, "RTCRtpReceiver", MendingReceiver),
    (aiortc.rtcpeerconnection, "RTCSctpTransport", GuardedSctp),
    (aiortc.rtcpeerconnection, "RTCRtpSender", YieldingSender),
    (aiortc.rtcrtpsender, "get_encoder", encoders.get_encoder),
    (aiortc.rtcpeerconnection, "RTCDtlsTransport", PatientDtls),
    (aiortc.rtcsctptransport, "SCTP_RTO_INITIAL", SCTP_RTO_INITIAL_S),
    (aiortc.rtcsctptransport, "SCTP_RTO_MIN", SCTP_RTO_MIN_S),
    (aioice.ice, "get_host_addresses", host_addresses),
    (aioice.ice, "StunProtocol", HearingProtocol),
)


class WrongVersion(Exception):
    """The adjustments were not made for what is installed."""


def check_version(installed: str) -> None:
    """Raises `WrongVersion` unless it is the version whose private parts we know."""
    if installed != AIORTC:
        raise WrongVersion(f"the video engine is adjusted to aiortc {AIORTC}; {installed} is installed")


def apply() -> None:
    """Adjust aiortc for this process. Raises `WrongVersion`; doing it twice is doing it once."""
    check_version(aiortc.__version__)
    for module, name, ours in REPLACED:
        setattr(module, name, ours)
