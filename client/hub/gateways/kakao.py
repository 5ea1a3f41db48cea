"""KakaoTalk consultation talk (상담톡) as the official dealer HappyTalk documents it (mbi-developer-center.happytalk.io,
kakaotalk_webhook; the same paths as in the standards):

* `POST /v1/chat/write` `{user_key, sender_key, serial_number, message_type, …}` with the headers `HT-Client-Id` and
  `HT-Client-Secret`. TX is `message`; LI `message` with up to five `links` `{name, type: "WL", url_mobile, url_pc}`; IM a picture
  (`image_url`) and FI a file (`file_url, file_name, file_size`), neither with words.
* Pictures and files go first, as forms: `POST /v1/image/upload` and `/v1/file/upload`; what they answer is what is sent.
* `POST /v1/chat/end` `{user_key, sender_key}`; `/kakaoWebhook/v3/bzc/chat/endWithBot` gives the citizen back to the bot.
* Answers are `{code, message}`; 0 is well, -504 says that the `serial_number` was there before. It has at most 30 characters and
  is our reference: a message that somebody sends again is there once. That a number is kept for as long as anybody may press
  "again", and that one whose sending failed is free, is assumed. There is no way to ask, so nothing is looked up.

What comes in stands in `client.hub.gateways.kakao_incoming`; dealers document no signature, so a relay at the centre signs it by
`client.hub.gateways.signatures`.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from client.domain import kakao_text
from client.domain.gateway_account import KakaoAccount
from client.domain.words import Channel
from client.hub.clock import Now, system_now
from client.hub.gateways.gateway import (
    Accepted,
    CannotTell,
    File,
    Health,
    Inbox,
    Limits,
    NotNow,
    Outgoing,
    Rejected,
    Unanswered,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.http_client import ANSWER_S, Answer, ProviderHttp, text_of, understood
from client.hub.gateways.kakao_files import form
from client.hub.gateways.kakao_incoming import Incoming
from client.hub.gateways.signatures import require_signature
from client.hub.gateways.text_messages import DONE, no_such, not_ready, parsed

T = TypeVar("T")
AT_ONCE = 10
MAX_LABEL = 28  # characters of a button (send_chat, links)
END, END_WITH_BOT = "/v1/chat/end", "/kakaoWebhook/v3/bzc/chat/endWithBot"
PICTURES = ("image/jpeg", "image/png", "image/gif")  # img_upload; others go as files
GOOD = ("0", "0000", "200")
DUPLICATE = "-504"
OVER = "-502"
OPEN = ("-600", "-601")  # "failed to send" and "internal error": whether the citizen has it is not said
MEANS = {OVER: "the citizen's session is over", "-511": "the citizen is blocked"}
PROBLEMS = {
    kakao_text.KakaoProblem.TOO_LONG: f"longer than {kakao_text.MAX_TEXT} characters",
    kakao_text.KakaoProblem.TOO_MANY_BUTTONS: f"more than {kakao_text.MAX_BUTTONS} buttons",
    kakao_text.KakaoProblem.IMAGE_TOO_LARGE: "a picture of more than 5 MB",
    kakao_text.KakaoProblem.FILE_TOO_LARGE: "a file of more than 300 MB",
}


class Kakao:
    """One channel at one dealer. A file and its words go as two messages, the words last."""

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
        self._incoming = Incoming(account.name, account.base_url)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Know where to hand things over."""
        self._inbox = inbox

    async def stop(self) -> None:
        """Let go."""
        await self._http.close()

    async def send(self, outgoing: Outgoing) -> Accepted:
        """One message. Raises `NotNow`, `Rejected` or `Unanswered`."""
        _refuse_unfit(outgoing)
        serial = serial_of(outgoing.message)
        for file in outgoing.files:
            await self._write(outgoing, f"{serial}f", await self._uploaded(file))
        if outgoing.text.strip():
            try:
                await self._write(outgoing, serial, _words(outgoing))
            except Rejected as refusal:
                raise Rejected(f"{'only the file was sent: ' if outgoing.files else ''}{refusal.reason}") from None
        return Accepted(provider=outgoing.message)  # the dealer gives no id of its own

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:  # noqa: ARG002 — the interface's
        """The dealer documents no way: raises `CannotTell`."""
        raise CannotTell

    async def end(self, address: str, reason: str) -> None:  # noqa: ARG002 — the dealer has no place for it
        """The agent ended the session; where the account says so the citizen goes back to the bot. Raises as `send`."""
        told = {"user_key": address, "sender_key": self._account.sender_key}
        await self._post(END_WITH_BOT if self._account.end_with_bot else END, told, _ended)

    def health(self) -> Health:
        """As the last answers were."""
        return self._http.health()

    async def receive(self, request: WebRequest) -> WebAnswer:
        """One of the dealer's webhooks. Raises `LogRefused` and `BadInput`."""
        if request.method != "POST" or request.path not in self._incoming.paths:
            raise no_such(request.path)
        if self._inbox is None:
            raise not_ready()
        secret = self._account.webhook_secret
        await require_signature(request, gateway=self.name, secret=secret, inbox=self._inbox, now=self._now())
        await self._incoming.take(request.path, parsed(request.body), self._inbox)
        return DONE

    # ── what goes out ────────────────────────────────────────────────────────────────────────────

    async def _write(self, outgoing: Outgoing, serial: str, content: Mapping[str, Any]) -> None:
        told = {
            "user_key": outgoing.address,
            "sender_key": self._account.sender_key,
            "serial_number": serial,
            **content,
        }
        await self._post("/v1/chat/write", told, _taken)

    async def _uploaded(self, file: File) -> dict[str, Any]:
        """What is written of a file that the dealer has now. A failure here leaves the message unsent for certain."""
        picture = _is_picture(file)
        path, name = ("/v1/image/upload", "image") if picture else ("/v1/file/upload", "file")
        content_type, body = form({"sender_key": self._account.sender_key}, name, file)
        try:
            url = await self._ask(path, content_type, body, lambda answer: _url(answer, name))
        except Unanswered as problem:
            raise NotNow(f"the file could not be handed over: {problem.reason}") from None
        if picture:
            return {"message_type": "IM", "image_url": url}
        return {"message_type": "FI", "file_url": url, "file_name": file.name, "file_size": len(file.data)}

    async def _post(self, path: str, data: Mapping[str, Any], read: Callable[[Answer], T]) -> T:
        return await self._ask(path, "application/json", json.dumps(data, ensure_ascii=False).encode(), read)

    async def _ask(self, path: str, content_type: str, body: bytes, read: Callable[[Answer], T]) -> T:
        account = self._account
        headers = {"ht-client-id": account.client_id, "ht-client-secret": account.secret, "content-type": content_type}
        return await self._http.ask("POST", path, headers=headers, read=read, body=body)


def serial_of(message: str) -> str:
    """Our reference, short enough for the dealer: the id's 128 bits in base32 (RFC 4648, 6), 26 characters."""
    return base64.b32encode(uuid.UUID(message).bytes).decode("ascii").rstrip("=").lower()


def _words(outgoing: Outgoing) -> dict[str, Any]:
    if not outgoing.buttons:
        return {"message_type": "TX", "message": outgoing.text}
    links = [{"name": b.label, "type": "WL", "url_mobile": b.url, "url_pc": b.url} for b in outgoing.buttons]
    return {"message_type": "LI", "message": outgoing.text, "links": links}


def _refuse_unfit(outgoing: Outgoing) -> None:
    images = tuple(len(file.data) for file in outgoing.files if _is_picture(file))
    files = tuple(len(file.data) for file in outgoing.files if not _is_picture(file))
    found = kakao_text.problems(outgoing.text, buttons=len(outgoing.buttons), images=images, files=files)
    if found:
        raise Rejected("KakaoTalk does not take " + ", ".join(PROBLEMS[problem] for problem in found))
    if len(outgoing.files) > 1:
        raise Rejected("KakaoTalk takes one file in a message")
    if any(len(button.label) > MAX_LABEL for button in outgoing.buttons):
        raise Rejected(f"KakaoTalk does not take a button of more than {MAX_LABEL} characters")
    if not outgoing.text.strip() and (outgoing.buttons or not outgoing.files):
        raise Rejected("the message is empty")


def _is_picture(file: File) -> bool:
    return file.media_type in PICTURES


# ── what the dealer answers ──────────────────────────────────────────────────────────────────────


def _code(data: Mapping[str, Any]) -> str:
    code = data.get("code")
    if not isinstance(code, str | int) or isinstance(code, bool):
        raise Unanswered("its answer is not understood")
    return str(code)


def _refuse(data: Mapping[str, Any], *good: str) -> None:
    """Raise what a code means that is none of the good ones (reference_docs/api_code_dict)."""
    code = _code(data)
    if code in good:
        return
    said = ": ".join(part for part in (f"{code} {text_of(data, 'message')}".strip(), MEANS.get(code, "")) if part)
    if code in OPEN:
        raise Unanswered(said)
    raise Rejected(said)


def _taken(answer: Answer) -> None:
    """Taken now or before; the dealer tells nothing later, so that is all that is known of its delivery."""
    _refuse(understood(answer), *GOOD, DUPLICATE)


def _ended(answer: Answer) -> None:
    """Over now or before."""
    _refuse(understood(answer), *GOOD, OVER)


def _url(answer: Answer, name: str) -> str:
    """The address of what was uploaded."""
    data = understood(answer)
    _refuse(data, *GOOD)
    if not (url := text_of(data, name)).startswith(("http://", "https://")):
        raise Unanswered("its answer is not understood")
    return url
