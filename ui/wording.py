"""The words for what the domain and the services name by keys. Every text here is a source string."""

from __future__ import annotations

from datetime import UTC, datetime

from client.domain.event import DeliveryState, parse_timestamp
from client.domain.session import SessionView, Stage
from client.domain.timeline import ScreenState
from client.domain.words import Channel, Party
from client.services.alerts import Alert
from client.services.notices import Alarm
from client.services.sessions import SessionBook
from ui.language import tr

CIRCLED = dict(zip("123456789", "①②③④⑤⑥⑦⑧⑨", strict=True))


def clock_text(seconds: float) -> str:
    """mm:ss; an hour is 60:00, so that figures stay one glance wide."""
    whole = max(0, int(seconds))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def seconds_since(at: str, now: datetime) -> float:
    """Seconds from an RFC 3339 time to now; 0 where there is none."""
    return max(0.0, (now - parse_timestamp(at)).total_seconds()) if at else 0.0


def time_text(at: str) -> str:
    """A moment as local time of day, hh:mm."""
    return parse_timestamp(at).astimezone().strftime("%H:%M") if at else ""


def date_time_text(moment: datetime) -> str:
    """A moment as local date and time."""
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def moment_text(at: str) -> str:
    """A moment as local day and time, without the year."""
    return parse_timestamp(at).astimezone().strftime("%m-%d %H:%M") if at else ""


def day_text(at: str) -> str:
    """A moment as a local day."""
    return parse_timestamp(at).astimezone().strftime("%Y-%m-%d") if at else ""


def channel_text(channel: Channel) -> str:
    """How a session began."""
    return {
        Channel.PHONE: tr("Phone"),
        Channel.SMS: tr("Text message"),
        Channel.CHAT: tr("Web chat"),
        Channel.KAKAO: tr("KakaoTalk"),
        Channel.CHATBOT: tr("Chatbot"),
        Channel.COMPLAINT: tr("Complaint"),
        Channel.PORTAL: tr("Portal"),
        Channel.SIGN_VIDEO: tr("Sign-language video"),
        Channel.WEB_CALL: tr("Call from the homepage"),
    }[channel]


CHANNEL_ICONS = {
    Channel.PHONE: "phone",
    Channel.SMS: "message",
    Channel.CHAT: "globe",
    Channel.KAKAO: "chat",
    Channel.CHATBOT: "bot",
    Channel.COMPLAINT: "document",
    Channel.PORTAL: "portal",
    Channel.SIGN_VIDEO: "hand",
    Channel.WEB_CALL: "phone",
}


def stage_text(view: SessionView) -> str:
    """Where a session is in its life."""
    if view.stage is Stage.TALKING and view.channel.is_written:
        return tr("Answer due") if view.unanswered_since else tr("Answered")
    if view.stage is Stage.TALKING and view.mail:
        return tr("Video message")
    if view.stage is Stage.TALKING:
        talking = tr("In a video session") if view.channel is Channel.SIGN_VIDEO else tr("In a call")
        return tr("Muted") if view.muted else talking
    if view.handed_waits:
        return tr("Handed over, not answered yet")
    if view.stage is Stage.HELD:
        return {
            "consultation": tr("Consulting, citizen on hold"),
            "other_call": tr("On hold for another call"),
            "hand_over": tr("Being handed to another counselor"),
        }.get(view.held_for, tr("On hold"))
    return {
        Stage.WAITING: tr("Waiting"),
        Stage.OFFERED: tr("Ringing"),
        Stage.WRAP_UP: tr("Call lost, wrap-up") if view.lost else tr("Wrap-up"),
        Stage.CLOSED: tr("Closed"),
    }[view.stage]


def party_text(party: Party) -> str:
    """Who speaks."""
    return {
        Party.CITIZEN: tr("Citizen"),
        Party.AGENT: tr("Agent"),
        Party.COLLEAGUE: tr("Colleague"),
        Party.INTERPRETER: tr("Interpreter"),
        Party.OFFICE: tr("Office"),
        Party.RELAY_OPERATOR: tr("Relay operator"),
        Party.BOT: tr("Chatbot"),
        Party.SYSTEM: tr("System"),
    }[party]


def writer_text(party: Party) -> str:
    """Who wrote, told apart from who spoke."""
    return {Party.CITIZEN: tr("Citizen (typed)"), Party.AGENT: tr("Agent (typed)")}.get(party, party_text(party))


def language_text(tag: str) -> str:
    """A language in words."""
    return {
        "ko": tr("Korean"),
        "en": tr("English"),
        "ja": tr("Japanese"),
        "zh": tr("Chinese"),
        "vi": tr("Vietnamese"),
        "mn": tr("Mongolian"),
        "kvk": tr("Korean Sign Language"),
    }.get(tag.split("-", maxsplit=1)[0], tag)


def ars_text(ars: str) -> str:
    """The menu code the citizen chose, with the name the centre gave it."""
    code = ars.strip()
    names = {
        "1": tr("Traffic and general"),
        "2": tr("Water"),
        "3": tr("Care"),
        "4": tr("Deregulation"),
        "5": tr("Loneliness"),
        "9": tr("Foreign languages"),
    }
    head = code[:1]
    if head in names and code.replace("-", "").isdigit() and code[1:2] in ("", "-"):
        return f"{CIRCLED[head]} {names[head]}"
    return (
        f"{CIRCLED[head]} {code[1:].strip()}" if head in CIRCLED and len(code) > 1 and not code[1].isdigit() else code
    )


def listener_text(key: str) -> str:
    """Who hears the agent now."""
    return {
        "citizen": tr("The citizen hears you"),
        "all_three": tr("All three hear each other"),
        "colleague_only": tr("Only the other side hears you, not the citizen"),
    }.get(key, tr("Nobody hears you"))


def presence_text(key: str) -> str:
    """The agent's own state."""
    return {
        "available": tr("Available"),
        "busy": tr("Busy"),
        "break": tr("Break"),
        "meal": tr("Meal"),
        "training": tr("Training"),
        "offline": tr("Offline"),
        "talking": tr("In a call"),
        "wrap_up": tr("Wrap-up"),
        "ringing": tr("Ringing"),
        "held": tr("On hold"),
    }.get(key, key)


def screen_state_text(state: ScreenState) -> str:
    """How far a pushed screen came."""
    return {
        ScreenState.SENT: tr("sent"),
        ScreenState.DELIVERED: tr("delivered"),
        ScreenState.OPENED: tr("opened by the citizen"),
        ScreenState.ANSWERED: tr("answered"),
        ScreenState.WITHDRAWN: tr("withdrawn"),
    }[state]


def who_text(view: SessionView) -> str:
    """Whom a session is with, as far as it is known: a browser has no number."""
    return view.name or view.number or (channel_text(view.channel) if view.channel.is_web else tr("Number unknown"))


def alarm_text(alarm: Alarm) -> str:
    """What calls for the agent."""
    return {
        Alarm.CALL_OFFERED: tr("A call is waiting for you"),
        Alarm.VIDEO_OFFERED: tr("A citizen waits for you by video"),
        Alarm.VIDEO_UNREADABLE: tr("The citizen's signing can hardly be read"),
        Alarm.MESSAGE: tr("The citizen wrote"),
        Alarm.SCREEN_ANSWERED: tr("The citizen answered a screen"),
        Alarm.WRAPUP_TIME: tr("The wrap-up time is over"),
        Alarm.MICROPHONE_SILENT: tr("Nothing comes from your microphone"),
        Alarm.FAR_END_SILENT: tr("Nothing is heard from the citizen"),
        Alarm.CALL_LOST: tr("The call broke off"),
        Alarm.TRANSFER_ARRIVED: tr("A session was handed to you"),
        Alarm.REPLY_LATE: tr("The citizen waits for an answer"),
        Alarm.MESSAGE_FAILED: tr("A message may not have arrived"),
    }[alarm]


ALARM_ICONS = {
    Alarm.CALL_OFFERED: "phone",
    Alarm.VIDEO_OFFERED: "hand",
    Alarm.VIDEO_UNREADABLE: "warning",
    Alarm.MESSAGE: "message",
    Alarm.SCREEN_ANSWERED: "screen",
    Alarm.WRAPUP_TIME: "wrapup",
    Alarm.REPLY_LATE: "message",
    Alarm.MESSAGE_FAILED: "message",
}


def alert_parts(sessions: SessionBook, alert: Alert) -> tuple[str, str]:
    """(what calls for the agent, whose session it is)."""
    view = sessions.get(alert.session) if alert.session in sessions else None
    whose = (who_text(view), ars_text(view.ars)) if view else ()
    return alarm_text(alert.alarm), ", ".join(part for part in whose if part)


COMPLAINT_STATES = ("received", "assigned", "working", "answered", "closed")


CONFIRMED = ("asked", "matter", "called", "other")


def confirmed_text(how: str) -> str:
    """How the agent made sure who writes."""
    return {
        "asked": tr("Name and birthday were asked"),
        "matter": tr("The earlier matter was known"),
        "called": tr("Called back"),
    }.get(how, tr("In another way"))


def complaint_status_text(status: str) -> str:
    """How far a complaint came, as its citizen is told."""
    return {
        "received": tr("received"),
        "assigned": tr("assigned to an office"),
        "working": tr("being worked on"),
        "answered": tr("answered"),
        "closed": tr("closed"),
    }.get(status, status)


def delivery_text(state: DeliveryState) -> str:
    """How far a message to the outside came."""
    return {
        DeliveryState.QUEUED: tr("waits to be sent"),
        DeliveryState.SENDING: tr("being sent"),
        DeliveryState.ACCEPTED: tr("sent"),
        DeliveryState.DELIVERED: tr("arrived"),
        DeliveryState.FAILED: tr("not delivered"),
        DeliveryState.UNCERTAIN: tr("not sure whether it was sent"),
        DeliveryState.WITHDRAWN: tr("taken back"),
    }[state]


def consent_text(purpose: str) -> str:
    """What the citizen was asked to allow."""
    if purpose.startswith("form:"):
        return tr("Fields of a form")
    return {
        "share_screen": tr("Sharing the screen"),
        "keep_captions": tr("Keeping captions"),
        "relay_voice": tr("The office may hear the citizen's microphone"),
        "snapshot": tr("A still picture"),
    }.get(purpose, purpose)


def page_text(page: str) -> str:
    """The state of the citizen's page."""
    return {
        "open": tr("The page is open"),
        "hidden": tr("The page is in the background"),
        "gone": tr("The page was closed"),
    }.get(page, tr("The page is not open yet"))
