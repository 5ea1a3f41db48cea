"""A browser's offer, looked at before anything is begun for it: what is not right is refused with a word for a person."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc import sdp as rtc_sdp
from aiortc.codecs import CODECS, is_rtx
from aiortc.rtcpeerconnection import find_common_codecs

from client.engines.server import EngineRefusal

MAX_BYTES = 64_000
KINDS = ("audio", "video", "application")
MAX_CANDIDATES = 100


class BadOffer(EngineRefusal):
    """The offer cannot be answered: `bad_offer: …` or `no_codec: …`."""


def bad(why: str) -> BadOffer:
    """A refusal of what is not well formed."""
    return BadOffer(f"bad_offer: {why}")


@dataclass(frozen=True, slots=True)
class Offer:
    """`sdp` — with the candidates that can be used; `kinds` — its media, in order."""

    sdp: str
    kinds: tuple[str, ...]


def read_offer(text: str) -> Offer:
    """Raises `BadOffer`."""
    if len(text) > MAX_BYTES or not text.startswith("v=0"):
        raise bad("this is no SDP, or a very long one")
    kinds = tuple(line[2:].split(" ", 1)[0] for line in text.splitlines() if line.startswith("m="))
    if not kinds or len(kinds) > len(KINDS) or len(set(kinds)) < len(kinds) or not set(kinds) <= set(KINDS):
        raise bad("it must have sound, picture and data at most once each, and one of them")
    if text.count("a=candidate:") > MAX_CANDIDATES:
        raise bad("it has too many candidates")
    usable = _without_names(text)
    _check_media(_parse(usable))
    return Offer(usable, kinds)


def _without_names(text: str) -> str:
    """Without candidates that are names of multicast DNS: whom they hide reaches us all the same, and we ask no network."""
    lines = text.splitlines()
    kept = [line for line in lines if not (line.startswith("a=candidate:") and ".local " in line)]
    return "\r\n".join(kept) + "\r\n"


def _parse(text: str) -> rtc_sdp.SessionDescription:
    try:
        return rtc_sdp.SessionDescription.parse(text)
    except Exception as error:
        raise bad(f"it cannot be read ({type(error).__name__})") from error


def _check_media(described: rtc_sdp.SessionDescription) -> None:
    for media in described.media:
        if media.dtls is None or not media.dtls.fingerprints:
            raise bad("it has no fingerprint, or no part in DTLS")
        if media.ice is None or not media.ice.usernameFragment or not media.ice.password:
            raise bad("it has no ICE credentials")
        if media.kind != "application" and not media.rtcp_mux:
            raise bad("it does not multiplex RTCP")
        if media.kind in CODECS:
            _check_codecs(media)


def _check_codecs(media: rtc_sdp.MediaDescription) -> None:
    common = [codec for codec in find_common_codecs(CODECS[media.kind], media.rtp.codecs) if not is_rtx(codec)]
    if not common:
        wanted = "VP8 or H.264" if media.kind == "video" else "Opus"
        raise BadOffer(f"no_codec: the browser offers no {wanted}")
