"""What the contract suite needs to know of one gateway and its double, and an inbox that remembers."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from client.domain.gateway_account import KakaoAccount, SensAccount, SolapiAccount, WebhookAccount
from client.domain.ids import new_id
from client.hub.gateways.gateway import File, Gateway, Inbound, Outgoing, Receipt, WebRequest
from client.hub.gateways.kakao import Kakao
from client.hub.gateways.sens import Sens
from client.hub.gateways.signatures import signed_headers
from client.hub.gateways.solapi import Solapi
from client.hub.gateways.webhook import Webhook
from tests.doubles import kakao_dealer, portal, sens, solapi
from tests.doubles.provider import ProviderDouble

CITIZEN = "01012345678"
WEBHOOK_SECRET = "the relay's secret"
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)


class HeardInbox:
    """`Inbox` in memory: each provider's id once, each nonce once. `full` is raised once instead of taking anything."""

    def __init__(self) -> None:
        self.messages: dict[tuple[str, str], Inbound] = {}
        self.receipts: list[Receipt] = []
        self.typings: list[tuple[str, bool]] = []
        self.ends: list[tuple[str, str]] = []
        self.full: Exception | None = None
        self._nonces: defaultdict[str, set[str]] = defaultdict(set)

    async def message(self, gateway: str, message: Inbound) -> str:
        self._take()
        self.messages.setdefault((gateway, message.id), message)
        return new_id()

    async def receipt(self, gateway: str, receipt: Receipt) -> None:
        self._take()
        self.receipts.append(receipt)

    async def typing(self, gateway: str, address: str, *, on: bool) -> None:
        self.typings.append((address, on))

    async def ended(self, gateway: str, address: str, reason: str) -> None:
        self.ends.append((address, reason))

    async def fresh(self, gateway: str, nonce: str, good_s: float) -> bool:
        new = nonce not in self._nonces[gateway]
        self._nonces[gateway].add(nonce)
        return new

    def _take(self) -> None:
        if self.full is not None:
            problem, self.full = self.full, None
            raise problem


class Rig:
    """One gateway beside its double. A subclass says how its provider speaks; what it cannot do it says by the flags.

    `is_text` — counts as SMS do (CP949, registered senders); `looks_up` — knows our reference; `result_path` — the end of the path
    where results are asked for; `picture_path` — where pictures go first; `secret_setting`, `key_setting` — fields of the
    account; `hidden` — what no log may hold.
    """

    name = ""
    is_text = True
    looks_up = False
    picture_path = ""
    result_path = ""
    secret_setting = key_setting = ""
    hidden: tuple[str, ...] = (WEBHOOK_SECRET,)

    def __init__(self) -> None:
        self.double = self.make_double()

    def make_double(self) -> ProviderDouble:
        """A new double, not started yet."""
        raise NotImplementedError

    def make(self, *, answer_s: float = 5.0, first_poll_s: float = 600.0, **account: Any) -> Gateway:
        """A gateway on the double; `account` changes its settings."""
        raise NotImplementedError

    def outgoing(self, **changes: Any) -> Outgoing:
        """A message that the double takes."""
        return Outgoing(**{"message": new_id(), "address": CITIZEN, "text": "네, 알겠습니다.", **changes})

    def picture(self) -> File:
        """One that goes along."""
        return File(name="사진.jpg", media_type="image/jpeg", data=JPEG)

    def texts(self) -> list[str]:
        """What the double took, in order."""
        raise NotImplementedError

    def decide(self, provider: str, *, well: bool, words: str = "") -> None:
        """The carrier's word on a message that the double took."""
        raise NotImplementedError

    def reply(self, **changes: Any) -> tuple[str, Any]:
        """Path and JSON of a citizen's message."""
        return "messages", {"id": "mo-1", "number": CITIZEN, "text": "감사합니다", **changes}

    def receipts(self, *providers: str) -> tuple[str, Any]:
        """Path and JSON of a webhook that tells of messages as the double has them."""
        raise NotImplementedError

    def webhook(self, path: str, data: Any, *, secret: str = WEBHOOK_SECRET, now: datetime | None = None) -> WebRequest:
        """As the provider or its relay sends it, signed; `data` bytes or a JSON value."""
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        signed = f"/v1/gateways/{self.name}/{path}"
        headers = signed_headers(secret, "POST", signed, body, now=now or datetime.now(UTC))
        return WebRequest(method="POST", path=path, headers=headers, body=body)


class SensRig(Rig):
    """SENS."""

    name = "sens"
    picture_path = "/files"
    result_path = "/messages"
    secret_setting, key_setting = "secret_key", "access_key"
    hidden = (WEBHOOK_SECRET, sens.SECRET, sens.ACCESS)
    double: sens.SensDouble

    def make_double(self) -> sens.SensDouble:
        return sens.SensDouble()

    def make(self, *, answer_s: float = 5.0, first_poll_s: float = 600.0, **account: Any) -> Sens:
        settings = {
            "base_url": self.double.base_url,
            "service_id": sens.SERVICE,
            "access_key": sens.ACCESS,
            "secret_key": sens.SECRET,
            "senders": sens.SENDERS,
            "webhook_secret": WEBHOOK_SECRET,
        }
        return Sens(SensAccount(**{**settings, **account}), first_poll_s=first_poll_s, answer_s=answer_s)

    def texts(self) -> list[str]:
        return [taken["content"] for taken in self.double.taken.values()]

    def decide(self, provider: str, *, well: bool, words: str = "") -> None:
        self.double.decide(provider, well=well, code="0" if well else "3018", words=words)

    def receipts(self, *providers: str) -> tuple[str, Any]:
        return "receipts", {"messages": [self.double.taken[provider] for provider in providers]}


class SolapiRig(Rig):
    """SOLAPI."""

    name = "solapi"
    looks_up = True
    picture_path = "/storage/v1/files"
    result_path = "/list"
    secret_setting, key_setting = "api_secret", "api_key"
    hidden = (WEBHOOK_SECRET, solapi.SECRET, solapi.KEY)
    double: solapi.SolapiDouble

    def make_double(self) -> solapi.SolapiDouble:
        return solapi.SolapiDouble()

    def make(self, *, answer_s: float = 5.0, first_poll_s: float = 600.0, **account: Any) -> Solapi:
        settings = {
            "base_url": self.double.base_url,
            "api_key": solapi.KEY,
            "api_secret": solapi.SECRET,
            "senders": solapi.SENDERS,
            "webhook_secret": WEBHOOK_SECRET,
        }
        return Solapi(SolapiAccount(**{**settings, **account}), first_poll_s=first_poll_s, answer_s=answer_s)

    def texts(self) -> list[str]:
        return [taken["text"] for taken in self.double.taken.values()]

    def decide(self, provider: str, *, well: bool, words: str = "") -> None:
        self.double.decide(provider, well=well, words=words)

    def receipts(self, *providers: str) -> tuple[str, Any]:
        return "receipts", [self.double.taken[provider] for provider in providers]


class PortalRig(Rig):
    """A portal by the signed webhook."""

    name = "portal"
    is_text = False
    looks_up = True
    secret_setting = "secret"
    double: portal.PortalDouble

    def make_double(self) -> portal.PortalDouble:
        return portal.PortalDouble()

    def make(self, *, answer_s: float = 5.0, first_poll_s: float = 600.0, **account: Any) -> Webhook:
        settings = {"name": self.name, "secret": WEBHOOK_SECRET, "callback_url": f"{self.double.base_url}/callback"}
        account = {{"base_url": "callback_url", "webhook_secret": "secret"}.get(k, k): v for k, v in account.items()}
        return Webhook(WebhookAccount(**{**settings, **account}), answer_s=answer_s)

    def texts(self) -> list[str]:
        return [taken["text"] for taken in self.double.taken.values()]

    def reply(self, **changes: Any) -> tuple[str, Any]:
        return "messages", {"id": "mo-1", "thread": CITIZEN, "text": "감사합니다", **changes}


class KakaoRig(Rig):
    """KakaoTalk by a dealer."""

    name = "kakao"
    is_text = False
    secret_setting, key_setting = "secret", "client_id"
    hidden = (WEBHOOK_SECRET, kakao_dealer.SECRET)
    double: kakao_dealer.DealerDouble

    def make_double(self) -> kakao_dealer.DealerDouble:
        return kakao_dealer.DealerDouble()

    def make(self, *, answer_s: float = 5.0, first_poll_s: float = 600.0, **account: Any) -> Kakao:
        settings = {
            "base_url": self.double.base_url,
            "sender_key": kakao_dealer.SENDER,
            "client_id": kakao_dealer.CLIENT,
            "secret": kakao_dealer.SECRET,
            "webhook_secret": WEBHOOK_SECRET,
        }
        return Kakao(KakaoAccount(**{**settings, **account}), answer_s=answer_s)

    def texts(self) -> list[str]:
        return [taken["message"] for taken in self.double.taken.values()]

    def reply(self, **changes: Any) -> tuple[str, Any]:
        names = {"id": "serial_number", "thread": "user_key", "number": "user_key", "text": "content"}
        told = {names.get(name, name): value for name, value in changes.items()}
        return "message", {"serial_number": "mo-1", "user_key": CITIZEN, "type": "TX", "content": "감사합니다", **told}


def base64_of(data: bytes) -> str:
    """For files in webhooks."""
    return base64.b64encode(data).decode("ascii")
