"""The way back to a portal, a chatbot or a complaint app: signed JSON to the address that its account names.

    POST {callback_url}                       with the headers of `client.hub.gateways.signatures`
    {"reference": "…", "thread": "…", "session": "…", "text": "…", "subject": "", "status": "",
     "files": [{"name": "…", "media_type": "…", "data": "base64"}], "buttons": [{"label": "…", "url": "…"}]}

The receiver answers 2xx once it has it: 204, `{}`, or `{"id": "…", "receipt": true}` where a receipt under this id will follow;
else taking it is delivering it. The same `reference` again is the same message. `GET {callback_url}?reference=…` (signed too) may
be offered: 200 with `{"taken": true}` (and `id` and `receipt` as before) or `{"taken": false}`. Anything else leaves it open: many
servers answer 404 for what they do not offer, and a message sent again upon that would be there twice.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import httpx

from client.domain.codec import encode
from client.hub.clock import Now
from client.hub.gateways.gateway import Accepted, CannotTell, Health, Outgoing, Rejected, Unanswered
from client.hub.gateways.http_client import ANSWER_S, Answer, ProviderHttp, id_of, understood
from client.hub.gateways.signatures import signed_headers

AT_ONCE = 5
NOWHERE = "no address is set to which an answer could go"


class Callback:
    """One address, or none."""

    def __init__(self, address: str, secret: str, now: Now, *, answer_s: float = ANSWER_S) -> None:
        self._secret = secret
        self._now = now
        self._http = ProviderHttp(address, at_once=AT_ONCE, answer_s=answer_s) if address else None

    async def close(self) -> None:
        """Let go of all connections."""
        if self._http is not None:
            await self._http.close()

    def health(self) -> Health:
        """As the last answers were."""
        return self._http.health() if self._http is not None else Health()

    async def send(self, outgoing: Outgoing, **more: Any) -> Accepted:
        """Hand over a message; `more` stands beside its fields. Raises `NotNow`, `Rejected` or `Unanswered`."""
        return await self.tell({**_message(outgoing), **more}, reference=outgoing.message)

    async def tell(self, data: dict[str, Any], *, reference: str) -> Accepted:
        """Hand over any of our messages."""
        if self._http is None:
            raise Rejected(NOWHERE)
        body = json.dumps(data, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "x-ieum-reference": reference, **self._signed("POST", "", body)}
        return await self._http.ask("POST", "", headers=headers, read=_accepted, body=body)

    async def look_up(self, reference: str) -> Accepted | None:
        """Ask whether it was taken. Raises `CannotTell`, `NotNow` or `Unanswered`."""
        if self._http is None:
            raise CannotTell
        query = f"?reference={quote(reference, safe='')}"
        try:
            return await self._http.ask("GET", query, headers=self._signed("GET", "", b""), read=_looked_up)
        except Rejected:
            raise CannotTell from None

    def _signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        assert self._http is not None
        return signed_headers(self._secret, method, self._http.path_of(path) or "/", body, now=self._now())


def _message(outgoing: Outgoing) -> dict[str, Any]:
    files = [
        {"name": file.name, "media_type": file.media_type, "data": base64.b64encode(file.data).decode("ascii")}
        for file in outgoing.files
    ]
    return {
        "reference": outgoing.message,
        "thread": outgoing.address,
        "session": outgoing.session,
        "text": outgoing.text,
        "subject": outgoing.subject,
        "status": outgoing.status,
        "files": files,
        "buttons": [encode(button) for button in outgoing.buttons],
    }


def _accepted(answer: Answer) -> Accepted:
    if answer.status == httpx.codes.NO_CONTENT:
        return Accepted(delivered=True)
    data = understood(answer)
    provider = id_of(data.get("id"))
    if data and not provider:
        raise Unanswered("its answer is not understood")
    return Accepted(provider=provider, delivered=not (provider and data.get("receipt") is True))


def _looked_up(answer: Answer) -> Accepted | None:
    data = understood(answer)
    if not isinstance(taken := data.get("taken"), bool):
        raise Unanswered("its answer is not understood")
    provider = id_of(data.get("id"))
    return Accepted(provider=provider, delivered=not (provider and data.get("receipt") is True)) if taken else None
