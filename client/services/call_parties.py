"""Who is on the line in one session, who of them hears the agent, and whom an act of the agent means."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.call import Call, CallState
from client.domain.masking import mask_number
from client.services.call_book import LIVE, CallBook, Part
from client.services.call_views import CallView

RINGING = (CallState.DIALLING, CallState.EARLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The living calls of a session, offers aside.

    `main` — the citizen's, or that of a colleague who asks us; `side` — to the one we ask or call for help, whose name is
    `label` and whose part is `part`. At least one of them is there.
    """

    session: str
    main: Call | None
    side: Call | None
    label: str = ""
    part: Part = Part.CITIZEN

    @property
    def calls(self) -> tuple[Call, ...]:
        """Both."""
        return tuple(call for call in (self.main, self.side) if call is not None)

    @property
    def first(self) -> Call:
        """Whom hold and the bar mean: the citizen while there, else who is left."""
        return self.calls[0]

    @property
    def emergency(self) -> bool:
        """Help was called."""
        return self.side is not None and self.part is Part.EMERGENCY

    @property
    def joined(self) -> bool:
        """The three are mixed, or will be as soon as the emergency number answers: the citizen stays on the line."""
        return self.main is not None and self.side is not None and (bool(self.main.conference) or self.emergency)

    @property
    def private(self) -> bool:
        """The citizen waits on hold while somebody is asked."""
        return self.main is not None and self.side is not None and not self.joined and self.main.on_hold

    @property
    def muted(self) -> bool:
        """The microphone is closed for everybody."""
        return all(call.muted for call in self.calls)

    @property
    def hang_up_means(self) -> tuple[Call, ...]:
        """What a hang-up ends: the consultation while the citizen waits, so that no citizen is cut off; else all."""
        return (self.side,) if self.private and self.side is not None else self.calls

    @property
    def tones_mean(self) -> Call | None:
        """Who gets tones: the one asked, if the agent talks with them, else the citizen."""
        talking = [call for call in self.calls if call.state is CallState.ACTIVE and not call.on_hold]
        return talking[-1] if talking else None

    @property
    def listener_key(self) -> str:
        """Who hears the agent: citizen, all_three, colleague_only, nobody_muted, nobody_hold or nobody."""
        citizen = self.main is not None and self.main.hears_agent
        other = self.side is not None and self.side.hears_agent
        if citizen or other:
            return "all_three" if citizen and other else "citizen" if citizen else "colleague_only"
        live = [call for call in self.calls if call.state in LIVE]
        if any(call.muted for call in live):
            return "nobody_muted"
        return "nobody_hold" if live else "nobody"

    def view(self) -> CallView:
        """As the call bar shows it."""
        first, beside = self.first, self.main is not None and self.side is not None
        return CallView(
            session=self.session,
            call=first.call,
            state=first.state,
            muted=self.muted,
            on_hold=first.on_hold,
            held_by_remote=first.held_by_remote,
            hears_agent=first.hears_agent,
            wide_band=first.wide_band,
            srtp=first.srtp,
            conference=(self.label,) if self.joined else (),
            consultation=self.label if beside and not self.joined else "",
            alone_with="" if self.main is not None else self.label,
            ringing=self.side is not None and self.side.state in RINGING,
            emergency=self.emergency,
            number_masked=mask_number(first.number) if self.main is not None else "",
            since=first.since,
        )


def parties_of(book: CallBook, session: str) -> Parties | None:
    """Who is on the line in a session; None where nobody is."""
    main, beside = book.of_session(session), book.side_call()
    if main is not None and main.state is CallState.OFFERED:
        return None
    if beside is None or beside[1].session != session:
        return Parties(session=session, main=main, side=None) if main is not None else None
    call, record = beside
    return Parties(session=session, main=main, side=book.told[call], label=record.label, part=record.part)
