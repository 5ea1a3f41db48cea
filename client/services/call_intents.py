"""What the agent asked of a call and telephony has not told yet: it decides how the telling is written down."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where a call is being sent; `colleague` — the principal there, "" for a number outside; `with_call` — the call it is
    connected with."""

    to: str
    attended: bool
    colleague: str = ""
    note: str = ""
    with_call: str = ""


@dataclass(slots=True)
class CallIntents:
    """All by SIP Call-ID.

    `holds` — why a hold was asked; `ending` — calls the agent wanted to end; `transfers` — where it is being sent;
    `declined` — offers given back and why; `silenced` — sessions whose ring is silenced.
    """

    holds: dict[str, str] = field(default_factory=dict)
    ending: set[str] = field(default_factory=set)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    declined: dict[str, str] = field(default_factory=dict)
    silenced: set[str] = field(default_factory=set)

    def transfer_failed(self, call: str) -> None:
        """The calls stay: what ends them from now on is news."""
        sent = self.transfers.pop(call, None)
        if sent is not None:
            self.ending -= {call, sent.with_call}

    def forget(self, call: str, session: str) -> None:
        """The call is over."""
        self.holds.pop(call, None)
        self.transfers.pop(call, None)
        self.declined.pop(call, None)
        self.ending.discard(call)
        self.silenced.discard(session)
