"""Which of our messages an SMSC's ids belong to. Kept in memory: after a restart the hub knows each message's last id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from client.domain.bodies.written import DeliveryState
from client.hub.gateways.gateway import Receipt
from client.hub.gateways.smpp_receipt import Told

Reading = Callable[[str], str]
AT_MOST = 50_000  # ids; at some hundred bytes each, several days of a large centre


@dataclass(slots=True)
class Sent:
    """A message's parts. `message` — our reference; `ids` — the SMSC's, complete once `whole`; `ends` by id."""

    message: str
    ids: list[str] = field(default_factory=list)
    whole: bool = False
    ends: dict[str, DeliveryState] = field(default_factory=dict)

    def end(self, state: DeliveryState) -> DeliveryState | None:
        """Failed with the first part that failed, delivered with the last that arrived; None: not decided."""
        if state is DeliveryState.FAILED:
            return state
        arrived = [id_ for id_, end in self.ends.items() if end is DeliveryState.DELIVERED]
        return state if self.whole and set(arrived) >= set(self.ids) else None


def _same(id_: str) -> str:
    return id_


def _from_decimal(id_: str) -> str:
    return f"{int(id_):x}"


def _from_hex(id_: str) -> str:
    return str(int(id_, 16))


_READINGS: tuple[Reading, ...] = (_same, _from_decimal, _from_hex)


class Known:
    """SMSCs answer with one writing of an id and tell receipts by another: hexadecimal or decimal, with leading zeros."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}
        self._reading: Reading = _same  # the one that was right last

    def add(self, sent: Sent, id_: str) -> None:
        """The SMSC has taken a part of `sent`."""
        sent.ids.append(id_)
        self._sent[_plain(id_)] = sent
        while len(self._sent) > AT_MOST:
            del self._sent[next(iter(self._sent))]

    def receipt(self, told: Told) -> tuple[bool, Receipt | None]:
        """Whether the message is known, and what the hub is told (None: it waits for other parts)."""
        assert told.state is not None
        found = self._find(told.ids)
        if found is None:
            provider = _read(self._reading, told.ids[-1]) or told.ids[-1]
            return False, Receipt(state=told.state, provider=provider, reason=told.reason)
        sent, id_ = found
        sent.ends[id_] = told.state
        if sent.end(told.state) is None:
            return True, None
        return True, Receipt(state=told.state, provider=sent.ids[-1], message=sent.message, reason=told.reason)

    def _find(self, ids: Iterable[str]) -> tuple[Sent, str] | None:
        readings = (self._reading, *(reading for reading in _READINGS if reading is not self._reading))
        for id_ in ids:
            for reading in readings:
                plain = _plain(_read(reading, id_))
                if sent := self._sent.get(plain):
                    self._reading = reading
                    return sent, next(own for own in sent.ids if _plain(own) == plain)
        return None


def _read(reading: Reading, id_: str) -> str:
    try:
        return reading(id_)
    except ValueError:
        return ""


def _plain(id_: str) -> str:
    return id_.lower().lstrip("0") or id_
