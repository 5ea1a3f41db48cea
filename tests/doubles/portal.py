"""A portal's callback as `client.hub.gateways.callback` documents it, strictly: what is unsigned or deviates is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from tests.doubles.provider import Asked, ProviderDouble, Refusal, Reply

SECRET = "the relay's secret"
FIELDS = {"reference", "thread", "session", "text", "subject", "status", "files", "buttons"}


class PortalDouble(ProviderDouble):
    """Attributes: `told` — everything else that was told here (an end, an office)."""

    sends_at = ("POST", "/callback")

    def __init__(self) -> None:
        super().__init__()
        self.told: list[dict[str, Any]] = []
        self.nonces: set[str] = set()

    def error(self, refusal: Refusal) -> Any:
        return {"code": refusal.code, "message": refusal.words}

    def answer(self, asked: Asked) -> Reply:
        self._authenticate(asked)
        if asked.method == "GET":
            known = asked.query.get("reference") in self.taken
            return Reply(200, {"taken": known})
        data = json.loads(asked.body)
        if set(data) != FIELDS:
            self.told.append(data)
            return Reply(200, {})
        if asked.headers.get("x-ieum-reference") != data["reference"]:
            raise Refusal(400, "reference", "the header and the body disagree")
        self.taken.setdefault(data["reference"], data)
        return Reply(200, {"id": data["reference"], "receipt": True})

    def _authenticate(self, asked: Asked) -> None:
        stamp, nonce = asked.headers.get("x-ieum-timestamp", ""), asked.headers.get("x-ieum-nonce", "")
        if not stamp.isdigit() or abs(datetime.now(UTC).timestamp() - int(stamp)) > 300 or nonce in self.nonces:
            raise Refusal(401, "replay", "too old, or seen before")
        self.nonces.add(nonce)
        path = asked.target.partition("?")[0]
        words = "\n".join((stamp, nonce, asked.method, path, hashlib.sha256(asked.body).hexdigest()))
        if asked.headers.get("x-ieum-signature") != hmac.new(SECRET.encode(), words.encode(), "sha256").hexdigest():
            raise Refusal(401, "signature", "is not right")
