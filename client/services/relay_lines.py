"""The calls of a relay, and what passes in it: read off what telephony told, never off what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.call import Call, CallState
from client.domain.relay import RelayState, Standing, WhoLine, relay_state, who_lines
from client.domain.session import SessionView, Stage
from client.domain.words import Channel, Party
from client.services.call_book import LIVE, CallBook, CallRecord, Part

COUNSELOR, COLLEAGUE = "counselor", "colleague"
ORDINARY_VOLUME = 100  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayView:
    """A relay as the stage shows it.

    `voice` — who speaks with the office: `counselor` or `colleague`; `citizen_voice` — there is a sound of the citizen;
    `citizen_heard` — and the office hears it; volumes in percent of the agent's ear.
    """

    session: str
    office: str
    state: RelayState
    voice: str
    citizen_voice: bool
    citizen_heard: bool
    on_hold: bool
    muted: bool
    office_volume: int
    citizen_volume: int
    who: tuple[WhoLine, ...]
    since: str


@dataclass(frozen=True, slots=True)
class RelayLines:
    """The living calls of a session's relay, and the citizen's own sound."""

    office: Call | None
    helper: Call | None
    citizen: Call | None
    record: CallRecord | None

    @property
    def ours(self) -> tuple[Call, ...]:
        """Those of the relay."""
        return tuple(call for call in (self.helper, self.office) if call is not None)

    @property
    def talking(self) -> tuple[Call, ...]:
        """Those of the relay that were answered."""
        return tuple(call for call in self.ours if call.state in LIVE)

    @property
    def agreed(self) -> bool:
        """The office agreed."""
        return self.office is not None and self.record is not None and self.record.agreed

    @property
    def mixed(self) -> tuple[str, ...]:
        """The calls that are to hear each other now."""
        theirs = self.citizen if self.agreed and self.citizen and self.citizen.state in LIVE else None
        return tuple(call.call for call in (*((theirs,) if theirs else ()), *self.talking))

    @property
    def voice_call(self) -> Call | None:
        """By which call the office is spoken with: its own, or the colleague's."""
        return self.helper or self.office

    @property
    def state(self) -> RelayState:
        """Where the relay is."""
        return relay_state(self.office.state if self.office else None, agreed=self.agreed)


def relay_lines(book: CallBook, session: str) -> RelayLines:
    """Whom a session's relay has on the line."""
    office, helper = (book.relay_call(session, part) for part in (Part.RELAY, Part.RELAY_VOICE))
    found = office or helper
    return RelayLines(
        office=office[0] if office else None,
        helper=helper[0] if helper else None,
        citizen=book.of_session(session),
        record=found[1] if found else None,
    )


def relay_view(view: SessionView, lines: RelayLines, *, hears: bool) -> RelayView:
    """`hears` — the counselor is one who hears."""
    office, citizen, voice_call = lines.office, lines.citizen, lines.voice_call
    standing = _standing(view, lines, hears=hears)
    return RelayView(
        session=view.id,
        office=view.relay_office or (lines.record.label if lines.record else ""),
        state=standing.state,
        voice=COUNSELOR if standing.voice is Party.AGENT else COLLEAGUE,
        citizen_voice=citizen is not None,
        citizen_heard=standing.citizen_heard,
        on_hold=any(call.on_hold for call in lines.ours),
        muted=voice_call is not None and voice_call.muted,
        office_volume=office.volume if office else ORDINARY_VOLUME,
        citizen_volume=citizen.volume if citizen else ORDINARY_VOLUME,
        who=who_lines(standing),
        since=voice_call.since if voice_call else "",
    )


def _standing(view: SessionView, lines: RelayLines, *, hears: bool) -> Standing:
    office, helper, citizen = lines.office, lines.helper, lines.citizen
    joined = office is not None and citizen is not None and office.call in citizen.conference
    passes = joined and _open(office) and _open(citizen)
    return Standing(
        state=lines.state,
        voice=Party.AGENT if hears and helper is None else Party.COLLEAGUE,
        voice_open=_open(office) and (_open(helper) if helper else bool(office and office.hears_agent)),
        office_open=_open(office),
        agent_hears=hears,
        shown=view.picture_shown and view.stage is Stage.TALKING and view.channel is Channel.SIGN_VIDEO,
        citizen_in=passes,
        citizen_heard=passes and citizen is not None and not citizen.confided,
    )


def _open(call: Call | None) -> bool:
    return call is not None and call.state is CallState.ACTIVE and not call.on_hold and not call.held_by_remote
