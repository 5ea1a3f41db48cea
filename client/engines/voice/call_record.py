"""One call as the engine knows it, and who hears whom over all calls. Pure: no SIP stack, no sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from client.domain.call import WEB, Call, CallState
from client.engines.voice.bridge import PORT, SPEAKER, Link

WIDE_BAND_HZ = 16_000
OK = 200
ORDINARY_VOLUME = 100  # percent
REFUSED_BY_A_PERSON = frozenset({480, 486, 487, 600, 603})  # away, busy, cancelled, busy everywhere, declined
LIVE = (CallState.ACTIVE, CallState.HELD)


def now_text() -> str:
    """The present moment, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """A call as it is now.

    `wants_hold` — what the agent asked; `is_held` — what the far end has agreed to; `stream` — PJSIP's index of its
    audio, None without; `conference` — the calls mixed with this one; `ended_by_us` — the agent asked for the end;
    `confided` — its far end is heard by the agent alone; `volume` — in the agent's ear, percent;
    `join` — the call it is mixed with once answered; `sent_to` — the call that its far end is being connected with; `taken_along` — another's far end takes our place in it.
    """

    call: str
    account: str
    outbound: bool
    remote: str
    state: CallState
    number: str = ""
    display: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    stream: int | None = None
    codec: str = ""
    rate: int = 0
    srtp: bool = False
    muted: bool = False
    wants_hold: bool = False
    is_held: bool = False
    held_by_remote: bool = False
    confided: bool = False
    volume: int = ORDINARY_VOLUME
    conference: set[str] = field(default_factory=set)
    join: str = ""
    ended_by_us: bool = False
    transferred: bool = False
    sent_to: str = ""
    taken_along: bool = False
    code: int = 0
    reason: str = ""
    since: str = field(default_factory=now_text)

    def move(self, state: CallState) -> None:
        """Enter a state now."""
        if state is not self.state:
            self.state, self.since = state, now_text()

    @property
    def hears(self) -> bool:
        """Sound of the far end passes to the agent and to the caption of the citizen's leg."""
        return self.state in LIVE and not self.wants_hold and not self.is_held

    @property
    def speaks(self) -> bool:
        """The microphone passes to the far end."""
        return self.hears and not self.muted and not self.held_by_remote

    @property
    def is_web(self) -> bool:
        """A citizen's browser: no SIP, so nothing to negotiate."""
        return self.account == WEB

    @property
    def by(self) -> str:
        """Who ended the call: agent, citizen or failure."""
        if self.state is not CallState.ENDED:
            return ""
        ordinary = self.code in (0, OK) or self.code in REFUSED_BY_A_PERSON
        if self.ended_by_us or self.transferred or (self.taken_along and ordinary):
            return "agent"
        return "citizen" if ordinary else "failure"

    def telling(self, samples: dict[str, int] | None) -> Call:
        """The fact to tell; `samples` by leg, None before there is sound."""
        return Call(
            call=self.call,
            account=self.account,
            state=self.state,
            outbound=self.outbound,
            remote=self.remote,
            number=self.number,
            display=self.display,
            headers=dict(self.headers),
            legs=tuple(samples or ()),
            wide_band=self.rate >= WIDE_BAND_HZ,
            codec=self.codec,
            srtp=self.srtp,
            muted=self.muted,
            on_hold=self.wants_hold,
            held_by_remote=self.held_by_remote,
            hears_agent=self.speaks,
            conference=tuple(sorted(self.conference)),
            code=self.code,
            reason=self.reason,
            by=self.by,
            since=self.since,
            samples=samples,
            confided=self.confided,
            volume=self.volume,
        )


def links_of(calls: Iterable[CallRecord]) -> set[Link]:
    """Who hears whom: the agent hears every call that is not held (and ringing tones of one he dials); members of a
    conference hear each other, but for one that is confided to the agent."""
    known = {call.call: call for call in calls}
    links: set[Link] = set()
    for call in known.values():
        if call.hears:
            links |= {(call.call, SPEAKER), (call.call, PORT + call.call), (PORT + call.call, call.call)}
            others = () if call.confided else call.conference
            links |= {(call.call, other) for other in others if other in known and known[other].hears}
        elif call.outbound and call.state is CallState.EARLY:
            links.add((call.call, SPEAKER))
    return links


def levels_of(calls: Iterable[CallRecord]) -> dict[Link, float]:
    """How loud the agent hears each call, where not as it came: 2.0 is twice the amplitude."""
    return {(call.call, SPEAKER): call.volume / 100 for call in calls if call.volume != ORDINARY_VOLUME}
