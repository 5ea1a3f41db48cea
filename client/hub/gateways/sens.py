"""SENS (Naver Cloud Simple & Easy Notification Service): SMS, LMS and MMS by its API v2.

Sources: standards.md; api.ncloud-docs.com/docs/sens-overview (headers, clock ± 5 min), sens-sms-send (202 and `requestId`), sens-sms-list and sens-sms-get
(results), sens-sms-attachment-create (MMS); the government cloud's api-gov.ncloud-docs.com says the same of another host.

* Accepted is 202 with a `requestId` and nothing else. A message is `COMPLETED` later, with `success` or `fail`: SENS documents
  no webhook, so it is asked (`result_poll`); a relay's `POST …/receipts` is taken as well, in the shape of the list.
* It knows no reference of ours, and the same words may go to the same citizen twice: `look_up` cannot tell.
* A 5xx is not documented as "not taken", so it is not believed to be.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from client.domain.bodies.written import DeliveryState
from client.domain.codec import BadInput
from client.domain.gateway_account import SensAccount
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
    Unanswered,
    WebAnswer,
    WebRequest,
)
from client.hub.gateways.http_client import ANSWER_S, Answer, ProviderHttp, id_of, text_of, understood
from client.hub.gateways.result_poll import FIRST_S, ResultPoll
from client.hub.gateways.signatures import hmac_base64, require_signature
from client.hub.gateways.text_messages import DONE, TextMessage, checked, inbound, no_such, not_ready, parsed

PICTURES = 3  # of one message (assumed: the carriers' usual limit)
PICTURE_BYTES = 300_000  # "300 Kbyte", sens-sms-attachment-create
AT_ONCE = 10
PER_SECOND = 20.0  # assumed: no figure is documented
MAX_RECEIPTS = 1_000  # of one webhook
ACCEPTED = 202


class Sens:
    """One SENS service. `first_poll_s` and `answer_s` are for tests."""

    channel = Channel.SMS

    def __init__(
        self, account: SensAccount, *, now: Now = system_now, first_poll_s: float = FIRST_S, answer_s: float = ANSWER_S
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
        self._service = f"/sms/v2/services/{quote(account.service_id, safe=':')}"
        self._http = ProviderHttp(account.base_url, at_once=AT_ONCE, answer_s=answer_s)
        self._results = ResultPoll(account.name, self._result, first_s=first_poll_s)
        self._inbox: Inbox | None = None

    async def start(self, inbox: Inbox) -> None:
        """Begin to ask for results."""
        self._inbox = inbox
        self._results.start(inbox)

    async def stop(self) -> None:
        """End."""
        await self._results.stop()
        await self._http.close()

    async def send(self, outgoing: Outgoing) -> Accepted:
        """Give one message to SENS. Raises `NotNow`, `Rejected` or `Unanswered`."""
        message = checked(outgoing, self.limits.senders, pictures=PICTURES, picture_bytes=PICTURE_BYTES)
        files = [await self._uploaded(picture) for picture in message.pictures]
        request = await self._post("/messages", _body(message, files), _request_id)
        self._results.watch(request)
        return Accepted(provider=request, text_kind=message.kind)

    async def look_up(self, outgoing: Outgoing) -> Accepted | None:  # noqa: ARG002 — the interface's
        """SENS cannot be asked by our reference: raises `CannotTell`."""
        raise CannotTell

    def await_result(self, provider: str) -> None:
        """Ask for the result of a message that was accepted before this hub was started."""
        self._results.watch(provider)

    async def receive(self, request: WebRequest) -> WebAnswer:
        """`POST messages` (a citizen's reply) or `POST receipts`. Raises `LogRefused` and `BadInput`."""
        if request.method != "POST" or request.path not in ("messages", "receipts"):
            raise no_such(request.path)
        if (inbox := self._inbox) is None:
            raise not_ready()
        secret = self._account.webhook_secret
        await require_signature(request, gateway=self.name, secret=secret, inbox=inbox, now=self._now())
        if request.path == "messages":
            await inbox.message(self.name, inbound(request.body))
        else:
            for receipt in _receipts(request.body):
                await inbox.receipt(self.name, receipt)
        return DONE

    async def end(self, address: str, reason: str) -> None:
        """Text messages know no sessions."""

    def health(self) -> Health:
        """As the last answers were."""
        return self._http.health()

    async def _uploaded(self, picture: bytes) -> str:
        """The file's id at SENS. A failure here leaves the message unsent for certain."""
        # one with the same name and size is taken for the same file (sens-sms-attachment-create): the name is of the bytes
        name = f"{hashlib.sha256(picture).hexdigest()[:32]}.jpg"
        body = {"fileName": name, "fileBody": base64.b64encode(picture).decode("ascii")}
        try:
            return await self._post("/files", body, _file_id)
        except Unanswered as problem:
            raise NotNow(f"the picture could not be handed over: {problem.reason}") from None

    async def _result(self, request: str) -> Receipt | None:
        """What became of an accepted request; None while it is under way."""
        path = f"{self._service}/messages?requestId={quote(request, safe='')}"
        found = await self._http.ask("GET", path, headers=self._headers("GET", path), read=_messages)
        for message in found:
            if (receipt := _receipt(message, request)) is not None:
                return receipt
        return None

    async def _post(self, what: str, body: Mapping[str, Any], read: Callable[[Answer], str]) -> str:
        path = self._service + what
        headers = {"content-type": "application/json; charset=utf-8", **self._headers("POST", path)}
        data = json.dumps(body, ensure_ascii=False).encode()
        return await self._http.ask("POST", path, headers=headers, body=data, read=read)

    def _headers(self, method: str, path: str) -> dict[str, str]:
        """`METHOD path\\ntimestamp\\naccessKey` under the secret key, in base64; the path with its query (sens-overview)."""
        stamp = str(int(self._now().timestamp() * 1000))
        key = self._account.access_key
        signed = f"{method} {self._http.path_of(path)}\n{stamp}\n{key}"
        return {
            "x-ncp-apigw-timestamp": stamp,
            "x-ncp-iam-access-key": key,
            "x-ncp-apigw-signature-v2": hmac_base64(self._account.secret_key, signed),
        }


def _body(message: TextMessage, files: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": str(message.kind),
        "contentType": "COMM",
        "countryCode": "82",
        "from": message.sender,
        "content": message.text,
        "messages": [{"to": message.to}],
    }
    if message.subject:
        body["subject"] = message.subject
    if files:
        body["files"] = [{"fileId": file} for file in files]
    return body


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def _request_id(answer: Answer) -> str:
    data = understood(answer)
    request = id_of(data.get("requestId"))
    agrees = str(data.get("statusCode", ACCEPTED)) == str(ACCEPTED) and data.get("statusName", "success") == "success"
    if answer.status != ACCEPTED or not request or not agrees:
        raise Unanswered("its answer contradicts itself or names no request")
    return request


def _file_id(answer: Answer) -> str:
    if not (file := id_of(understood(answer).get("fileId"))):
        raise Unanswered("its answer names no file")
    return file


def _messages(answer: Answer) -> list[Any]:
    found = understood(answer).get("messages")
    if not isinstance(found, list):
        raise Unanswered("its answer holds no messages")
    return found


def _receipt(message: Any, request: str = "") -> Receipt | None:
    """Of one entry of the list: `status` READY|PROCESSING|COMPLETED, `statusName` success|fail with `statusCode` and words."""
    if not isinstance(message, dict) or message.get("status") != "COMPLETED":
        return None
    provider = id_of(message.get("requestId", request))
    if not provider or (request and provider != request):
        return None
    if message.get("statusName") == "success":
        return Receipt(state=DeliveryState.DELIVERED, provider=provider)
    if message.get("statusName") != "fail":
        return None
    reason = f"{text_of(message, 'statusCode')} {text_of(message, 'statusMessage')}".strip()
    return Receipt(state=DeliveryState.FAILED, provider=provider, reason=reason)


def _receipts(body: bytes) -> list[Receipt]:
    data = parsed(body)
    found = data.get("messages") if isinstance(data, dict) else None
    if not isinstance(found, list) or len(found) > MAX_RECEIPTS:
        raise BadInput("messages", f"must be a list of at most {MAX_RECEIPTS}")
    receipts = [_receipt(message) for message in found]
    return [receipt for receipt in receipts if receipt is not None]
