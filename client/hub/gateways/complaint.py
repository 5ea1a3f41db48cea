"""The complaint app: photographs, place, category and contact come in, an office is found by rule, and its state goes back.

    POST /v1/gateways/{name}/complaints       signed as in `client.hub.gateways.webhook`, whose other webhooks exist here too
    {"id": "c-1", "category": "도로", "district": "은평구", "place": "진관동 92", "latitude": 37.64, "longitude": 126.92,
     "contact": {"name": "홍길동", "number": "01012345678"}, "text": "포트홀이 있습니다", "language": "ko",
     "at": "2026-11-26T09:00:00+09:00", "photos": [{"name": "1.jpg", "media_type": "image/jpeg", "data": "base64"}]}

The thread is the complaint's own `id`. Its callback hears the agent's words and `status` (received, assigned, working, answered,
closed); the offices' address hears `{"complaint": "…", "office": "…", "why": "…", "reference": "…"}` whenever an office is set.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client.domain.codec import BadInput
from client.domain.complaint_rules import Rule, read_rules, route
from client.domain.event import ComplaintFiled
from client.domain.gateway_account import WebhookAccount
from client.domain.words import Channel
from client.hub.clock import Now, system_now
from client.hub.gateways.callback import Callback
from client.hub.gateways.gateway import Accepted, CannotTell, Health, Inbox, Outgoing
from client.hub.gateways.http_client import ANSWER_S
from client.hub.gateways.text_messages import require
from client.hub.gateways.webhook import MAX_NAME, Message, SentFile, Webhook, inbound, read
from client.hub.outward import OFFICE
from client.resources import resource_path

RULES = "complaint_rules.toml"
MAX_LATITUDE, MAX_LONGITUDE = 90.0, 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact:
    name: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complaint:
    id: str
    category: str
    district: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    contact: _Contact = field(default_factory=_Contact)
    text: str = ""
    language: str = ""
    at: str = ""
    photos: tuple[SentFile, ...] = ()


class Complaint(Webhook):
    """One complaint app. `directory` may hold the centre's own rules in the place of ours."""

    channel = Channel.COMPLAINT

    def __init__(
        self, account: WebhookAccount, directory: Path, *, now: Now = system_now, answer_s: float = ANSWER_S
    ) -> None:
        super().__init__(account, now=now, answer_s=answer_s)
        self._rules = load_rules(directory)
        self._offices = Callback(account.offices_url, account.secret, now, answer_s=answer_s)
        self._tells_offices = bool(account.offices_url)

    def acts(self) -> Mapping[str, Callable[[Any, Inbox], Awaitable[None]]]:
        """The portal's webhooks, and complaints."""
        return {**super().acts(), "complaints": self._file}

    async def _file(self, data: Any, inbox: Inbox) -> None:
        told = read(_Complaint, data)
        filed = _filed(told)
        message = Message(
            id=told.id,
            thread=told.id,
            text=told.text,
            name=told.contact.name,
            number=told.contact.number,
            language=told.language,
            at=told.at,
            files=told.photos,
        )
        routed = route(self._rules, filed, told.text)
        await inbox.message(self.name, inbound(message, facts=(filed, routed), queue=filed.category))

    async def send(self, outgoing: Outgoing) -> Accepted:
        """An office is told, or the app."""
        if not outgoing.status.startswith(OFFICE):
            return await self.callback.send(outgoing)
        if not self._tells_offices:
            return Accepted(delivered=True)  # the office is set; nobody outside asked to hear of it
        office = outgoing.status.removeprefix(OFFICE)
        told = {"complaint": outgoing.address, "office": office, "why": outgoing.text, "reference": outgoing.message}
        return await self._offices.tell(told, reference=outgoing.message)

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:
        """The app may know our reference; the offices' address is not asked."""
        if outgoing.status.startswith(OFFICE):
            raise CannotTell
        return await super().look_up(outgoing)

    async def stop(self) -> None:
        """Let go."""
        await super().stop()
        await self._offices.close()

    def health(self) -> Health:
        """The worse of both."""
        return next((one for one in (self.callback.health(), self._offices.health()) if one.state != "good"), Health())


def load_rules(directory: Path) -> tuple[Rule, ...]:
    """The centre's rules, else ours. Raises `BadInput` naming the file, the rule and the field."""
    own = directory / RULES
    file = own if own.exists() else resource_path(RULES)
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before it
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(file), f"cannot be read: {error}") from None
    return read_rules(str(file), text)


def _filed(told: _Complaint) -> ComplaintFiled:
    for name in ("category", "district"):
        require(len(getattr(told, name)) <= MAX_NAME, name, f"must be at most {MAX_NAME} characters")
    require(bool(told.category.strip()), "category", "must not be empty")
    require(len(told.place) <= 2 * MAX_NAME, "place", f"must be at most {2 * MAX_NAME} characters")
    for name, value, most in (("latitude", told.latitude, MAX_LATITUDE), ("longitude", told.longitude, MAX_LONGITUDE)):
        if value is not None and not (math.isfinite(value) and abs(value) <= most):
            raise BadInput(name, f"must be within ±{most:g} degrees")
    return ComplaintFiled(
        category=told.category,
        district=told.district,
        place=told.place,
        latitude=told.latitude,
        longitude=told.longitude,
        contact=" ".join(part for part in (told.contact.name, told.contact.number) if part),
        reference=told.id,
    )
