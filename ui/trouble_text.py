"""Troubles and refusals in words: what happened, and what to do."""

from __future__ import annotations

import re

from client.domain.words import Channel
from client.services.notices import Trouble
from ui.language import tr
from ui.wording import channel_text


def trouble_text(trouble: Trouble, detail: str = "") -> tuple[str, str]:
    """(what happened, what to do or what holds meanwhile)."""
    texts = {**_connection_texts(), **_call_texts(), **_written_texts()}
    what, advice = texts.get(trouble, (tr("Something did not work"), ""))
    detail = device_text(detail) if trouble is Trouble.DEVICE_LOST else detail
    if detail and trouble in (Trouble.GATEWAY_DOWN, Trouble.GATEWAY_BACK):
        detail = channel_text(Channel(detail))
    return (f"{what} ({detail})" if detail else what), advice


def device_text(problem: str) -> str:
    """What the voice engine says of sound devices, in the interface's words; what is not known is left as it is."""
    return ", ".join(_one_device(part) for part in problem.split("; ")) if problem else ""


def _one_device(problem: str) -> str:
    roles = {"microphone": tr("Microphone"), "speaker": tr("Speaker"), "ring": tr("Ring device")}
    for pattern, text in (
        (r"there is no (?P<role>\w+) device", tr("{role}: none here")),
        (r"(?P<role>\w+): (?P<name>.+) is not there, .*", tr("{role}: {name} is not there")),
        (r"(?P<role>\w+): (?P<name>.+) is gone, .*", tr("{role}: {name} was unplugged")),
    ):
        found = re.fullmatch(pattern, problem)
        if found and found["role"] in roles:
            return text.format(**{**found.groupdict(), "role": roles[found["role"]]})
    return problem


def _written_texts() -> dict[Trouble, tuple[str, str]]:
    return {
        Trouble.UNSENT: (
            tr("Messages that were about to be sent are drafts again"),
            tr("The desk ended before they went. Open the session to send them."),
        ),
        Trouble.GATEWAY_DOWN: (
            tr("A service for messages does not answer"),
            tr("What you send waits and goes when it is back."),
        ),
        Trouble.GATEWAY_BACK: (tr("A service for messages works again"), ""),
    }


def _connection_texts() -> dict[Trouble, tuple[str, str]]:
    return {
        Trouble.HUB_AWAY: (
            tr("The server does not answer"),
            tr("Calls go on. What you write is kept here and sent when it is back."),
        ),
        Trouble.HUB_BACK: (tr("The server is back"), tr("What waited is being sent.")),
        Trouble.HUB_REFUSED: (
            tr("The server did not take what is marked"),
            tr("It is kept on this machine. Tell your IT; send it again when they have mended it."),
        ),
        Trouble.HUB_DENIED: (
            tr("The server does not accept this desk's sign-in"),
            tr("Calls go on and everything is kept here. Ask your IT for a new sign-in."),
        ),
        Trouble.STORE_FULL: (
            tr("The disk is full: nothing new can be kept"),
            tr("Your text stays in its field. Free some space or tell your IT."),
        ),
        Trouble.STORE_BROKEN: (
            tr("The desk's store was damaged and set aside"),
            tr("A fresh one is in use. Tell your IT."),
        ),
        Trouble.PHONE_AWAY: (tr("The phone has stopped"), tr("It is starting again, which takes a few seconds.")),
        Trouble.PHONE_BACK: (tr("The phone works again"), ""),
        Trouble.NOT_REGISTERED: (
            tr("The phone is not registered"),
            tr("No calls arrive until it is. It tries again by itself."),
        ),
        Trouble.CAPTIONS_AWAY: (
            tr("Captions have stopped"),
            tr("The call goes on. What is said meanwhile is captioned later."),
        ),
        Trouble.CAPTIONS_BACK: (tr("Captions are back"), ""),
        Trouble.CAPTIONS_MISSING: (
            tr("There are no captions on this desk"),
            tr("Calls go on without them. Ask your IT to run the command `ieum doctor`, which says what is missing."),
        ),
        Trouble.CAPTIONS_ROUGH: (
            tr("Captions are rough"),
            tr("The good recogniser is missing here. Do not rely on the words."),
        ),
        Trouble.VIDEO_AWAY: (tr("The video has stopped"), tr("It is starting again; real-time text goes on.")),
        Trouble.VIDEO_BACK: (tr("The video works again"), ""),
        Trouble.VIDEO_FAILED: (
            tr("The video connection did not come about"),
            tr("The citizen's page tries again; write meanwhile."),
        ),
        Trouble.CAMERA_LOST: (
            tr("The camera gives no picture"),
            tr("Close the program that uses it, plug it in again, or choose another in the settings."),
        ),
        Trouble.RELAY_FAILED: (tr("The office could not be reached"), tr("Try again, or call another number.")),
        Trouble.DEVICE_LOST: (tr("A sound device is missing"), tr("Plug the headset in, or choose another device.")),
    }


def _call_texts() -> dict[Trouble, tuple[str, str]]:
    return {
        Trouble.CALL_LOST: (tr("The call broke off"), tr("Call back with one key.")),
        Trouble.CALL_FAILED: (tr("The call did not come about"), tr("Check the number or try again.")),
        Trouble.CALL_ADOPTED: (tr("The running call was taken over"), tr("The desk was restarted; the call went on.")),
        Trouble.OFFER_MISSED: (
            tr("A call went back to the queue unanswered"),
            tr("Set your state to Break if you are away."),
        ),
        Trouble.TRANSFER_FAILED: (tr("The transfer did not work"), tr("The citizen is still with you.")),
        Trouble.LAMP_FAILED: (
            tr("The alert's lamp or vibrator does not start"),
            tr("Alerts are still shown and sounded. Tell your IT."),
        ),
        Trouble.PEDAL_FAILED: (
            tr("The pedal's program does not start"),
            tr("All its actions have keys. It is tried again by itself; tell your IT."),
        ),
        Trouble.PEDAL_UNKNOWN: (
            tr("The pedal asks for something that the desk does not know"),
            tr("Its other lines are taken. Tell your IT."),
        ),
        Trouble.TRANSFER_DONE: (tr("The call was transferred"), ""),
        Trouble.NOT_POSSIBLE: (tr("That is not possible now"), ""),
    }


def refusal_text(key: str, detail: str = "") -> str:
    """Why something that the agent asked cannot be done."""
    texts = {
        "store_full": tr("The disk is full. Your text stays in its field."),
        "no_mail": tr("There is no video message for that now."),
        "no_call": tr("There is no call for that now."),
        "no_offer": tr("No call is ringing any more."),
        "already_in_video": tr("You are in a video session: end it first."),
        "no_consent": tr("The citizen has not agreed to a still picture."),
        "video": tr("The video engine refused"),
        "phone": tr("The phone refused"),
        "call_failed": tr("The call did not come about"),
        "bad_tones": tr("Only 0–9, * and # can be sent."),
        "already_consulting": tr("Another call is already open beside this one."),
        "already_relaying": tr("An office is on the line already."),
        "relay_no_number": tr("Enter the office's number."),
        "relay_needs_voice": tr("A hearing colleague must speak with the office: enter their number."),
        "relay_not_announced": tr("The office has to answer first, and can agree once."),
        "no_relay": tr("No office is on the line."),
        "no_consultation": tr("Nobody has answered on the other line yet."),
        "not_an_emergency_number": tr("This is not an emergency number."),
        "code_required": tr("Choose at least one wrap-up code."),
        "not_yours": tr("Another agent has this session."),
        "page_not_open": tr("The citizen has not opened the page yet."),
        "empty_text": tr("There is nothing to send."),
        "bad_text": tr("This text cannot be sent"),
        "no_wrapup": tr("No wrap-up is running for this session."),
        "unknown_code": tr("The centre does not know this code"),
        "not_final": tr("This line is still being recognised."),
        "no_number": tr("The citizen's number is not known."),
        "hub_away": tr("The server does not answer. Try again in a moment."),
        "hub_refused": tr("The server refused"),
        "full": tr("You hold as much as you may. Finish or hand over a session first."),
        "not-yours": tr("Another agent has this session."),
        "not-owner": tr("Another agent has this session."),
        "owned": tr("A colleague was faster: the session is taken"),
        "already-sent": tr("It has left the centre and cannot be taken back."),
        "not-confirmed": tr("Make sure first who writes: the number may be another person's by now."),
        "thread-ended": tr("The citizen's conversation there is over: nothing can be written."),
        "cannot_be_sent": tr("It cannot be sent like this"),
        "unfilled": tr("Fill in what stands in braces first"),
        "too_many_files": tr("No more files go with one message"),
        "file_not_ready": tr("A file is not at the server yet. Wait, try again, or remove it."),
    }
    if key == "hub_refused" and detail in texts:
        return texts[detail]
    text = texts.get(key, tr("That is not possible now"))
    return f"{text} ({detail})" if detail else text
