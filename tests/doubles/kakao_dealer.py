"""A dealer of KakaoTalk consultation talk as HappyTalk documents itself (see `client.hub.gateways.kakao`), strictly."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
import uuid
from typing import Any

from tests.doubles.provider import Asked, ProviderDouble, Refusal, Reply

CLIENT, SECRET, SENDER = "double-client", "double-secret", "double-sender"
UPLOADS = {"/v1/image/upload": "image", "/v1/file/upload": "file"}
ENDS = {"/v1/chat/end": {}, "/kakaoWebhook/v3/bzc/chat/endWithBot": {"end_with_bot": True}}
NEEDS = {
    "TX": {"message"},
    "LI": {"message", "links"},
    "IM": {"image_url"},
    "FI": {"file_url", "file_name", "file_size"},
}
ALWAYS = {"user_key", "sender_key", "serial_number", "message_type"}


class DealerDouble(ProviderDouble):
    """Attributes: `taken` — the words, by our own ids; `files` — what was written of files, by serial number; `uploads` — bytes
    by address; `ended` — what was ended, with `end_with_bot`; `over` and `blocked` — user keys that cannot be written to."""

    sends_at = ("POST", "/v1/chat/write")

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.over: set[str] = set()
        self.blocked: set[str] = set()

    def error(self, refusal: Refusal) -> Any:
        return {"code": int(refusal.code), "message": refusal.words}

    def answer(self, asked: Asked) -> Reply:
        if (asked.headers.get("ht-client-id"), asked.headers.get("ht-client-secret")) != (CLIENT, SECRET):
            raise Refusal(401, "-500", "UnauthorizedException")
        if asked.path in UPLOADS:
            return self._upload(asked, UPLOADS[asked.path])
        data = json.loads(asked.body)
        if data.get("sender_key") != SENDER:
            raise Refusal(200, "-501", "InvalidSenderException")
        if not data.get("user_key"):
            raise Refusal(200, "-503", "InvalidUserKeyException")
        if asked.path in ENDS:
            return self._end(data, ENDS[asked.path])
        if asked.path != "/v1/chat/write":
            raise Refusal(404, "-400", "no such address")
        return self._write(data)

    def _end(self, data: dict[str, Any], more: dict[str, Any]) -> Reply:
        if set(data) != {"user_key", "sender_key"}:
            raise Refusal(200, "-509", "InvalidJsonException")
        if data["user_key"] in self.over:
            raise Refusal(200, "-502", "InvalidSessionException")
        self.ended.append({**data, **more})
        return Reply(200, {"code": 0, "sessionId": "163477524"})

    def _upload(self, asked: Asked, name: str) -> Reply:
        parts = _form(asked)
        if parts["sender_key"].get_content().strip() != SENDER or set(parts) != {"sender_key", name}:
            raise Refusal(200, "-501", "InvalidSenderException")
        file = parts[name]
        if name == "image" and file.get_content_subtype() not in ("jpeg", "png", "gif"):
            raise Refusal(200, "-505", "InvalidImageFormatException")
        url = f"http://files.test/{len(self.uploads)}/{name}"
        self.uploads[url] = data = file.get_payload(decode=True)
        more = {"name": file.get_filename(), "size": len(data)} if name == "file" else {}
        return Reply(200, {"code": "0000", name: url, **more})

    def _write(self, data: dict[str, Any]) -> Reply:
        kind, serial = data.get("message_type"), data.get("serial_number")
        if kind not in NEEDS or set(data) != ALWAYS | NEEDS[kind]:
            raise Refusal(200, "-510", "InvalidMessageException")
        if not isinstance(serial, str) or not 1 <= len(serial) <= 30:
            raise Refusal(200, "-509", "InvalidJsonException")
        if data["user_key"] in self.over | self.blocked:
            codes = ("-502", "InvalidSessionException"), ("-511", "BlockedUserMessageException")
            raise Refusal(200, *codes[data["user_key"] in self.blocked])
        self._check(data)
        if serial in self.files or _id(serial) in self.taken:
            raise Refusal(200, "-504", "DuplicateSerialNumberException")
        if kind in ("IM", "FI"):
            self.files[serial] = data
        else:
            self.taken[_id(serial)] = data
        return Reply(200, {"code": 0, "createdAt": "2022-06-07T11:56:54.461"})

    def _check(self, data: dict[str, Any]) -> None:
        if not 1 <= len(data.get("message", "x")) <= 1_000:
            raise Refusal(200, "-506", "MessageLengthOverLimitException")
        links = data.get("links", [{"name": "x", "type": "WL", "url_mobile": "http://x"}])
        for link in links:
            fits = link["type"] == "WL" and 1 <= len(link["name"]) <= 28
            if not fits or len(links) > 5 or not link["url_mobile"].startswith("http"):
                raise Refusal(200, "-510", "NoMandatoryButtonPropertyException")
        url = data.get("image_url", data.get("file_url"))
        if url is not None and url not in self.uploads:
            raise Refusal(200, "-505", "only what is in our own store can be sent")
        if "file_size" in data and data["file_size"] != len(self.uploads[url]):
            raise Refusal(200, "-510", "file_size")


def _id(serial: str) -> str:
    """The id that a serial number of 26 characters stands for."""
    return str(uuid.UUID(bytes=base64.b32decode(f"{serial[:26].upper()}======")))


def _form(asked: Asked) -> dict[str, Any]:
    head = f"content-type: {asked.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + asked.body)
    assert message.is_multipart()
    assert not message.defects
    return {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
