"""The fixed vocabularies of the domain: who, over what, for whose eyes. One glossary for code and interface."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a session began; other channels may join it."""

    PHONE = "phone"
    SMS = "sms"
    CHAT = "chat"
    KAKAO = "kakao"
    COMPLAINT = "complaint"
    SIGN_VIDEO = "sign_video"


class Party(StrEnum):
    """Whose media or words a leg carries."""

    CITIZEN = "citizen"
    AGENT = "agent"
    COLLEAGUE = "colleague"
    INTERPRETER = "interpreter"
    OFFICE = "office"
    RELAY_OPERATOR = "relay_operator"
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
