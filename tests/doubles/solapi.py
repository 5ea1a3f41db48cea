"""SOLAPI as its documents say it (see `client.hub.gateways.solapi`), strictly: what deviates is refused with its error."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from tests.doubles.provider import Asked, ProviderDouble, Refusal, Reply

KEY, SECRET = "DOUBLEKEY0000001", "double-api-secret"
SENDERS = ("0212345678", "0287654321")
LIMITS = {"SMS": 90, "LMS": 2000, "MMS": 2000}
KNOWN = {"to", "from", "text", "type", "country", "subject", "imageId", "customFields", "autoTypeDetect"}
LISTED_BY = {"messageId", "to", "startDate", "startKey", "limit"}
AUTHORIZATION = re.compile(r"HMAC-SHA256 apiKey=(\S+), date=(\S+), salt=(\S{12,64}), signature=([0-9a-f]{64})")


class SolapiDouble(ProviderDouble):
    """Attributes: `taken` — messages in the list's shape by id; `lagging` — the list does not show what was taken last."""

    sends_at = ("POST", "/messages/v4/send")

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.lagging = False
        self.refuse_with = ""
        self.result_asked = 0
        self._signatures: set[str] = set()

    def decide(self, message: str, *, well: bool, code: str = "", words: str = "") -> None:
        """The carrier's word on a taken message."""
        said = {"status": "COMPLETE", "statusCode": "4000" if well else code or "3104", "reason": words}
        self.taken[message] = {**self.taken[message], **said}

    def error(self, refusal: Refusal) -> Any:
        return {"errorCode": refusal.code, "errorMessage": refusal.words}

    def answer(self, asked: Asked) -> Reply:
        self._authenticate(asked)
        match asked.method, asked.path:
            case "POST", "/messages/v4/send":
                return self._take(_json(asked))
            case "POST", "/storage/v1/files":
                return self._keep(_json(asked))
            case "GET", "/messages/v4/list":
                return self._list(asked.query)
        raise Refusal(404, "ResourceNotFound", "no such address")

    def _authenticate(self, asked: Asked) -> None:
        match = AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if match is None or match[1] != KEY:
            raise Refusal(403, "InvalidAPIKey", "the key is not known")
        _key, date, salt, signature = match.groups()
        if abs((datetime.now(UTC) - datetime.fromisoformat(date)).total_seconds()) > 900:
            raise Refusal(403, "RequestTimeTooSkewed", "the date is too far from now")
        expected = hmac.new(SECRET.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
        if signature != expected or signature in self._signatures:
            raise Refusal(403, "SignatureDoesNotMatch", "the signature is wrong or was used")
        self._signatures.add(signature)

    def _take(self, data: dict[str, Any]) -> Reply:
        _need(set(data) == {"message"} and not set(data["message"]) - KNOWN, "fields")
        message = data["message"]
        kind = message.get("type")
        _need(kind in LIMITS, "type")
        _need(re.fullmatch(r"0\d{7,11}", message.get("to", "")) is not None, "to")
        _need(message.get("from") in SENDERS, "from is not registered")
        _need(1 <= _size(message.get("text")) <= LIMITS[kind], "text")
        _need("subject" not in message or (kind != "SMS" and 1 <= _size(message["subject"]) <= 40), "subject")
        _need(("imageId" in message) == (kind == "MMS"), "imageId")
        _need(message.get("imageId", "") in {"", *self.files}, "imageId")
        fields = message.get("customFields", {})
        _need(all(len(key) <= 30 and len(value) <= 100 for key, value in fields.items()), "customFields")
        return self._answer(message)

    def _answer(self, message: dict[str, Any]) -> Reply:
        ids = {"messageId": f"M4V{uuid.uuid4().hex[:29].upper()}", "groupId": f"G4V{uuid.uuid4().hex[:29].upper()}"}
        said = {"statusCode": "2000", "statusMessage": "정상 접수(이통사로 접수 예정)", "accountId": "12925149"}
        named = {name: message[name] for name in ("to", "from", "type", "country")}
        if self.refuse_with:
            return Reply(
                200, {**ids, **said, **named, "statusCode": self.refuse_with, "statusMessage": "발신번호 미등록"}
            )
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.taken[ids["messageId"]] = {**message, **ids, "status": "PENDING", "statusCode": "2000", "dateCreated": now}
        return Reply(200, {**ids, **said, **named})

    def _keep(self, data: dict[str, Any]) -> Reply:
        _need(set(data) <= {"file", "name", "type", "link"} and data.get("type") == "MMS", "fields")
        held = base64.b64decode(data["file"], validate=True)
        _need(held.startswith(b"\xff\xd8\xff") and len(held) <= 200 * 1024, "file")
        file = f"ST01FZ{uuid.uuid4().hex[:20].upper()}"
        self.files[file] = held
        return Reply(200, {"fileId": file, "type": "MMS", "name": data.get("name"), "accountId": "12925149"})

    def _list(self, query: dict[str, str]) -> Reply:
        _need(not set(query) - LISTED_BY, "query")
        self.result_asked += 1
        since = datetime.fromisoformat(query.get("startDate", "2000-01-01T00:00:00Z"))
        found = [entry for entry in self.taken.values() if _is_asked_for(entry, query, since)]
        found = found[:-1] if self.lagging else found
        start = next((n for n, entry in enumerate(found) if entry["messageId"] == query.get("startKey")), 0)
        size = min(int(query.get("limit", "20")), 2)  # small pages, so that reading on is tried
        page, rest = found[start : start + size], found[start + size :]
        listed = {entry["messageId"]: entry for entry in page}
        following = rest[0]["messageId"] if rest else None
        return Reply(
            200, {"startKey": query.get("startKey"), "limit": size, "nextKey": following, "messageList": listed}
        )


def _is_asked_for(entry: dict[str, Any], query: dict[str, str], since: datetime) -> bool:
    named = all(entry[name] == query[name] for name in ("messageId", "to") if name in query)
    return named and datetime.fromisoformat(entry["dateCreated"]) >= since


def _json(asked: Asked) -> dict[str, Any]:
    _need(asked.headers.get("content-type", "").lower() == "application/json; charset=utf-8", "Content-Type")
    data = json.loads(asked.body)
    _need(isinstance(data, dict), "body")
    return data


def _size(text: Any) -> int:
    _need(isinstance(text, str), "text")
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError:
        raise Refusal(400, "ValidationError", "text holds characters that cannot be sent") from None


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise Refusal(400, "ValidationError", what)
