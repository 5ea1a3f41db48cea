"""What the agent writes: to the citizen, by whichever way leads there, for colleagues, and what is not finished yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from client.domain import event as e
from client.domain.attachment import Attachment
from client.domain.codec import BadInput
from client.domain.quick_answers import QuickAnswer, filled, search
from client.domain.words import Channel, Party
from client.ports.hub import Hub
from client.ports.outbox import Outbox, OutboxFull
from client.services.asking import ask_hub
from client.services.attaching import AttachingService
from client.services.errors import NotPossible
from client.services.gateways import GatewayService
from client.services.log import EventLog
from client.services.sending import SendingService
from client.services.sessions import SessionBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the citizen can be reached: `via` a gateway's channel, None: their page. `open` is false where it ended, and `why`."""

    via: Channel | None
    senders: tuple[str, ...] = ()
    open: bool = True
    why: str = ""


class WritingService:
    """Messages, notes, quick answers and drafts of each session. Attributes: `answers` — the centre's quick answers."""

    def __init__(
        self,
        hub: Hub,
        log: EventLog,
        outbox: Outbox,
        sessions: SessionBook,
        sending: SendingService,
        attaching: AttachingService,
        gateways: GatewayService,
        answers: Sequence[QuickAnswer] = (),
        centre: str = "",
    ) -> None:
        self.answers = tuple(answers)
        self._hub = hub
        self._log = log
        self._outbox = outbox
        self._sessions = sessions
        self._sending = sending
        self._attaching = attaching
        self._gateways = gateways
        self._centre = centre

    # ── who can be reached, and how ──────────────────────────────────────────────────────────────

    def ways(self, session: str) -> tuple[Way, ...]:
        """Every way to this citizen, the likeliest first."""
        view = self._sessions.get(session)
        found: list[Way] = []
        if view.page_entered or view.channel is Channel.CHAT:
            found.append(Way(via=None))
        channels = (
            [view.channel, *reversed(view.written_via)] if view.channel.leaves_the_centre else list(view.written_via)
        )
        outside = dict.fromkeys(one for one in channels if one.leaves_the_centre)
        found += [self._outside(one, view.thread_ended if one is view.channel else "") for one in outside]
        if view.number and not any(way.via is Channel.SMS for way in found) and self._gateways.of(Channel.SMS):
            found.append(self._outside(Channel.SMS, ""))
        return tuple(sorted(found, key=lambda way: not way.open))

    def _outside(self, channel: Channel, ended: str) -> Way:
        gateway = self._gateways.of(channel)
        return Way(via=channel, senders=gateway.senders if gateway else (), open=not ended, why=ended)

    def reachable(self, session: str) -> bool:
        """True if there is any open way to the citizen."""
        return any(way.open for way in self.ways(session))

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def send(
        self,
        session: str,
        text: str,
        *,
        way: Way | None = None,
        subject: str = "",
        sender: str = "",
        attachments: tuple[Attachment, ...] = (),
        buttons: tuple[e.LinkButton, ...] = (),
    ) -> str:
        """Write to the citizen by `way` (None: the likeliest); the message's id. Raises `NotPossible`; the text stays then."""
        way = way or next((one for one in self.ways(session) if one.open), None)
        if way is None or not way.open:
            raise NotPossible("page_not_open")
        if not self._sessions.may_write(session):
            raise NotPossible("not_yours")

        def body() -> e.MessageSent:
            return e.MessageSent(
                party=Party.AGENT,
                text=text.strip(),
                via=way.via,
                subject=subject.strip(),
                sender=sender,
                attachments=attachments,
                buttons=buttons,
            )

        id_ = self._made(lambda: self._sending.send(session, body()))
        self.draft(session, "message", "")
        self.draft(session, "subject", "")
        if attachments:
            self._attaching.clear(session)
        return id_

    def note(self, session: str, text: str) -> None:
        """Write an internal note."""
        self._made(lambda: self._log.say(session, e.NoteWritten(text=text.strip())).id)
        self.draft(session, "note", "")

    def withdraw(self, session: str, message: str) -> None:
        """Take back a message that has not left the centre; the hub refuses it where it has."""
        self._made(lambda: self._log.say(session, e.MessageWithdrawn(message=message)).id)

    async def settle(self, session: str, message: str, *, again: bool) -> None:
        """Decide about a failed or uncertain message. Raises `NotPossible`."""
        await ask_hub(self._hub.settle(session, message, again=again))

    def confirm_citizen(self, session: str, how: str = "") -> None:
        """The agent made sure who writes; `how` is kept."""
        self._log.say(session, e.CitizenConfirmed(how=how))

    def route(self, session: str, office: str) -> None:
        """The complaint goes to this office, by hand."""
        self._log.say(session, e.ComplaintRouted(office=office))

    def tell_status(self, session: str, status: str, note: str) -> None:
        """The complaint's citizen is told how far it came."""
        self._log.say(session, e.ComplaintStatus(status=status, note=note))

    def read(self, session: str) -> None:
        """The agent has seen what the citizen wrote: the citizen may know. Nothing where there is nothing new."""
        view = self._sessions.get(session)
        if view.owner != self._sessions.me or view.channel is not Channel.CHAT:
            return
        last = self._sessions.last_from_citizen(session)
        if last and self._sessions.mark_told(session, last):
            self._log.say(session, e.MessageRead(message=last, party=Party.AGENT))

    def _made(self, act: Callable[[], str]) -> str:
        try:
            return act()
        except BadInput as error:
            raise NotPossible("bad_text", error.why) from error

    # ── quick answers ────────────────────────────────────────────────────────────────────────────

    def find(self, session: str, query: str) -> list[QuickAnswer]:
        """Quick answers for this session, the best first."""
        view = self._sessions.get(session)
        return search(self.answers, query, channel=view.channel, language=view.language)

    def filled(self, session: str, answer: QuickAnswer, agent: str, today: str) -> tuple[str, tuple[str, ...]]:
        """Its text with what is known put in, and the names of what the agent has to fill."""
        view = self._sessions.get(session)
        return filled(answer.text, {"상담사": agent, "기관": self._centre, "시민": view.name, "오늘": today})

    # ── drafts ───────────────────────────────────────────────────────────────────────────────────

    def draft(self, session: str, field: str, text: str) -> None:
        """Keep what is being written in `message`, `subject`, `note` or `wrapup`; raises `NotPossible` when the store is full."""
        try:
            self._outbox.save_draft(session, field, text)
        except OutboxFull as error:
            raise NotPossible("store_full", str(error)) from error

    def drafts(self, session: str) -> dict[str, str]:
        """Field → text."""
        return self._outbox.drafts(session)
