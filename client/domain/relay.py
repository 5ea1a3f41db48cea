"""The relay of a signing citizen to an office by phone: its states, and who hears, sees and reads whom in each.

The office is told first that an interpreter relays and that its speech is captioned; until it agrees nothing of it reaches
the citizen, and nothing of the citizen reaches it. What is typed never does: a telephone has no ear for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from client.domain.call import CallState
from client.domain.words import Party


class RelayState(StrEnum):
    """Where a relay is. The transition table is `RELAY_TRANSITIONS`."""

    DIALLING = "dialling"
    ANNOUNCING = "announcing"
    JOINED = "joined"
    ENDED = "ended"


RELAY_TRANSITIONS: dict[RelayState, frozenset[RelayState]] = {
    RelayState.DIALLING: frozenset({RelayState.ANNOUNCING, RelayState.ENDED}),
    RelayState.ANNOUNCING: frozenset({RelayState.JOINED, RelayState.ENDED}),
    RelayState.JOINED: frozenset({RelayState.ENDED}),
    RelayState.ENDED: frozenset(),
}


def may_relay(now: RelayState, then: RelayState) -> bool:
    """True if a relay in `now` can be in `then` next; staying is always allowed."""
    return now is then or then in RELAY_TRANSITIONS[now]


def relay_state(office: CallState | None, *, agreed: bool) -> RelayState:
    """The state that an office's call amounts to; None: it is not called yet, a colleague is called before."""
    if office in (None, CallState.DIALLING, CallState.EARLY, CallState.OFFERED):
        return RelayState.DIALLING
    if office is CallState.ENDED:
        return RelayState.ENDED
    return RelayState.JOINED if agreed else RelayState.ANNOUNCING


class Sense(StrEnum):
    """How somebody has what another says or shows."""

    HEARS = "hears"
    SEES = "sees"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class WhoLine:
    """`who` hears, sees or reads `whom`; nobody where that is empty."""

    who: Party
    sense: Sense
    whom: tuple[Party, ...]

    @property
    def key(self) -> str:
        """For the interface's words: `office_hears_agent_citizen`, `office_reads_nobody`."""
        return "_".join((self.who, self.sense, *(self.whom or ("nobody",))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What passes in a relay now.

    `voice` — who speaks with the office, the agent or a colleague; `voice_open` — that voice reaches the office;
    `office_open` — the office reaches us; `agent_hears` — the counselor is one who hears; `shown` — the citizen sees the
    counselor; `citizen_in` — a sound of the citizen is in the mix; `citizen_heard` — and passes on to the office.
    """

    state: RelayState
    voice: Party = Party.AGENT
    voice_open: bool = False
    office_open: bool = False
    agent_hears: bool = True
    shown: bool = False
    citizen_in: bool = False
    citizen_heard: bool = False


def who_lines(now: Standing) -> tuple[WhoLine, ...]:
    """Who hears, sees and reads whom; the office sees and reads nobody, ever."""
    joined = now.state is RelayState.JOINED
    office = (Party.OFFICE,) if now.office_open else ()
    helper = (Party.COLLEAGUE,) if now.voice is Party.COLLEAGUE and now.voice_open else ()
    voice = (now.voice,) if now.voice_open else ()
    heard = (Party.CITIZEN,) if joined and now.citizen_in and now.citizen_heard else ()
    passed = (*office, *helper) if joined else ()
    return (
        WhoLine(Party.OFFICE, Sense.HEARS, (*voice, *heard)),
        WhoLine(Party.OFFICE, Sense.SEES, ()),
        WhoLine(Party.OFFICE, Sense.READS, ()),
        WhoLine(Party.CITIZEN, Sense.HEARS, (*office, *voice) if joined and now.citizen_in else ()),
        WhoLine(Party.CITIZEN, Sense.SEES, (Party.AGENT,) if now.shown else ()),
        WhoLine(Party.CITIZEN, Sense.READS, (Party.AGENT, *passed)),
        WhoLine(Party.AGENT, Sense.HEARS, (*office, *helper) if now.agent_hears else ()),
        WhoLine(Party.AGENT, Sense.READS, (Party.CITIZEN, *(office if joined else ()), *helper)),
    )
