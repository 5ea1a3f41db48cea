"""Signals on their way to the hub: the newest of each key wins, at most a few requests a second."""

from __future__ import annotations

from client.domain.signal import Signal
from client.ports.clock import Clock
from client.ports.hub import Hub, HubAway, HubRefused
from client.services.log import EventLog

EVERY_S = 0.1


class SignalSender:
    """Sends what need not last; what cannot be sent is dropped, the next one says more."""

    def __init__(self, hub: Hub, log: EventLog, clock: Clock) -> None:
        self._hub = hub
        self._log = log
        self._clock = clock
        self._newest: dict[tuple[str, str], Signal] = {}
        self._sending = False

    def send(self, signal: Signal) -> None:
        """Send it soon."""
        self._newest[signal.session, signal.key] = signal
        if not self._sending and self._log.connected:
            self._sending = True
            self._clock.later(EVERY_S, lambda: self._log.in_background(self._flush()))

    async def _flush(self) -> None:
        signals, self._newest = list(self._newest.values()), {}
        self._sending = False
        by_session: dict[str, list[Signal]] = {}
        for signal in signals:
            by_session.setdefault(signal.session, []).append(signal)
        for batch in by_session.values():
            try:
                await self._hub.signal(batch)
            except (HubAway, HubRefused):
                return
