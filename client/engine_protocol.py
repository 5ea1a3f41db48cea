"""The messages between desk and engines: length-prefixed frames over loopback TCP, opened with a one-time token.

A frame is 4 bytes of big-endian length, 1 byte of kind, then the payload:

* `J` — one JSON object: a request `{"id", "op", "args"}`, a reply `{"re", "ok"}` or `{"re", "error"}`, or a report
  `{"n", "ev", "body"}`. Reports are numbered; the engine keeps them until `{"ack": n}` and repeats them to
  a desk that connects again, so that a desk's death loses none. Reports with `n` 0 need not last (levels, partials).
* `P` — PCM: 2 bytes of leg-name length, the leg's name, 8 bytes of sample number, then 16 kHz mono s16le.

The first frame of a connection is `Hello`. An engine that listens alone writes its `Endpoint` as JSON into its endpoint file (readable
by the owner only), with a new token after every use; `grant` gives a token to one subscriber of PCM.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from client.domain import call, recognition, video
from client.domain.call import Telling

MAX_FRAME = 4_000_000  # bytes
SAMPLE_RATE = 16_000  # Hz
FRAME_SAMPLES = 320  # 20 ms
KEEP_S = 30.0  # PCM kept per leg; also how long an engine lives on without a desk

JSON_KIND = b"J"
PCM_KIND = b"P"
_HEAD = struct.Struct(">Ic")
_PCM_LEG = struct.Struct(">H")
_PCM_AT = struct.Struct(">Q")


class ProtocolError(Exception):
    """The other side does not speak this protocol; the connection is closed."""


def pack(kind: bytes, payload: bytes) -> bytes:
    """One frame."""
    return _HEAD.pack(len(payload), kind) + payload


def unpack_head(head: bytes) -> tuple[int, bytes]:
    """(payload length, kind) of a frame's first 5 bytes; raises `ProtocolError`."""
    length, kind = _HEAD.unpack(head)
    if length > MAX_FRAME or kind not in (JSON_KIND, PCM_KIND):
        raise ProtocolError("not a frame of this protocol")
    return length, kind


HEAD_BYTES = _HEAD.size


def pack_pcm(leg: str, sample: int, pcm: bytes) -> bytes:
    """A PCM frame: `sample` is the number of the first sample since the leg began."""
    name = leg.encode()
    return pack(PCM_KIND, _PCM_LEG.pack(len(name)) + name + _PCM_AT.pack(sample) + pcm)


def unpack_pcm(payload: bytes) -> tuple[str, int, bytes]:
    """(leg, first sample, PCM) of a PCM frame's payload; raises `ProtocolError`."""
    try:
        (length,) = _PCM_LEG.unpack_from(payload)
        leg = payload[2 : 2 + length].decode()
        (sample,) = _PCM_AT.unpack_from(payload, 2 + length)
    except (struct.error, UnicodeDecodeError) as error:
        raise ProtocolError("broken PCM frame") from error
    return leg, sample, payload[2 + length + 8 :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an engine listens (127.0.0.1) and the token that opens the next connection."""

    port: int
    token: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first frame. `role` is `desk` (control) or `pcm` (a subscriber of streams)."""

    token: str
    role: str = "desk"


TELLINGS: dict[str, type[Telling]] = {
    kind.name: kind
    for kind in (
        call.Registration,
        call.Call,
        call.Tone,
        call.TransferProgress,
        call.Replaced,
        call.Silence,
        call.Level,
        call.Devices,
        recognition.RecognitionReady,
        recognition.PartialText,
        recognition.FinalText,
        recognition.TextGap,
        recognition.SoundStopped,
        video.VideoCall,
        video.VideoQuality,
        video.TextReceived,
        video.Cameras,
        video.MailPlaying,
    )
}
"""What engines say unasked, by the name in a report's `ev`."""

# Requests to voice: op → arguments (all in one JSON object), reply.
#   configure {accounts: [Account], headers: [name], microphone, speaker, ring_device, ring_volume, wav}
#   answer {call} · reject {call, code} · hangup {call} · hold {call} · resume {call} · mute {call, on}
#   tones {call, digits} · transfer {call, to, headers} · transfer_attended {call, with_call} · conference {calls:[…]}
#   web {session, port, token, leg} → {call} · confide {call, on} · volume {call, percent}
#   dial {account, to, headers, join} → {call} · ring {on, soft} · grant {} → {token, port} · state {} → reports again
#   Requests from a `pcm` connection: subscribe {leg, from_sample} · unsubscribe {leg}


# Requests to speech: op → arguments, reply.
#   configure {vocabulary:[…]}
#   attach {leg, port, token, from_sample, language, wide_band, live, closed:[[from, to]…]} — subscribes to the leg's PCM at
#   voice; `live` skips what is past; what lies in `closed` is silence: nobody was to hear it
#   gate {leg, open, at_sample} → {at} — a closed gate is not recognised (muted, hold): words before it are finished first
#   language {leg, language} · detach {leg}
#   sound {leg, port, token} — takes the leg's PCM up again where `sound.stopped` was told


# Requests to video: op → arguments, reply.
#   configure {camera} · preview {on}
#   answer {call, generation, sdp, ice: [IceServer], shown, languages: [tag]} → {sdp}; refused as `code: for a person`
#   show {call, on} · mute {call, on} · hold {call, on} · write {call, text} → {sent} · close {call}
#   sound {call, port, token, leg} — the PCM that goes to the citizen; port 0: silence
#   snapshot {call} → {jpeg: base64} · grant {} → {token, port} · its far legs are `<call>/far`
#   mail_play {file} · mail_pause {on} · mail_seek {ms} · mail_rate {rate} · mail_stop {} — one video message at a time
# Pictures do not travel here: they stand in shared memory (`client.picture_ring`), one ring a source, newest wins.
