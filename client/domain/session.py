"""A session as it stands, read off its log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from client.domain import event as e
from client.domain.event import Event
from client.domain.words import VIDEOMAIL, Channel, Party


class Stage(StrEnum):
    """Where a session is in its life. The transition table is `STAGES`."""

    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    HELD = "held"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"


STAGES: dict[Stage, frozenset[Stage]] = {
    Stage.WAITING: frozenset({Stage.OFFERED, Stage.TALKING, Stage.WRAP_UP, Stage.CLOSED}),
    Stage.OFFERED: frozenset({Stage.WAITING, Stage.TALKING, Stage.WRAP_UP, Stage.CLOSED}),
    Stage.TALKING: frozenset({Stage.HELD, Stage.WRAP_UP, Stage.CLOSED, Stage.WAITING}),
    Stage.HELD: frozenset({Stage.TALKING, Stage.WRAP_UP, Stage.CLOSED, Stage.WAITING}),
    Stage.WRAP_UP: frozenset({Stage.CLOSED, Stage.TALKING, Stage.OFFERED}),
    Stage.CLOSED: frozenset({Stage.OFFERED, Stage.TALKING, Stage.WRAP_UP}),
}
"""A closed session comes back when the citizen calls again on one of its keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What the desk shows of a session beside its timeline.

    `since` — RFC 3339 of the present stage; `talking_since` — of the answer; `consents` — purpose → given; `codes` — of
    the saved wrap-up; `lost` — the call broke off without anybody's wish; `unanswered_since` — RFC 3339 of the citizen's
    oldest message without an answer; `handed_by`, `handed_note` — of the last hand-over; `handed_waits` — a video session that its new owner has not taken up; `picture_shown` — the citizen may see the agent, not the card; `mail` — a video message and nobody has called back; `relay_office` — the office that is
    called for the citizen now; `written_via` — channels on which the citizen wrote; `thread_ended` — why nothing
    can be written there.
    """

    id: str
    channel: Channel = Channel.PHONE
    language: str = "ko"
    number: str = ""
    name: str = ""
    queue: str = ""
    ars: str = ""
    outbound: bool = False
    stage: Stage = Stage.WAITING
    since: str = ""
    opened_at: str = ""
    talking_since: str = ""
    owner: str | None = None
    owner_name: str = ""
    muted: bool = False
    held_for: str = ""
    relay: bool = False
    relay_office: str = ""
    lost: bool = False
    conference_with: str = ""
    emergency: bool = False
    transferred_to: str = ""
    handed_by: str = ""
    handed_note: str = ""
    handed_waits: bool = False
    picture_shown: bool = True
    mail: bool = False
    page_entered: bool = False
    page_state: str = ""
    consents: dict[str, bool] = field(default_factory=dict)
    unanswered_since: str = ""
    last_text: str = ""
    written_via: tuple[Channel, ...] = ()
    thread_ended: str = ""
    citizen_confirmed: bool = False
    complaint: e.ComplaintFiled | None = None
    office: e.ComplaintRouted | None = None
    complaint_status: str = ""
    merged_into: str = ""
    wrapup_limit_s: int = 0
    codes: tuple[str, ...] = ()
    summary: str = ""

    @property
    def sharing(self) -> bool:
        """True while the citizen shares what they see."""
        return self.consents.get("share_screen", False)


def apply(view: SessionView, event: Event) -> SessionView:
    """The session after one more event. Events of one session are applied in order of `seq`."""
    handler = _HANDLERS.get(type(event.body))
    return handler(view, event) if handler else view


def _to(view: SessionView, stage: Stage, at: str) -> SessionView:
    if stage is view.stage or stage not in STAGES[view.stage]:
        return view
    return replace(view, stage=stage, since=at)


def _opened(view: SessionView, event: Event) -> SessionView:
    body = event.body
    assert isinstance(body, e.SessionOpened)
    return replace(
        view,
        channel=body.channel,
        language=body.language,
        number=body.number or view.number,
        name=body.name or view.name,
        queue=body.queue or view.queue,
        mail=body.queue == VIDEOMAIL,
        ars=body.ars or view.ars,
        outbound=body.outbound,
        opened_at=view.opened_at or event.at,
        since=view.since or event.at,
    )


def _claimed(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.SessionClaimed)
    view = replace(view, owner=event.body.agent, owner_name=event.body.name)
    if not view.channel.is_written and not view.mail:
        return view
    return _to(replace(view, talking_since=view.talking_since or event.at), Stage.TALKING, event.at)


def _transferred(view: SessionView, event: Event) -> SessionView:
    body = event.body
    assert isinstance(body, e.SessionTransferred)
    view = replace(view, owner=body.to, owner_name=body.name, handed_by=view.owner_name, handed_note=body.note.strip())
    if view.channel.is_web and view.stage in (Stage.TALKING, Stage.HELD):  # nobody's camera begins to send by itself
        return replace(view, handed_waits=True)
    return _to(view, Stage.TALKING, event.at) if _waits_for_words(view) else view


def _waits_for_words(view: SessionView) -> bool:
    """True for a written session that a supervisor gives out: whoever gets it has it at once."""
    return (view.channel.is_written or view.mail) and view.stage is Stage.WAITING


def _released(view: SessionView, event: Event) -> SessionView:
    nobodys = replace(view, owner=None, owner_name="", handed_by="", handed_note="", handed_waits=False)
    return _to(nobodys, Stage.WAITING, event.at)


def _answered(view: SessionView, event: Event) -> SessionView:
    view = replace(view, talking_since=event.at, lost=False, muted=False, held_for="", mail=False, handed_waits=False)
    return _to(view, Stage.TALKING, event.at)


def _held(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.CallHeld)
    return _to(replace(view, held_for=event.body.reason), Stage.HELD, event.at)


def _resumed(view: SessionView, event: Event) -> SessionView:
    return _to(replace(view, held_for=""), Stage.TALKING, event.at)


def _ended(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.CallEnded)
    ended = replace(view, muted=False, held_for="", conference_with="", emergency=False, relay_office="")
    ended = replace(ended, lost=event.body.lost)
    if not view.talking_since:
        return _to(ended, Stage.CLOSED, event.at)
    return _to(ended, Stage.WRAP_UP, event.at)


def _conference(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.ConferenceStarted)
    return replace(view, conference_with=event.body.with_name, emergency=event.body.emergency)


def _relay(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.RelayMarked)
    return replace(view, relay=event.body.on)


def _relay_started(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.RelayStarted)
    return replace(view, relay_office=event.body.office)


def _message(view: SessionView, event: Event) -> SessionView:
    body = event.body
    assert isinstance(body, e.MessageSent)
    text = body.text or ", ".join(attachment.name for attachment in body.attachments)
    if body.party is Party.AGENT:
        return replace(view, unanswered_since="", last_text=text)
    if body.party is not Party.CITIZEN:
        return replace(view, last_text=text)
    via = view.written_via
    if body.via is not None and body.via not in via:
        via = (*via, body.via)
    return replace(
        view,
        unanswered_since=view.unanswered_since or event.at,
        last_text=text,
        written_via=via,
        language=body.language or view.language,
        thread_ended="",
    )


def _picture(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.PictureShown)
    return replace(view, picture_shown=event.body.on) if event.body.party is Party.AGENT else view


def _merged(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.SessionMerged)
    return replace(view, merged_into=event.body.target if event.body.source == view.id else "")


def _complaint(view: SessionView, event: Event) -> SessionView:
    match event.body:
        case e.ComplaintFiled() as filed:
            return replace(view, complaint=filed)
        case e.ComplaintRouted() as routed:
            return replace(view, office=routed)
        case e.ComplaintStatus(status=status):
            return replace(view, complaint_status=status)
        case e.ThreadEnded(reason=reason):
            return replace(view, thread_ended=reason)
    return replace(view, citizen_confirmed=True)


def _consent(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.ConsentAnswered)
    return replace(view, consents={**view.consents, event.body.purpose: event.body.given})


def _relay_over(view: SessionView) -> SessionView:
    """That an office may hear the citizen was given for that office: the next one is asked for anew."""
    left = {purpose: given for purpose, given in view.consents.items() if purpose != "relay_voice"}
    return replace(view, relay_office="", consents=left)


def _wrapup(view: SessionView, event: Event) -> SessionView:
    body = event.body
    if isinstance(body, e.WrapUpStarted):
        return _to(replace(view, wrapup_limit_s=body.limit_s), Stage.WRAP_UP, event.at)
    if isinstance(body, e.WrapUpExtended):
        return replace(view, wrapup_limit_s=view.wrapup_limit_s + body.by_s)
    assert isinstance(body, e.WrapUpSaved)
    return replace(view, codes=body.codes, summary=body.summary)


def _call_transferred(view: SessionView, event: Event) -> SessionView:
    assert isinstance(event.body, e.CallTransferred)
    return replace(view, transferred_to=event.body.to)


_HANDLERS = {
    e.SessionOpened: _opened,
    e.SessionClaimed: _claimed,
    e.SessionTransferred: _transferred,
    e.SessionReleased: _released,
    e.SessionClosed: lambda view, event: _to(view, Stage.CLOSED, event.at),
    e.CallOffered: lambda view, event: _to(view, Stage.OFFERED, event.at),
    e.CallAnswered: _answered,
    e.CallHeld: _held,
    e.CallResumed: _resumed,
    e.CallMuted: lambda view, _: replace(view, muted=True),
    e.CallUnmuted: lambda view, _: replace(view, muted=False),
    e.CallEnded: _ended,
    e.CallTransferred: _call_transferred,
    e.ConferenceStarted: _conference,
    e.ConferenceEnded: lambda view, _: replace(view, conference_with="", emergency=False),
    e.RelayMarked: _relay,
    e.RelayStarted: _relay_started,
    e.RelayEnded: lambda view, _: _relay_over(view),
    e.ConsentAnswered: _consent,
    e.PictureShown: _picture,
    e.MessageSent: _message,
    e.SessionMerged: _merged,
    e.ComplaintFiled: _complaint,
    e.ComplaintRouted: _complaint,
    e.ComplaintStatus: _complaint,
    e.ThreadEnded: _complaint,
    e.CitizenConfirmed: _complaint,
    e.PageEntered: lambda view, _: replace(view, page_entered=True),
    e.WrapUpStarted: _wrapup,
    e.WrapUpExtended: _wrapup,
    e.WrapUpSaved: _wrapup,
}

SPEAKING_PARTIES = (Party.CITIZEN, Party.AGENT, Party.COLLEAGUE, Party.INTERPRETER, Party.OFFICE, Party.RELAY_OPERATOR)
