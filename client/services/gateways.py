"""The outside services as the desk knows them: asked every half minute, told when one stops or comes back."""

from __future__ import annotations

from client.domain.words import Channel
from client.ports.clock import Clock
from client.ports.hub import GatewayState, Hub, HubAway, HubRefused
from client.services.log import EventLog
from client.services.notices import GatewaysChanged, Severity, Trouble, TroubleTold
from client.services.publisher import Publisher

EVERY_S = 30.0
GOOD, DOWN = "good", "down"


__all__ = ["GatewayService", "GatewayState"]


class GatewayService:
    """Attributes: `states` — by name, as last told; empty until the hub has answered."""

    def __init__(self, hub: Hub, log: EventLog, clock: Clock, publisher: Publisher) -> None:
        self.states: dict[str, GatewayState] = {}
        self._hub = hub
        self._log = log
        self._clock = clock
        self._publisher = publisher
        self._due = False

    def start(self) -> None:
        """Ask as soon as the hub is there, and from then on."""
        self._log.on_connected.append(self._ask_soon)
        self._later()

    def of(self, channel: Channel) -> GatewayState | None:
        """The service that carries this channel, a working one before another."""
        fit = [state for state in self.states.values() if state.channel is channel]
        return min(fit, key=lambda state: state.state != GOOD, default=None)

    def _later(self) -> None:
        self._clock.later(EVERY_S, self._tick)

    def _tick(self) -> None:
        self._ask_soon()
        self._later()

    def _ask_soon(self) -> None:
        if self._log.connected:
            self._log.in_background(self.refresh())

    def _tell(self, state: GatewayState, *, back: bool) -> None:
        trouble = Trouble.GATEWAY_BACK if back else Trouble.GATEWAY_DOWN
        severity = Severity.INFO if back else Severity.CAREFUL
        self._publisher.publish(TroubleTold(trouble, severity, state.channel.value))

    async def refresh(self) -> None:
        """Ask now."""
        try:
            found = {state.name: state for state in await self._hub.gateways()}
        except (HubAway, HubRefused):
            return
        before, self.states = self.states, found
        for name, state in found.items():
            was = before[name].state if name in before else GOOD
            if (was == DOWN) != (state.state == DOWN):
                self._tell(state, back=state.state != DOWN)
        for name, state in before.items():
            if state.state == DOWN and name not in found:
                self._tell(state, back=True)
        if found != before:
            self._publisher.publish(GatewaysChanged())
