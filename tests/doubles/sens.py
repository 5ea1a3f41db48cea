"""SENS as its documents say it (see `client.hub.gateways.sens`), strictly: what deviates is refused with its error."""

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

SERVICE = "ncp:sms:kr:300000000001:ieum"
ACCESS, SECRET = "double-access", "double-secret"
SENDERS = ("0212345678", "0287654321")
LIMITS = {"SMS": 90, "LMS": 2000, "MMS": 2000}
KNOWN = {"type", "contentType", "countryCode", "from", "subject", "content", "messages", "files", "reserveTime"}


class SensDouble(ProviderDouble):
    """Attributes: `taken` — messages in the list's shape by request id; `files` — file id → bytes; `same_file` — reused ones."""

    sends_at = ("POST", "/messages")

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.named: dict[tuple[str, int], str] = {}
        self.result_asked = 0

    def decide(self, request: str, *, well: bool, code: str = "0", words: str = "") -> None:
        """The carrier's word on a taken message."""
        name = "success" if well else "fail"
        said = {"status": "COMPLETED", "statusName": name, "statusCode": code, "statusMessage": words}
        self.taken[request] = {**self.taken[request], **said}

    def error(self, refusal: Refusal) -> Any:
        if refusal.status in (401, 403):  # the API gateway's shape
            return {"error": {"errorCode": refusal.code, "message": refusal.words, "details": refusal.words}}
        return {"status": refusal.status, "code": refusal.code, "message": refusal.words}

    def answer(self, asked: Asked) -> Reply:
        self._authenticate(asked)
        base = f"/sms/v2/services/{SERVICE}"
        match asked.method, asked.path.removeprefix(base):
            case "POST", "/messages":
                return self._take(_json(asked))
            case "POST", "/files":
                return self._keep(_json(asked))
            case "GET", "/messages":
                return self._list(asked)
        raise Refusal(404, "404", "no such address")

    def _authenticate(self, asked: Asked) -> None:
        stamp = asked.headers.get("x-ncp-apigw-timestamp", "")
        if not re.fullmatch(r"\d{13}", stamp) or abs(datetime.now(UTC).timestamp() * 1000 - int(stamp)) > 300_000:
            raise Refusal(401, "200", "Authentication Failed: Invalid Timestamp")
        if asked.headers.get("x-ncp-iam-access-key") != ACCESS:
            raise Refusal(401, "200", "Authentication Failed: Invalid Access Key")
        signed = f"{asked.method} {asked.target}\n{stamp}\n{ACCESS}"
        expected = base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()).decode()
        if asked.headers.get("x-ncp-apigw-signature-v2") != expected:
            raise Refusal(401, "200", "Authentication Failed: Invalid Signature")

    def _take(self, data: dict[str, Any]) -> Reply:
        kind = data.get("type")
        _need(not set(data) - KNOWN, "unknown field")
        _need(kind in LIMITS, "type")
        _need(data.get("contentType", "COMM") in ("COMM", "AD"), "contentType")
        _need(data.get("countryCode", "82") == "82", "countryCode")
        _need(data.get("from") in SENDERS, "from is not registered")
        _need(1 <= _size(data.get("content")) <= LIMITS[kind], "content")
        _need("subject" not in data or (kind != "SMS" and 1 <= _size(data["subject"]) <= 40), "subject")
        files = data.get("files", [])
        _need(bool(files) == (kind == "MMS") and len(files) <= 3, "files")
        _need(all(set(file) == {"fileId"} and file["fileId"] in self.files for file in files), "files.fileId")
        to = data.get("messages")
        _need(isinstance(to, list) and 1 <= len(to) <= 100, "messages")
        _need(all(re.fullmatch(r"0\d{7,11}", one.get("to", "")) for one in to), "messages.to")
        request = f"RSLA-{uuid.uuid4().hex}"
        self.taken[request] = {"requestId": request, "messageId": uuid.uuid4().hex, "status": "READY", **data}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000")
        return Reply(202, {"requestId": request, "requestTime": now, "statusCode": "202", "statusName": "success"})

    def _keep(self, data: dict[str, Any]) -> Reply:
        _need(set(data) == {"fileName", "fileBody"}, "fields")
        _need(re.fullmatch(r".{1,36}\.jpe?g", data["fileName"]) is not None, "fileName")
        held = base64.b64decode(data["fileBody"], validate=True)
        _need(held.startswith(b"\xff\xd8\xff") and len(held) <= 300 * 1024, "fileBody")
        file = self.named.setdefault((data["fileName"], len(held)), uuid.uuid4().hex)
        self.files.setdefault(file, held)  # one of the same name and size is taken for the same
        return Reply(
            200, {"fileId": file, "createTime": "2026-01-01T00:00:00.000", "expireTime": "2026-01-07T00:00:00.000"}
        )

    def _list(self, asked: Asked) -> Reply:
        _need(set(asked.query) == {"requestId"}, "query")
        self.result_asked += 1
        found = self.taken.get(asked.query["requestId"])
        return Reply(200, {"statusCode": "202", "statusName": "success", "messages": [found] if found else []})


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
        raise Refusal(400, "400", "content holds characters that cannot be sent") from None


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise Refusal(400, "400", f"Bad Request: {what}")
