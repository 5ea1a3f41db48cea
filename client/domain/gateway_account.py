"""What IT declares of each outside service. `name` is the gateway's own, also in its webhook's address; empty secrets are
looked for in the key store as `gateway:<name>`. Nothing here has a default address: no request goes where no setting points.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SensAccount:
    """SENS (standards: `POST /sms/v2/services/{serviceId}/messages`). `senders` — registered numbers, the first is the default.

    `webhook_secret` signs what comes in: receipts and the citizens' replies.
    """

    name: str = "sens"
    base_url: str
    service_id: str
    access_key: str
    secret_key: str = ""
    senders: tuple[str, ...]
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolapiAccount:
    """SOLAPI (`POST /messages/v4/send`). `senders` — registered numbers, the first is the default."""

    name: str = "solapi"
    base_url: str
    api_key: str
    api_secret: str = ""
    senders: tuple[str, ...]
    webhook_secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmppAccount:
    """A carrier's SMSC that speaks SMPP 3.4. `encoding` `ucs2` or `ksc5601`; `long_text` `udh` or `payload`; `tls` for SMPP over TLS.

    `per_second` bounds submissions, `window` those without an answer yet.
    """

    name: str = "smpp"
    host: str
    port: int = 2775
    system_id: str
    password: str = ""
    system_type: str = ""
    senders: tuple[str, ...]
    encoding: str = "ucs2"
    long_text: str = "udh"
    tls: bool = False
    per_second: int = 50
    window: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KakaoAccount:
    """A dealer of KakaoTalk consultation talk (상담톡). `client_id` and `secret` are its headers; `webhook_secret` signs what comes in."""

    name: str = "kakao"
    base_url: str
    sender_key: str
    client_id: str
    secret: str = ""
    webhook_secret: str = ""
    end_with_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAccount:
    """A signed webhook of a portal, a form, a chatbot or the complaint app: `secret` signs both directions.

    `callback_url` — where the agent's words (and a complaint's status) go; empty: nothing can be answered there.
    `offices_url` — for the complaint app: where a routed complaint is told to its office.
    """

    name: str
    secret: str = ""
    callback_url: str = ""
    offices_url: str = ""
