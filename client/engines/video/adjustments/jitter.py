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
        """Give up what is before it, and the rest of the picture that it may stand in the middle of."""
        if self._origin is None:
            return
        self.remove(min(uint16_add(sequence_number, -self._origin), self.capacity))
        self._drop_rest_of_picture(uint16_add(sequence_number, -1))

    def _drop_rest_of_picture(self, last_missing: int) -> None:
        """What follows a hole belongs to the broken picture until a packet with a marker, or a new time, was passed."""
        time = None
        while self._origin is not None and (packet := self._packets[self._origin % self.capacity]) is not None:
            if time is not None and packet.timestamp != time:
                return
            time = packet.timestamp
            self.remove(1)
            if packet.marker:
                return
        del last_missing

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
