"""How a message to the outside goes from state to state: only forwards, whatever order its receipts come in."""

from __future__ import annotations

from client.domain.bodies.written import DeliveryState as State

NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.WITHDRAWN, State.FAILED}),
    State.SENDING: frozenset({State.QUEUED, State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNCERTAIN}),
    State.ACCEPTED: frozenset({State.DELIVERED, State.FAILED}),
    State.UNCERTAIN: frozenset({State.QUEUED, State.ACCEPTED, State.DELIVERED, State.FAILED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset({State.QUEUED, State.DELIVERED, State.FAILED}),
    State.WITHDRAWN: frozenset(),
}
"""`sending` goes back to `queued` only where it is certain that the provider did not get it. A person may queue a failed or
uncertain one again; a provider that said `failed` and then `delivered` is believed the second time: the citizen has it. A failed one that a person leaves so fails again, with that as its reason."""

OVER = frozenset({State.DELIVERED, State.FAILED, State.WITHDRAWN})
"""Nothing more is expected of these."""


def may_become(now: State, then: State) -> bool:
    """True if a delivery in state `now` may go on to `then`."""
    return then in NEXT[now]
