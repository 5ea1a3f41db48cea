"""The fixed vocabularies of the domain: who, over what, for whose eyes. One glossary for code and interface."""

from __future__ import annotations

from enum import StrEnum

VIDEOMAIL = "videomail"  # the queue of sessions that began by a signed video message


class Channel(StrEnum):
    """How a session began; other channels may join it."""

    PHONE = "phone"
    SMS = "sms"
    CHAT = "chat"
    KAKAO = "kakao"
    CHATBOT = "chatbot"
    COMPLAINT = "complaint"
    PORTAL = "portal"
    SIGN_VIDEO = "sign_video"
    WEB_CALL = "web_call"

    @property
    def is_written(self) -> bool:
        """True where the citizen writes from the beginning."""
        return self is not Channel.PHONE and not self.is_web

    @property
    def is_web(self) -> bool:
        """True where picture, sound and real-time text come from the citizen's browser, by the video engine."""
        return self in (Channel.SIGN_VIDEO, Channel.WEB_CALL)

    @property
    def leaves_the_centre(self) -> bool:
        """True where a gateway carries the agent's words: they can be held back for a moment, but not called back."""
        return self in (Channel.SMS, Channel.KAKAO, Channel.CHATBOT, Channel.COMPLAINT, Channel.PORTAL)


class Party(StrEnum):
    """Whose media or words a leg carries."""

    CITIZEN = "citizen"
    AGENT = "agent"
    COLLEAGUE = "colleague"
    INTERPRETER = "interpreter"
    OFFICE = "office"
    RELAY_OPERATOR = "relay_operator"
    BOT = "bot"
    SYSTEM = "system"


class Audience(StrEnum):
    """Who may read an event; each wider value includes the ones after it being allowed too."""

    CITIZEN = "citizen"
    AGENTS = "agents"
    SUPERVISORS = "supervisors"


class Retention(StrEnum):
    """How long an event's body is kept; the days of each class are settings.

    `content` — what was said, written, touched; `record` — what was done and decided (codes, consent);
    `trace` — technical facts (holds, legs, engine restarts).
    """

    CONTENT = "content"
    RECORD = "record"
    TRACE = "trace"


class Role(StrEnum):
    """What a principal is; permissions follow from it."""

    AGENT = "agent"
    COUNSELOR = "counselor"
    INTERPRETER = "interpreter"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    GATEWAY = "gateway"
    CITIZEN = "citizen"
