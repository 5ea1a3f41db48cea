"""What the centre has decided, as services need it. The composition root fills it from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Seconds, counts and names; see the settings of the same names for what they mean."""

    offer_s: int = 20
    second_call: bool = False
    wrapup_s: int = 60
    wrapup_required: bool = True
    capacity: int = 6
    weights: Mapping[str, int] = field(default_factory=dict)
    undo_s: int = 5
    reply_s: int = 180
    confirm_citizen: bool = False
    centre_name: str = ""
    language: str = "ko"
    captions: bool = True
    signs: bool = False
    web_calls: bool = True
    hears: bool = True
    emergency: tuple[str, ...] = ("119", "112", "109")
    relay_numbers: tuple[str, ...] = ("107",)
    ars_header: str = "X-ARS-Menu"
    queue_header: str = "X-Queue"
    language_header: str = "Accept-Language"
    session_key_header: str = "User-to-User"
    repeat_alert_s: float = 5.0
    answer_guard_s: float = 0.5
