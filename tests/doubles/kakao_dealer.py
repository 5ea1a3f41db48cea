"""A dealer of KakaoTalk consultation talk in the shape of `client.hub.gateways.kakao`, strictly."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.doubles.provider import Asked, ProviderDouble, Refusal, Reply

CLIENT, SECRET, SENDER = "double-client", "double-secret", "double-sender"
KINDS = ("TX", "IM", "FI", "LI")


class DealerDouble(ProviderDouble):
    """Attributes: `ended` — user keys whose session was ended."""

    sends_at = ("POST", "/v1/chat/write")

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[dict[str, Any]] = []

    def error(self, refusal: Refusal) -> Any:
        return {"code": refusal.code, "message": refusal.words}

    def answer(self, asked: Asked) -> Reply:
        if (asked.headers.get("ht-client-id"), asked.headers.get("ht-client-secret")) != (CLIENT, SECRET):
            raise Refusal(401, "401", "unknown client")
        data = json.loads(asked.body)
        if data.get("sender_key") != SENDER or not data.get("user_key"):
            raise Refusal(400, "1001", "sender_key or user_key")
        if asked.path == "/v1/chat/end":
            self.ended.append(data)
            return Reply(200, {"code": "0"})
        if asked.path != "/v1/chat/write":
            raise Refusal(404, "404", "no such address")
        return self._write(data)

    def _write(self, data: dict[str, Any]) -> Reply:
        kind, links, file = data.get("message_type"), data.get("links", []), data.get("file")
        if kind not in KINDS or not data.get("serial_number") or len(data["message"]) > 1_000 or len(links) > 5:
            raise Refusal(400, "1002", "message")
        if (kind in ("IM", "FI")) != (file is not None and not links) or (kind == "LI") != bool(links):
            raise Refusal(400, "1003", "message_type")
        if file is not None:
            base64.b64decode(file["data"], validate=True)
        self.taken[data["serial_number"]] = data
        return Reply(200, {"code": "0", "message_id": data["serial_number"]})
