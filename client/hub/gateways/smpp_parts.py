"""Long messages that come in parts: kept until whole, or until no more comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from client.hub.gateways.smpp_pdu import Delivered
from client.hub.gateways.smpp_text import Place, read

MOST_PARTS = 5_000  # kept at once; an SMSC that sends only first parts must not fill the memory
Answer = Callable[[int], None]
Key = tuple[str, str, int, int]


@dataclass(slots=True)
class Long:
    """A message in parts. `parts` — bytes by number; `answers` — of those that the SMSC has no answer to."""

    source: str
    total: int
    data_coding: int
    parts: dict[int, bytes] = field(default_factory=dict)
    answers: dict[int, list[Answer]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Nothing is missing."""
        return len(self.parts) == self.total

    def text(self, encoding: str) -> str:
        """Its words; where parts are missing a line says which. A character may be cut between two parts."""
        runs: list[str] = []
        number = 1
        while number <= self.total:
            run = b""
            while number in self.parts:
                run += self.parts[number]
                number += 1
            if run:
                runs.append(read(run, self.data_coding, encoding))
            first = number
            while number <= self.total and number not in self.parts:
                number += 1
            if number > first:
                runs.append(self._missing(first, number - 1))
        return "\n".join(runs)

    def _missing(self, first: int, last: int) -> str:
        which = f"{first}" if first == last else f"{first}~{last}"
        return f"[문자 {self.total}개 중 {which}번째가 오지 않았습니다]"

    def answer(self, status: int) -> None:
        """Answer all parts that still wait for it."""
        for number in list(self.answers):
            self.answer_part(number, status)

    def answer_part(self, number: int, status: int) -> None:
        """Answer one part, each time it came."""
        for answer in self.answers.pop(number, ()):
            answer(status)


class Parts:
    """The long messages on their way. Two are the same where sender, receiver, reference and number of parts are."""

    def __init__(self) -> None:
        self._long: dict[Key, Long] = {}

    def add(self, came: Delivered, place: Place, text: bytes, answer: Answer) -> tuple[Key, Long] | None:
        """Keep a part; None where no more can be kept."""
        key = (came.source, came.destination, place.reference, place.total)
        if sum(len(long.parts) for long in self._long.values()) >= MOST_PARTS:
            return None
        long = self._long.setdefault(key, Long(came.source, place.total, came.data_coding))
        long.parts[place.number] = text
        long.answers.setdefault(place.number, []).append(answer)
        return key, long

    def get(self, key: Key) -> Long | None:
        """It, while it is not told."""
        return self._long.get(key)

    def drop(self, key: Key) -> None:
        """It is told, or need not be."""
        self._long.pop(key, None)

    def all(self) -> list[tuple[Key, Long]]:
        """What is not told."""
        return list(self._long.items())
