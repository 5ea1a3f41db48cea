"""Putting packets together again: a picture as soon as it is whole, sound as soon as it is there.

Stock aiortc gives a picture out when the next one begins, 33 ms late, and keeps back four packets of sound (80 ms); after
a lost packet of sound it waits for sixteen.
"""

from __future__ import annotations

from aiortc.jitterbuffer import MAX_MISORDER, JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add

CAPACITY = 512  # packets; a power of two


class MarkerBuffer(JitterBuffer):
    """Pictures: given out at the packet with the marker bit (RFC 3550, 5.1), the last one of a picture."""

    def __init__(self) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)

    @property
    def origin(self) -> int | None:
        """The sequence number that the next picture begins with."""
        return self._origin

    def skip_to(self, sequence_number: int) -> None:
        """Give up what is before it, and the rest of a picture in the middle of which it may stand."""
        if self._origin is None:
            return
        before = self._at(uint16_add(sequence_number, -2))
        self.remove(min(uint16_add(sequence_number, -self._origin), self.capacity))
        first = self._at(self._origin)
        if first is None or (begins_picture(first) and (before is None or before.timestamp != first.timestamp)):
            return
        while (packet := self._at(self._origin)) is not None and packet.timestamp == first.timestamp:
            self.remove(1)

    def whole_picture(self) -> int | None:
        """Where, after a hole, a picture begins that needs no other and has come to its end."""
        if self._origin is None:
            return None
        hole, begun = False, None
        for count in range(self.capacity):
            number = uint16_add(self._origin, count)
            packet = self._at(number)
            if packet is None:
                hole, begun = True, None
            elif hole and begins_picture(packet) and needs_no_other(packet):
                begun = number
            if packet is not None and begun is not None and packet.marker:
                return begun
        return None

    def _at(self, sequence_number: int) -> RtpPacket | None:
        packet = self._packets[sequence_number % self.capacity]
        return packet if packet is not None and packet.sequence_number == sequence_number else None

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        frame = super()._remove_frame(sequence_number)
        return frame if frame is not None else self._marked_picture()

    def _marked_picture(self) -> JitterFrame | None:
        parts: list[bytes] = []
        time = None
        for count in range(self.capacity):
            packet = self._packets[((self._origin or 0) + count) % self.capacity]
            if packet is None or (time is not None and packet.timestamp != time):
                return None
            time = packet.timestamp
            parts.append(packet._data)  # type: ignore[attr-defined]  # noqa: SLF001 — where aiortc puts what it unpacked
            if packet.marker:
                self.remove(count + 1)
                return JitterFrame(data=b"".join(parts), timestamp=time)
        return None


class ArrivalBuffer(JitterBuffer):
    """Sound: each packet at once; one that is overtaken is too late. Gaps are for whoever counts the time."""

    def __init__(self) -> None:
        super().__init__(capacity=16)
        self._last: int | None = None

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """(never a wish for a picture, the sound of this packet unless it comes too late)."""
        number = packet.sequence_number
        if self._last is not None and uint16_add(self._last, -number) < MAX_MISORDER:
            return False, None
        self._last = number
        data = packet._data  # type: ignore[attr-defined]  # noqa: SLF001
        return False, JitterFrame(data=data, timestamp=packet.timestamp)


H264_START = b"\x00\x00\x00\x01"
VP8_HEAD, VP8_START = 0x1F, 0x10  # RFC 7741, 4.2: S is set and the partition is the first
H264_KIND, H264_IDR, H264_SPS = 0x1F, 5, 7


def begins_picture(packet: RtpPacket) -> bool:
    """The packet holds the beginning of a picture in VP8, or of a unit in H.264 (never of the type that would pass for the other)."""
    data: bytes = packet._data  # type: ignore[attr-defined]  # noqa: SLF001
    return data.startswith(H264_START) or (packet.payload[:1] != b"" and packet.payload[0] & VP8_HEAD == VP8_START)


def needs_no_other(packet: RtpPacket) -> bool:
    """The beginning of a picture that is decoded by itself."""
    data: bytes = packet._data  # type: ignore[attr-defined]  # noqa: SLF001
    if data.startswith(H264_START):
        return len(data) > len(H264_START) and data[4] & H264_KIND in (H264_IDR, H264_SPS)
    return data[:1] != b"" and not data[0] & 1  # RFC 6386, 9.1: the lowest bit is set in pictures that need others
