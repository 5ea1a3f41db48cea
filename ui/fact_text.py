"""What happened in a session, in words: one small function per class of event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from client.domain import event as e
from client.domain.recognition import NO_LANGUAGE
from ui.language import tr
from ui.wording import complaint_status_text, confirmed_text, consent_text


def fact_text(body: e.Body) -> str:
    """One line; never a citizen's data that the timeline does not hold anyway."""
    word = WORDS.get(type(body))
    return word(body) if word else body.type


def _held(body: e.CallHeld) -> str:
    return {
        "consultation": tr("On hold for a consultation"),
        "other_call": tr("On hold for another call"),
        "hand_over": tr("Being handed to another counselor"),
    }.get(body.reason, tr("Call put on hold"))


def _tones(body: e.TonesReceived) -> str:
    if body.digits:
        return tr("The citizen pressed {digits}", digits=body.digits)
    return tr("The citizen pressed keys: {count}, hidden", count=body.count)


def _conference(body: e.ConferenceStarted) -> str:
    if body.emergency:
        return tr("Emergency hand-over, {name} joined", name=body.with_name)
    return tr("Three-way call, {name} joined", name=body.with_name)


def _relay(body: e.RelayMarked) -> str:
    if body.on and body.by == "counselor":
        return tr("Relay call: the counselor relays to an office")
    return tr("Relay call: an operator speaks for the citizen") if body.on else tr("Relay mark taken off")


def _ended(body: e.CallEnded) -> str:
    if body.lost:
        return tr("The call broke off")
    return {"citizen": tr("The citizen hung up"), "agent": tr("The agent hung up")}.get(body.by, tr("Call ended"))


def _gap(body: e.CaptionGap) -> str:
    if body.reason == NO_LANGUAGE:
        return tr("No captions: this language is not recognised. Choose another language of the captions.")
    return tr("Captions are missing for {seconds} s", seconds=max(1, (body.end_ms - body.start_ms) // 1000))


def _consent(body: e.ConsentAnswered) -> str:
    what = consent_text(body.purpose)
    return tr("{what}: allowed", what=what) if body.given else tr("{what}: refused", what=what)


def _released(body: e.SessionReleased) -> str:
    return {
        "declined": tr("Passed on to another agent"),
        "unanswered": tr("Not answered, back to the queue"),
    }.get(body.reason, tr("Back to the queue"))


def _engine(body: e.EngineFailed) -> str:
    name = {"voice": tr("Phone"), "speech": tr("Captions"), "video": tr("Video")}.get(body.engine, body.engine)
    if body.back:
        return tr("{name} works again", name=name)
    return tr("{name} failed and is starting again", name=name)


def _handed(body: e.SessionTransferred) -> str:
    text = tr("Session handed to {name}", name=body.name or body.to)
    return f"{text} — {body.note}" if body.note else text


def _routed(body: e.ComplaintRouted) -> str:
    by = tr("rule {number}", number=body.rule) if body.rule else tr("by hand")
    text = tr("Goes to {office} ({by})", office=body.office, by=by)
    return f"{text} — {body.why}" if body.why else text


def _filed(body: e.ComplaintFiled) -> str:
    return tr("Complaint: {what}", what=", ".join(part for part in (body.category, body.district, body.place) if part))


def _status(body: e.ComplaintStatus) -> str:
    text = tr("Told the citizen: {status}", status=complaint_status_text(body.status))
    return f"{text} — {body.note}" if body.note else text


def _thread(body: e.ThreadEnded) -> str:
    return {
        "blocked": tr("The citizen blocked the channel: nothing can be written there"),
        "expired": tr("The channel's session ran out: nothing can be written there"),
    }.get(body.reason, tr("The citizen ended the conversation"))


def _bot(body: e.BotHandedOver) -> str:
    text = tr("Handed over by the chatbot {name}", name=body.bot).strip()
    return f"{text} — {body.reason}" if body.reason else text


def _confirmed(body: e.CitizenConfirmed) -> str:
    text = tr("It was made sure who writes")
    return f"{text} — {confirmed_text(body.how)}" if body.how else text


def _interrupted(body: e.VideoInterrupted) -> str:
    return {
        "engine": tr("The video stopped here and is starting again; text goes on"),
        "page": tr("The citizen's page lost the connection; text goes on"),
    }.get(body.reason, tr("The video is interrupted; text goes on"))


def _picture(body: e.PictureShown) -> str:
    return tr("The citizen sees the agent") if body.on else tr("The citizen sees a card in the agent's place")


def _mark(body: e.MarkSet) -> str:
    return tr("Marked: {text}", text=body.text) if body.text else tr("Marked")


def _relay_started(body: e.RelayStarted) -> str:
    if body.voice == "colleague":
        return tr("Phone relay begins: {office}; a hearing colleague speaks", office=body.office)
    return tr("Phone relay begins: {office}", office=body.office)


def _relay_ended(body: e.RelayEnded) -> str:
    if body.refused:
        return tr("The office did not want to be relayed")
    return {"office": tr("The office hung up"), "failure": tr("The phone relay broke off")}.get(
        body.by, tr("The phone relay is over")
    )


WORDS: dict[type[e.Body], Callable[[Any], str]] = {
    e.CallOffered: lambda _: tr("The call rang here"),
    e.CallAnswered: lambda _: tr("Call answered"),
    e.CallHeld: _held,
    e.CallResumed: lambda _: tr("Call resumed"),
    e.TonesSent: lambda body: tr("Keypad tones sent: {count}", count=body.count),
    e.TonesReceived: _tones,
    e.CallTransferred: lambda body: tr("Call transferred to {name}", name=body.to),
    e.ConferenceStarted: _conference,
    e.ConferenceEnded: lambda _: tr("Three-way call over"),
    e.RelayMarked: _relay,
    e.CallEnded: _ended,
    e.PictureShown: _picture,
    e.VideoInterrupted: _interrupted,
    e.VideoRestored: lambda _: tr("The video passes again"),
    e.MarkSet: _mark,
    e.SnapshotTaken: lambda _: tr("A still picture was taken, as the citizen agreed"),
    e.RelayStarted: _relay_started,
    e.RelayAgreed: lambda _: tr("The office was told of the relay and its captions, and agreed"),
    e.RelayEnded: _relay_ended,
    e.VideomailLeft: lambda body: tr("Video message, {seconds} s", seconds=round(body.seconds)),
    e.CaptionGap: _gap,
    e.PageEntered: lambda _: tr("The citizen opened the link"),
    e.PageRefused: lambda _: tr("The link was opened on another device and refused"),
    e.ConsentAnswered: _consent,
    e.SessionTransferred: _handed,
    e.SessionReleased: _released,
    e.WrapUpSaved: lambda body: tr("Wrap-up saved: {codes}", codes=", ".join(body.codes)),
    e.EngineFailed: _engine,
    e.SessionMerged: lambda _: tr("Sessions of the same citizen were joined"),
    e.BotHandedOver: _bot,
    e.ComplaintFiled: _filed,
    e.ComplaintRouted: _routed,
    e.ComplaintStatus: _status,
    e.ThreadEnded: _thread,
    e.CitizenConfirmed: _confirmed,
    e.SessionClosed: lambda _: tr("Session closed"),
}
