"""SOLAPI: SMS, LMS and MMS by its messages API v4.

Sources: standards.md; docs.solapi.com (authentication, messages/sendsimplemessage, messages/getmessagelist, storage/uploadfile), solapi.com/developers/api/webhook and
msg-getList; message status codes at solapi.com: 2000 accepted, 3000 with the carrier, 4000 received.

* `POST /messages/v4/send` answers 200 with a `messageId` and `statusCode` "2000": accepted, not delivered.
* Our reference goes along in `customFields` (keys ≤ 30, values ≤ 100 characters) and comes back in the list and in reports. The
  list cannot be asked by it, so `look_up` reads everything to this number since the message was written. What is not
  in the list may still be on its way there: then nothing is certain, and nothing is sent again.
* Reports (`SINGLE-REPORT`) come by its webhook: a list of `{messageId, statusCode, customFields, …}`, authenticated by nothing but
  `X-Solapi-Secret`, SHA-1 of the secret (documented). So such a request is believed for reports alone: repeated, they change
  nothing. Without a webhook secret results are asked for. Replies (MO) are signed by our own scheme.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from client.domain.bodies.written import DeliveryState
from client.domain.codec import BadInput
from client.domain.gateway_account import SolapiAccount
from client.domain.ids import is_id
from client.domain.words import Channel
from client.hub.clock import Now, system_now
from client.hub.gateways.gateway import (
    Accepted,
    CannotTell,
    Health,
    Inbox,
    Limits,
    NotNow,
    Outgoing,
    Receipt,
    Rejected,
    Unanswered,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.http_client import ANSWER_S, Answer, ProviderHttp, id_of, text_of, understood
from client.hub.gateways.result_poll import FIRST_S, ResultPoll
from client.hub.gateways.signatures import bad_signature, hmac_hex, require_signature, same
from client.hub.gateways.text_messages import (
    DONE,
    TextMessage,
    checked,
    inbound,
    no_such,
    not_ready,
    parsed,
)

T = TypeVar("T")
PICTURES = 1  # `imageId` is one
PICTURE_BYTES = 200_000  # storage/uploadfile, MMS: 200 KB
AT_ONCE = 10
PER_SECOND = 50.0  # assumed: no figure is documented
MAX_REPORTS = 1_000  # of one webhook
PAGE = 100  # of the list
MAX_PAGES = 20
SKEW = timedelta(minutes=15)  # between our clock and theirs, at most: beyond that they refuse the signature
REFERENCE, ATTEMPT = "ieum", "attempt"  # keys in `customFields`
DELIVERED = "4000"
UNDER_WAY = ("2000", "3000")
_CODE = re.compile(r"[0-9]{4}")


class Solapi:
    """One SOLAPI account. `first_poll_s` and `answer_s` are for tests."""

    channel = Channel.SMS

    def __init__(
        self,
        account: SolapiAccount,
        *,
        now: Now = system_now,
        first_poll_s: float = FIRST_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = account.name
        self.limits = Limits(
            files=PICTURES,
            file_bytes=PICTURE_BYTES,
            media_types=("image/jpeg",),
            per_second=PER_SECOND,
            at_once=AT_ONCE,
            senders=account.senders,
        )
        self._account = account
        self._now = now
        self._http = ProviderHttp(account.base_url, at_once=AT_ONCE, answer_s=answer_s)
        self._results = ResultPoll(account.name, self._result, first_s=first_poll_s)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Begin; results are asked for where no webhook can bring them."""
        self._inbox = inbox
        self._results.start(inbox)

    async def stop(self) -> None:
        """End."""
        await self._results.stop()
        await self._http.close()

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Give one message to SOLAPI. Raises `NotNow`, `Rejected` or `Unanswered`."""
        message = checked(outgoing, self.limits.senders, pictures=PICTURES, picture_bytes=PICTURE_BYTES)
        image = await self._uploaded(message.pictures[0]) if message.pictures else ""
        taken = await self._post("/messages/v4/send", {"message": _body(message, outgoing, image)}, _taken)
        return self._awaited(taken.provider, taken.delivered, message)

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:
        """What became of our reference, off the list. Never None: see above.

        Raises `CannotTell` where the list is too long, `Unanswered` while it does not hold the message; both may come right later.
        """
        message = checked(outgoing, self.limits.senders, pictures=PICTURES, picture_bytes=PICTURE_BYTES)
        query = {"to": message.to, "startDate": self._since(outgoing.message), "limit": str(PAGE)}
        for _ in range(MAX_PAGES):
            listed, following = await self._list(query)
            for provider, entry in listed.items():
                if _is_it(entry, outgoing):
                    return self._awaited(provider, entry.get("statusCode") == DELIVERED, message)
            if not following:
                raise Unanswered("the provider's list does not hold it")
            query["startKey"] = following
        raise CannotTell

    def await_result(self, provider: str) -> None:
        """Ask for the result of a message that was accepted before this hub was started."""
        self._results.watch(provider)

    async def receive(self, request: WebRequest) -> WebAnswer:
        """`POST messages` (a citizen's reply) or `POST receipts` (reports). Raises `LogRefused` and `BadInput`."""
        if request.method != "POST" or request.path not in ("messages", "receipts"):
            raise no_such(request.path)
        if (inbox := self._inbox) is None:
            raise not_ready()
        if request.path == "messages":
            await self._require_signature(request, inbox)
            await inbox.message(self.name, inbound(request.body))
            return DONE
        if "x-solapi-secret" in request.headers:
            self._require_secret(request)
        else:
            await self._require_signature(request, inbox)
        for receipt in _reports(request.body):
            await inbox.receipt(self.name, receipt)
        return DONE

    async def end(self, address: str, reason: str) -> None:
        """Text messages know no sessions."""

    def health(self) -> Health:
        """As the last answers were."""
        return self._http.health()

    def _awaited(self, provider: str, delivered: bool, message: TextMessage) -> Accepted:
        """Taken; its result comes by the webhook where there is one, else it is asked for."""
        if not self._account.webhook_secret and not delivered:
            self._results.watch(provider)
        return Accepted(provider=provider, delivered=delivered, text_kind=message.kind)

    async def _require_signature(self, request: WebRequest, inbox: Inbox) -> None:
        secret = self._account.webhook_secret
        await require_signature(request, gateway=self.name, secret=secret, inbox=inbox, now=self._now())

    def _require_secret(self, request: WebRequest) -> None:
        secret = self._account.webhook_secret
        expected = hashlib.sha1(secret.encode("utf-8"), usedforsecurity=False).hexdigest()  # their scheme, not ours
        if not secret or not same(request.headers["x-solapi-secret"].lower(), expected):
            raise bad_signature("the secret is not this account's")

    async def _uploaded(self, picture: bytes) -> str:
        """The picture's id at SOLAPI. A failure here leaves the message unsent for certain."""
        name = f"{hashlib.sha256(picture).hexdigest()[:32]}.jpg"
        body = {"file": base64.b64encode(picture).decode("ascii"), "name": name, "type": "MMS"}
        try:
            return await self._post("/storage/v1/files", body, _file_id)
        except Unanswered as problem:
            raise NotNow(f"the picture could not be handed over: {problem.reason}") from None

    async def _result(self, provider: str) -> Receipt | None:
        listed, _following = await self._list({"messageId": provider})
        return _report({**listed.get(provider, {}), "messageId": provider})

    async def _list(self, query: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], str]:
        """One page: message id → entry, and the key of the next page or ""."""
        path = f"/messages/v4/list?{urlencode(query)}"
        return await self._http.ask("GET", path, headers=self._authorization(), read=_page)

    async def _post(self, path: str, body: Mapping[str, Any], read: Callable[[Answer], T]) -> T:
        headers = {"content-type": "application/json; charset=utf-8", **self._authorization()}
        data = json.dumps(body, ensure_ascii=False).encode()
        return await self._http.ask("POST", path, headers=headers, body=data, read=read)

    def _authorization(self) -> dict[str, str]:
        """HMAC-SHA256 over date + salt, in hexadecimal; ± 15 min, each signature once (docs.solapi.com, authentication)."""
        date, salt = _date(self._now()), secrets.token_hex(16)
        signature = hmac_hex(self._account.api_secret, date + salt)
        key = self._account.api_key
        said = f"HMAC-SHA256 apiKey={key}, date={date}, salt={salt}, signature={signature}"
        return {"authorization": said}

    def _since(self, message: str) -> str:
        """From when the list is read: our references are UUIDv7 and tell when the message was written (RFC 9562, 5.7)."""
        if not is_id(message):
            raise CannotTell
        written = datetime.fromtimestamp(int(message.replace("-", "")[:12], 16) / 1000, UTC)
        return _date(written - SKEW)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(message: TextMessage, outgoing: Outgoing, image: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "to": message.to,
        "from": message.sender,
        "text": message.text,
        "type": str(message.kind),
        "country": "82",
        "customFields": {REFERENCE: outgoing.message, ATTEMPT: str(outgoing.attempt)},
    }
    if message.subject:
        body["subject"] = message.subject
    if image:
        body["imageId"] = image
    return body


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def _taken(answer: Answer) -> Accepted:
    data = understood(answer)
    provider, code = id_of(data.get("messageId")), data.get("statusCode")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise Unanswered("its answer has no status")
    if code not in (*UNDER_WAY, DELIVERED):
        raise Rejected(f"{code} {text_of(data, 'statusMessage')}".strip())
    if not provider:
        raise Unanswered("its answer names no message")
    return Accepted(provider=provider, delivered=code == DELIVERED)


def _file_id(answer: Answer) -> str:
    if not (file := id_of(understood(answer).get("fileId"))):
        raise Unanswered("its answer names no file")
    return file


def _page(answer: Answer) -> tuple[dict[str, dict[str, Any]], str]:
    data = understood(answer)
    listed, following = data.get("messageList"), data.get("nextKey")
    if not isinstance(listed, dict) or not isinstance(following, str | None):
        raise Unanswered("its answer holds no list")
    return {key: entry for key, entry in listed.items() if isinstance(entry, dict)}, following or ""


def _ours(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Our reference and attempt in `customFields`; empty where there are none."""
    fields = entry.get("customFields")
    if not isinstance(fields, dict):
        return "", ""
    reference, attempt = fields.get(REFERENCE), fields.get(ATTEMPT)
    if not isinstance(reference, str) or not is_id(reference) or not isinstance(attempt, str):
        return "", ""
    return reference, attempt


def _is_it(entry: Mapping[str, Any], outgoing: Outgoing) -> bool:
    """True if the citizen has this message from us, or will, or this very attempt failed; an earlier one's failure is no answer."""
    reference, attempt = _ours(entry)
    failed = entry.get("statusCode") not in (*UNDER_WAY, DELIVERED)
    return reference == outgoing.message and (not failed or attempt == str(outgoing.attempt))


def _report(entry: Mapping[str, Any]) -> Receipt | None:
    """Of one entry of a report or the list; None while it is under way, or where it says nothing that is understood."""
    provider, code = id_of(entry.get("messageId")), entry.get("statusCode")
    if not provider or not isinstance(code, str) or not _CODE.fullmatch(code) or code in UNDER_WAY:
        return None
    message = _ours(entry)[0]
    if code == DELIVERED:
        return Receipt(state=DeliveryState.DELIVERED, provider=provider, message=message)
    reason = f"{code} {text_of(entry, 'reason', 'statusMessage')}".strip()
    return Receipt(state=DeliveryState.FAILED, provider=provider, message=message, reason=reason)


def _reports(body: bytes) -> list[Receipt]:
    found = parsed(body)
    if not isinstance(found, list) or len(found) > MAX_REPORTS:
        raise BadInput("body", f"must be a list of at most {MAX_REPORTS} reports")
    receipts = [_report(entry) for entry in found if isinstance(entry, dict)]
    return [receipt for receipt in receipts if receipt is not None]
