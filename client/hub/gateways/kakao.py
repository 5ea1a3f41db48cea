"""KakaoTalk consultation talk (상담톡) in the shape of an official dealer (standards.md).

Out: `POST /v1/chat/write` `{user_key, sender_key, serial_number, message_type, message}` and `POST /v1/chat/end`, with the headers
`HT-Client-Id` and `HT-Client-Secret` (one dealer's names; others differ). `serial_number` is our reference; that a dealer
drops a second one with the same number is not documented, so a lost answer cannot be looked up. TX text, LI text with up to
five link buttons, IM a picture of at most 5 MB and FI a file of at most 300 MB, whose bytes go in base64 (assumed).

In, signed by `client.hub.gateways.signatures` (dealers document none): `/message` `{user_key, session_id, serial_number, type,
content, time}`, `/reference` `{user_key, session_id, reference: {extra}, last_reference}`, `/expired_session` `{user_key, session_id}`.
`type` `BLOCK` and `LEAVE` say that the citizen has blocked the centre or left.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from client.domain import kakao_text
from client.domain.codec import BadInput, decode
from client.domain.event import NoteWritten
from client.domain.gateway_account import KakaoAccount
from client.domain.words import Channel
from client.hub.clock import Now, system_now
from client.hub.gateways.gateway import (
    Accepted,
    CannotTell,
    File,
    Health,
    Inbound,
    Inbox,
    Limits,
    Outgoing,
    Rejected,
    Unanswered,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.http_client import ANSWER_S, Answer, ProviderHttp, id_of, text_of, understood
from client.hub.gateways.signatures import require_signature
from client.hub.gateways.text_messages import DONE, no_such, not_ready, parsed, require
from client.hub.gateways.webhook import moment

AT_ONCE = 10
MAX_KEY = 200
MAX_TEXT = 100_000
MAX_MS = 4_102_444_800_000  # the year 2100
GOOD = ("0", "0000", "200", "success")
GONE = {"BLOCK": "blocked", "LEAVE": "ended"}
PROBLEMS = {
    kakao_text.KakaoProblem.TOO_LONG: f"longer than {kakao_text.MAX_TEXT} characters",
    kakao_text.KakaoProblem.TOO_MANY_BUTTONS: f"more than {kakao_text.MAX_BUTTONS} buttons",
    kakao_text.KakaoProblem.IMAGE_TOO_LARGE: "a picture of more than 5 MB",
    kakao_text.KakaoProblem.FILE_TOO_LARGE: "a file of more than 300 MB",
}


class Kakao:
    """One channel at one dealer. A message with files goes as one request each, the words last."""

    channel = Channel.KAKAO

    def __init__(self, account: KakaoAccount, *, now: Now = system_now, answer_s: float = ANSWER_S) -> None:
        self.name = account.name
        self.limits = Limits(
            text=kakao_text.MAX_TEXT,
            files=1,
            file_bytes=kakao_text.FILE_BYTES,
            buttons=kakao_text.MAX_BUTTONS,
            at_once=AT_ONCE,
        )
        self._account = account
        self._now = now
        self._http = ProviderHttp(account.base_url, at_once=AT_ONCE, answer_s=answer_s)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Know where to hand things over."""
        self._inbox = inbox

    async def stop(self) -> None:
        """Let go."""
        await self._http.close()

    async def send(self, outgoing: Outgoing) -> Accepted:
        """One message. Raises `NotNow`, `Rejected` or `Unanswered`."""
        return await self._ask("/v1/chat/write", self._message(outgoing))

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:  # noqa: ARG002 — the interface's
        """Dealers document no way: raises `CannotTell`."""
        raise CannotTell

    async def end(self, address: str, reason: str) -> None:  # noqa: ARG002 — the dealer has no place for it
        """The agent ended the session; where the account says so the citizen goes back to the bot."""
        told: dict[str, Any] = {"user_key": address, "sender_key": self._account.sender_key}
        if self._account.end_with_bot:
            told["end_with_bot"] = True
        await self._ask("/v1/chat/end", told)

    def health(self) -> Health:
        """As the last answers were."""
        return self._http.health()

    async def _ask(self, path: str, data: dict[str, Any]) -> Accepted:
        headers = {
            "content-type": "application/json",
            "ht-client-id": self._account.client_id,
            "ht-client-secret": self._account.secret,
        }
        body = json.dumps(data, ensure_ascii=False).encode()
        return await self._http.ask("POST", path, headers=headers, read=_accepted, body=body)

    def _message(self, outgoing: Outgoing) -> dict[str, Any]:
        _refuse_unfit(outgoing)
        file = outgoing.files[0] if outgoing.files else None
        kind = (
            "LI"
            if outgoing.buttons
            else "TX"
            if file is None
            else "IM"
            if file.media_type.startswith("image/")
            else "FI"
        )
        made: dict[str, Any] = {
            "user_key": outgoing.address,
            "sender_key": self._account.sender_key,
            "serial_number": outgoing.message,
            "message_type": kind,
            "message": outgoing.text,
        }
        if outgoing.buttons:
            made["links"] = [{"name": button.label, "url": button.url} for button in outgoing.buttons]
        if file is not None:
            made["file"] = {"name": file.name, "data": base64.b64encode(file.data).decode("ascii")}
        return made

    # ── what comes in ────────────────────────────────────────────────────────────────────────────

    async def receive(self, request: WebRequest) -> WebAnswer:
        """One of the dealer's webhooks. Raises `LogRefused` and `BadInput`."""
        acts = {"message": self._on_message, "reference": self._on_reference, "expired_session": self._on_expired}
        act = acts.get(request.path)
        if request.method != "POST" or act is None:
            raise no_such(request.path)
        if self._inbox is None:
            raise not_ready()
        secret = self._account.webhook_secret
        await require_signature(request, gateway=self.name, secret=secret, inbox=self._inbox, now=self._now())
        data = parsed(request.body)
        if not isinstance(data, dict):
            raise BadInput("body", "must be an object")
        await act(data, self._inbox)
        return DONE

    async def _on_message(self, data: dict[str, Any], inbox: Inbox) -> None:
        user = _text(data, "user_key")
        kind = str(data.get("type", ""))[:20].upper()
        if kind in GONE:
            await inbox.ended(self.name, user, GONE[kind])
            return
        text = _words(data, "content")
        require(0 < len(text.strip()) <= MAX_TEXT, "content", f"must have 1 to {MAX_TEXT} characters")
        id_ = _text(data, "serial_number")
        await inbox.message(self.name, Inbound(id=id_, address=user, text=text, at=_time(data.get("time"))))

    async def _on_reference(self, data: dict[str, Any], inbox: Inbox) -> None:
        """From where the citizen came: a session begins with it, and the agent is told."""
        places = dict.fromkeys(_place(data, name) for name in ("reference", "last_reference"))
        words = " · ".join(place for place in places if place) or "카카오톡 채널"
        session, user = _text(data, "session_id"), _text(data, "user_key")
        facts = (NoteWritten(text=f"유입 경로: {words}"),)
        await inbox.message(self.name, Inbound(id=f"reference:{session}", address=user, facts=facts))

    async def _on_expired(self, data: dict[str, Any], inbox: Inbox) -> None:
        await inbox.ended(self.name, _text(data, "user_key"), "expired")


def _refuse_unfit(outgoing: Outgoing) -> None:
    images = tuple(len(file.data) for file in outgoing.files if _is_image(file))
    files = tuple(len(file.data) for file in outgoing.files if not _is_image(file))
    found = kakao_text.problems(outgoing.text, buttons=len(outgoing.buttons), images=images, files=files)
    if found:
        raise Rejected("KakaoTalk does not take " + ", ".join(PROBLEMS[problem] for problem in found))
    if len(outgoing.files) > 1:
        raise Rejected("KakaoTalk takes one file in a message")
    if not outgoing.text.strip() and not outgoing.files:
        raise Rejected("the message is empty")


def _is_image(file: File) -> bool:
    return file.media_type.startswith("image/")


def _accepted(answer: Answer) -> Accepted:
    """Taken; the dealer tells nothing later, so taking it is all that is known of its delivery."""
    data = understood(answer)
    code = data.get("code", data.get("result"))
    if not isinstance(code, str | int) or isinstance(code, bool):
        raise Unanswered("its answer is not understood")
    if str(code).lower() not in GOOD:
        raise Rejected(f"{code} {text_of(data, 'message', 'reason')}".strip())
    return Accepted(provider=id_of(data.get("message_id")))


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_KEY or not value.isprintable():
        raise BadInput(name, f"must be a text of 1 to {MAX_KEY} characters")
    return value


def _words(data: dict[str, Any], name: str) -> str:
    try:
        return decode(str, data.get(name) or "")
    except BadInput as error:
        raise BadInput(name, error.why) from error


def _place(data: dict[str, Any], name: str) -> str:
    """Dealers send an object with `extra`, some the text alone."""
    told = data.get(name)
    if isinstance(told, dict):
        return _words(told, "extra")[:MAX_KEY]
    return _words(data, name)[:MAX_KEY]


def _time(told: object) -> datetime | None:
    """Milliseconds since 1970, or RFC 3339; None where it says nothing: the hub's own time holds then."""
    if isinstance(told, str) and told:
        return moment(told, "time")
    if not isinstance(told, int) or isinstance(told, bool) or not 0 < told < MAX_MS:
        return None
    return datetime.fromtimestamp(told / 1000, UTC)
