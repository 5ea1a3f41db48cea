"""Every setting, declared once: key, type, default, help, limits. Files per machine and per user; IT may lock keys.

The user's value of a locked key is ignored (and `ieum doctor` says so). Every value is checked where it comes in: an
error names the file and the key.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import platform, settings_files
from client.domain.call import Account
from client.domain.codec import BadInput, decode
from client.domain.gateway_account import KakaoAccount, SensAccount, SmppAccount, SolapiAccount, WebhookAccount
from client.setting_rules import (
    Declaration,
    command,
    filled,
    gateways,
    header_name,
    ice_addresses,
    language_tag,
    local_address,
    numbers,
    opening_hours,
    sip_uri,
    token,
    web_address,
    weights,
)
from client.setting_rules import setting as _setting

LAST_PORT = 65_535
DAYS = 36_500
TRANSPORTS = ("udp", "tcp", "tls")
SRTP = ("off", "optional", "required")


def _accounts(path: str, accounts: tuple[Account, ...]) -> None:
    for n, account in enumerate(accounts):
        at = f"{path}.{n}"
        filled(f"{at}.user", account.user)
        filled(f"{at}.domain", account.domain)
        sip_uri(f"{at}.proxy", account.proxy)
        sip_uri(f"{at}.registrar", account.registrar)
        for name, allowed in (("transport", TRANSPORTS), ("srtp", SRTP)):
            if getattr(account, name) not in allowed:
                raise BadInput(f"{at}.{name}", f"must be one of {', '.join(allowed)}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The values in force. One field a setting; the declaration is the field itself."""

    data_dir: str = _setting("paths.data", "", "Where the desk keeps its store; empty: the system's place for it.")
    models_dir: str = _setting(
        "paths.models", "", "Where recognition models stand; empty: the system's place for a user's data."
    )

    accounts: tuple[Account, ...] = _setting(
        "phone.accounts", (), "SIP accounts: user, domain, password, proxy, transport, srtp.", check=_accounts
    )
    sip_port: int = _setting("phone.port", 0, "Local SIP port; 0 picks a free one.", low=0, high=LAST_PORT)
    sip_bind: str = _setting("phone.bind", "", "Local address for SIP and RTP; empty: all.", check=local_address)
    register_s: int = _setting(
        "phone.register_s",
        60,
        "Seconds a registration lasts; short, so that a PBX that restarted finds the desk soon.",
        low=1,
        high=86_400,
    )
    tls_ca: str = _setting(
        "phone.tls_ca", "", "PEM file with the authorities that SIP over TLS trusts; empty: the system's."
    )
    follow_transfers: bool = _setting(
        "phone.follow_transfers", False, "Let the far end of a call send this desk elsewhere (REFER)."
    )
    sip_trace: str = _setting(
        "phone.trace", "", "File for every SIP message, with citizens' numbers: only to find a fault or for a demo."
    )
    ars_header: str = _setting("phone.ars_header", "X-ARS-Menu", "SIP header with the ARS code.", check=header_name)
    queue_header: str = _setting(
        "phone.queue_header", "X-Queue", "SIP header with the queue's name.", check=header_name
    )
    language_header: str = _setting(
        "phone.language_header", "Accept-Language", "SIP header with the citizen's language.", check=header_name
    )
    identity_header: str = _setting(
        "phone.identity_header", "P-Asserted-Identity", "SIP header with the citizen's number.", check=header_name
    )
    session_key_header: str = _setting(
        "phone.session_key_header", "User-to-User", "SIP header with the session's key (RFC 7433).", check=header_name
    )
    emergency: tuple[str, ...] = _setting(
        "phone.emergency", ("119", "112", "109"), "Numbers of the emergency hand-over.", check=numbers
    )
    relay_numbers: tuple[str, ...] = _setting(
        "phone.relay_numbers", ("107",), "Callers that are relay operators.", check=numbers
    )
    second_call: bool = _setting("phone.second_call", False, "Offer a call to a desk that is in a call.")
    offer_s: int = _setting(
        "phone.offer_s", 20, "Seconds until an unanswered offer goes back to the queue.", low=5, high=600
    )
    microphone: str = _setting("sound.microphone", "", "Microphone by name; empty: the system's.")
    speaker: str = _setting("sound.speaker", "", "Headset or speaker by name; empty: the system's.")
    ring_device: str = _setting("sound.ring_device", "", "Device that rings; empty: the speaker.")
    ring_volume: int = _setting("sound.ring_volume", 80, "Ring volume, 0-100.", low=0, high=100)
    microphone_wav: str = _setting(
        "sound.microphone_wav", "", "A WAV file in the microphone's place, for practice and tests."
    )

    captions: bool = _setting("captions.on", True, "Recognise speech on this machine.")
    language: str = _setting(
        "captions.language", "ko", "Language recognised when the session names none (BCP 47).", check=language_tag
    )
    vocabulary: tuple[str, ...] = _setting(
        "captions.vocabulary", (), "Names of offices and services that recognition should know."
    )
    model_sources: dict[str, str] = _setting(  # noqa: RUF009 — a field
        "models.sources", {}, "Where IT keeps models: model id = file, directory or address."
    )

    hub_url: str = _setting(
        "hub.url", "", "The shared hub's desk interface; empty: an embedded hub.", check=web_address
    )
    hub_token: str = _setting(
        "hub.token", "", "This agent's credential at a shared hub; empty: from the key store.", check=token, secret=True
    )
    hub_port: int = _setting(
        "hub.port", 0, "Port of the desk interface when the hub runs here; 0 picks one.", low=0, high=LAST_PORT
    )
    hub_bind: str = _setting(
        "hub.bind", "127.0.0.1", "Address of the desk interface when the hub runs here.", check=local_address
    )
    citizen_port: int = _setting(
        "hub.citizen_port",
        0,
        "Port of the citizens' interface when the hub runs here; 0 picks one.",
        low=0,
        high=LAST_PORT,
    )
    tls_certificate: str = _setting(
        "hub.tls_certificate",
        "",
        "PEM file with the hub's certificate and its chain: `ieum hub` then speaks HTTPS on both interfaces.",
    )
    tls_key: str = _setting(
        "hub.tls_key",
        "",
        "PEM file with the certificate's key, without a passphrase; empty: in the certificate's file.",
    )
    citizen_bind: str = _setting(
        "hub.citizen_bind",
        "127.0.0.1",
        "Address of the citizens' interface when the hub runs here.",
        check=local_address,
    )
    public_url: str = _setting(
        "hub.public_url",
        "",
        "Address under which citizens reach their pages; empty: the citizens' interface itself.",
        check=web_address,
    )
    trusted_proxy: str = _setting(
        "hub.trusted_proxy",
        "",
        "Address of the proxy before the hub: only its X-Forwarded-For is believed; empty: nobody's.",
        check=local_address,
    )
    credential_days: int = _setting(
        "hub.credential_days",
        0,
        "Days after which a credential of a shared hub must be renewed; 0: never.",
        low=0,
        high=DAYS,
    )
    agent_name: str = _setting(
        "hub.agent_name", "", "Name of the one agent of an embedded hub; empty: the system user's."
    )
    centre_name: str = _setting("hub.centre_name", "서울 120", "The centre's name on citizen pages.", check=filled)
    link_grace_s: int = _setting(
        "hub.link_grace_s", 1800, "Seconds a citizen link lives after its session closed.", low=0, high=604_800
    )
    store_limit_mb: int = _setting(
        "hub.store_limit_mb",
        0,
        "Largest size of the hub's store in MB; 0: what the disk holds.",
        low=0,
        high=10_000_000,
    )
    keep_content_days: int = _setting(
        "retention.content_days", 90, "Days that words, messages and answers are kept.", low=1, high=DAYS
    )
    keep_record_days: int = _setting(
        "retention.record_days", 1095, "Days that codes, consents and decisions are kept.", low=1, high=DAYS
    )
    keep_trace_days: int = _setting(
        "retention.trace_days", 365, "Days that technical facts are kept.", low=1, high=DAYS
    )
    keep_access_days: int = _setting(
        "retention.access_days", 730, "Days that the access log is kept.", low=365, high=DAYS
    )
    rrn_legal_basis: str = _setting(
        "privacy.resident_number_basis", "", "Legal basis for keeping resident numbers; empty: they are masked."
    )
    card_legal_basis: str = _setting(
        "privacy.card_number_basis", "", "Legal basis for keeping card numbers; empty: they are masked."
    )

    sens: tuple[SensAccount, ...] = _setting(
        "gateways.sens", (), "SMS by SENS: base_url, service_id, access_key, secret_key, senders.", check=gateways
    )
    solapi: tuple[SolapiAccount, ...] = _setting(
        "gateways.solapi", (), "SMS by SOLAPI: base_url, api_key, api_secret, senders.", check=gateways
    )
    smpp: tuple[SmppAccount, ...] = _setting(
        "gateways.smpp", (), "SMS by a carrier's SMPP 3.4: host, port, system_id, password, senders.", check=gateways
    )
    kakao: tuple[KakaoAccount, ...] = _setting(
        "gateways.kakao",
        (),
        "KakaoTalk consultation talk by a dealer: base_url, sender_key, client_id, secret.",
        check=gateways,
    )
    chatbots: tuple[WebhookAccount, ...] = _setting(
        "gateways.chatbot", (), "Chatbots that hand over to agents: name, secret, callback_url.", check=gateways
    )
    complaints: tuple[WebhookAccount, ...] = _setting(
        "gateways.complaint", (), "Complaint apps: name, secret, callback_url, offices_url.", check=gateways
    )
    portals: tuple[WebhookAccount, ...] = _setting(
        "gateways.webhook",
        (),
        "Portals and forms that write by a signed webhook: name, secret, callback_url.",
        check=gateways,
    )
    camera: str = _setting("video.camera", "", "Camera by name; empty: the system's first; `signer`: a drawn one.")
    picture: str = _setting("video.picture", "480p", "Largest picture sent: 480p or 720p.", choices=("480p", "720p"))
    signs: bool = _setting("video.signs", False, "This agent takes sign-language video.")
    web_calls: bool = _setting("video.web_calls", True, "This agent takes calls from the centre's homepage.")
    stage_share: int = _setting(
        "video.stage_share", 66, "Width of the video stage, percent of what it shares with the text.", low=30, high=85
    )
    self_corner: str = _setting(
        "video.self_corner",
        "bottom-right",
        "Where the own picture stands.",
        choices=("bottom-right", "bottom-left", "top-left", "top-right", "beside"),
    )
    self_size: str = _setting(
        "video.self_size", "small", "Size of the own picture in a session.", choices=("small", "large", "hidden")
    )
    hears: bool = _setting(
        "video.hears", True, "This agent hears: off for a deaf counselor, who is then called by light and text alone."
    )
    stun: tuple[str, ...] = _setting(
        "video.stun", (), "STUN servers of the centre, as `stun:host:port`; empty: none is asked.", check=ice_addresses
    )
    turn: tuple[str, ...] = _setting(
        "video.turn", (), "TURN servers of the centre, as `turn:host:port` or `turns:…`.", check=ice_addresses
    )
    turn_secret: str = _setting(
        "video.turn_secret",
        "",
        "The secret that hub and TURN servers share (coturn's static-auth-secret); empty: from the key store.",
        secret=True,
    )
    turn_minutes: int = _setting("video.turn_minutes", 720, "Minutes a TURN credential is good.", low=5, high=1_440)
    video_on: bool = _setting("video.on", True, "Offer sign-language video and web calls on the citizens' interface.")
    video_hours: tuple[str, ...] = _setting(
        "video.hours",
        (),
        "When counselors are there, as `mon-fri 09:00-18:00`; empty: always. Else a video message can be left.",
        check=opening_hours,
    )
    video_limit: int = _setting(
        "video.limit", 20, "Citizens who may wait for a counselor; more can leave a video message.", low=1, high=1_000
    )
    videomail: bool = _setting("video.mail", True, "Take video messages when nobody is there.")
    videomail_seconds: int = _setting("video.mail_seconds", 180, "Longest video message.", low=10, high=1_800)
    videomail_mb: int = _setting("video.mail_mb", 100, "Largest video message in MB.", low=1, high=2_000)
    videomail_days: int = _setting("video.mail_days", 30, "Days a video message is kept.", low=1, high=DAYS)
    web_chat: bool = _setting("chat.on", True, "Offer the web chat page on the citizens' interface.")
    chat_limit: int = _setting(
        "chat.limit",
        200,
        "Citizens who may wait for an agent in web chat; more are asked to come later.",
        low=1,
        high=10_000,
    )
    confirm_citizen: bool = _setting(
        "text.confirm_citizen",
        False,
        "Show what a number's earlier sessions held only after the agent has made sure who writes.",
    )
    reply_s: int = _setting(
        "text.reply_s",
        180,
        "Seconds in which a written session should be answered; the desk tells when they are over.",
        low=10,
        high=86_400,
    )
    undo_s: int = _setting(
        "text.undo_s", 5, "Seconds in which an SMS or KakaoTalk message can be undone (0-30).", low=0, high=30
    )
    attachment_mb: int = _setting("text.attachment_mb", 10, "Largest attachment in MB.", low=1, high=300)
    weights: dict[str, int] = _setting(  # noqa: RUF009 — a field
        "desk.weights",
        {
            "phone": 3,
            "sign_video": 6,
            "web_call": 3,
            "chat": 1,
            "sms": 1,
            "kakao": 1,
            "chatbot": 1,
            "complaint": 1,
            "portal": 1,
        },
        "How much of desk.capacity a session of each channel takes.",
        check=weights,
    )

    wrapup_s: int = _setting("desk.wrapup_s", 60, "Seconds of wrap-up before the agent is asked.", low=5, high=3_600)
    wrapup_required: bool = _setting("desk.wrapup_required", True, "A wrap-up code is required to finish.")
    capacity: int = _setting(
        "desk.capacity", 6, "What one agent may hold, in the units of desk.weights.", low=1, high=50
    )
    theme: str = _setting(
        "desk.theme", "system", "system, light, dark or contrast.", choices=("system", "light", "dark", "contrast")
    )
    interface_language: str = _setting(
        "desk.language", "ko", "Language of the interface: ko or en.", choices=("ko", "en")
    )
    scale: int = _setting("desk.scale", 100, "Size of everything, percent (100-200).", low=100, high=200)
    caption_size: int = _setting("desk.caption_size", 18, "Size of captions, px.", low=12, high=60)
    reduced_motion: bool = _setting(
        "desk.reduced_motion", False, "No flashing: alerts are steady. Also so where the system asks for it."
    )
    announce_captions: bool = _setting("desk.announce_captions", False, "Let the screen reader say each caption.")
    alert_command: tuple[str, ...] = _setting(
        "desk.alert_command",
        (),
        "Program and arguments for a lamp or a vibrator, as a list: run with `on KIND` at each alert and `off` after the last.",
        check=command,
    )
    pedal_command: tuple[str, ...] = _setting(
        "desk.pedal_command",
        (),
        "Program and arguments for a pedal or switches, as a list: each line that it prints is an action's name (as in `desk.shortcuts`), which is done.",
        check=command,
    )
    announce_live_text: str = _setting(
        "desk.announce_live_text",
        "lines",
        "What the screen reader says of text while it is typed: off, whole words, or finished lines.",
        choices=("off", "words", "lines"),
    )
    shortcuts: dict[str, str] = _setting("desk.shortcuts", {}, "Changed keys: action = key.")  # noqa: RUF009 — a field


def declared() -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """(key, field) of every setting, in the order of declaration."""
    for field in dataclasses.fields(Settings):
        yield field.metadata["key"], field


_HINTS = typing.get_type_hints(Settings)
_FIELDS = dict(declared())


def load(machine: Path | None = None, user: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force: defaults, the machine's file, the user's where not locked, then `overrides` by key.

    Raises `BadInput` naming the file and key of a value that does not fit.
    """
    of_machine, of_user = _read(machine, user)
    values = _checked(of_machine.values, f"{of_machine.file}: ")
    mine = {key: value for key, value in of_user.values.items() if key not in of_machine.locked}
    values.update(_checked(mine, f"{of_user.file}: "))
    values.update(_checked(overrides or {}, ""))
    return Settings(**{_FIELDS[key].name: value for key, value in values.items()})


def locked(machine: Path | None = None) -> frozenset[str]:
    """Keys that only IT may set."""
    return _read(machine, None)[0].locked


def overruled(machine: Path | None = None, user: Path | None = None) -> tuple[str, ...]:
    """The user's keys that are ignored because IT locked them."""
    of_machine, of_user = _read(machine, user)
    return tuple(sorted(of_machine.locked & set(of_user.values)))


def save_user(changes: Mapping[str, Any], machine: Path | None = None, user: Path | None = None) -> Settings:
    """Change the user's own settings (None: back to the default) and return what is in force then.

    Raises `BadInput` for a locked key or a value that does not fit; nothing is written then.
    """
    of_machine, of_user = _read(machine, user)
    for key in changes:
        if key in of_machine.locked:
            raise BadInput(key, "is locked by IT")
        if key not in _FIELDS:
            raise BadInput(key, "is not a setting")
    _checked({key: value for key, value in changes.items() if value is not None}, "")
    load(machine, user)
    settings_files.write(of_user.file, changes)
    return load(machine, user)


def with_secrets(settings: Settings, secret: Callable[[str], str | None]) -> Settings:
    """Fill an empty hub token and empty SIP passwords from a key store (`hub.token`, `video.turn_secret`,
    `sip:<user>@<domain>`, `gateway:<name>`)."""
    accounts = tuple(
        account
        if account.password
        else dataclasses.replace(account, password=secret(f"sip:{account.user}@{account.domain}") or "")
        for account in settings.accounts
    )
    token = settings.hub_token or secret("hub.token") or ""
    turn_secret = settings.turn_secret or secret("video.turn_secret") or ""
    filled_in: dict[str, Any] = {
        field: _with_gateway_secrets(getattr(settings, field), name, secret) for field, name in _SECRETS
    }
    return dataclasses.replace(settings, accounts=accounts, hub_token=token, turn_secret=turn_secret, **filled_in)


_SECRETS = (
    ("sens", "secret_key"),
    ("solapi", "api_secret"),
    ("smpp", "password"),
    ("kakao", "secret"),
    ("chatbots", "secret"),
    ("complaints", "secret"),
    ("portals", "secret"),
)
"""Field of the settings → its accounts' secret."""


def _with_gateway_secrets(accounts: tuple[Any, ...], name: str, secret: Callable[[str], str | None]) -> tuple[Any, ...]:
    return tuple(
        account
        if getattr(account, name)
        else dataclasses.replace(account, **{name: secret(f"gateway:{account.name}") or ""})
        for account in accounts
    )


def less_motion(settings: Settings) -> bool:
    """True if nothing may flash: the agent does not want it, or the system asks for it."""
    return settings.reduced_motion or platform.wants_less_motion()


def _read(machine: Path | None, user: Path | None) -> tuple[settings_files.Values, settings_files.Values]:
    of_machine = settings_files.read(machine or platform.machine_settings_file())
    of_user = settings_files.read(user or platform.user_settings_file())
    if unknown := of_machine.locked - set(_FIELDS):
        raise BadInput(f"{of_machine.file}: locked: {min(unknown)}", "is not a setting")
    return of_machine, dataclasses.replace(of_user, locked=frozenset())


def _checked(values: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The values decoded and held against their declarations; `place` begins the path of an error."""
    checked = {}
    for key, raw in values.items():
        if key not in _FIELDS:
            raise BadInput(f"{place}{key}", "is not a setting")
        field = _FIELDS[key]
        value = decode(_HINTS[field.name], raw, f"{place}{key}")
        declaration: Declaration = field.metadata["declaration"]
        declaration.refuse_unfit(f"{place}{key}", value)
        checked[key] = value
    return checked
