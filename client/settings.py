"""Every setting, declared once: key, type, default, help. Files per machine and per user; IT may lock machine values.

A settings file is TOML; a key `hub.url` stands as `url` in the table `[hub]`. The machine's file may have a list
`locked = ["hub.url", …]` at its top; the user's value of a locked key is ignored (and `ieum doctor` says so).
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import platform
from client.domain.call import Account
from client.domain.codec import BadInput, decode


def _setting(key: str, default: Any, help: str) -> Any:  # noqa: A002 — the field's word
    return dataclasses.field(default=default, metadata={"key": key, "help": help})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The values in force. One field a setting; the declaration is the field itself."""

    data_dir: str = _setting("paths.data", "", "Where the desk keeps its store; empty: the system's place for it.")
    models_dir: str = _setting("paths.models", "", "Where recognition models stand; empty: under the data directory.")

    accounts: tuple[Account, ...] = _setting(
        "phone.accounts", (), "SIP accounts: user, domain, password, proxy, transport, srtp."
    )
    sip_port: int = _setting("phone.port", 0, "Local SIP port; 0 picks a free one.")
    sip_bind: str = _setting("phone.bind", "", "Local address for SIP and RTP; empty: all.")
    ars_header: str = _setting("phone.ars_header", "X-ARS-Menu", "SIP header with the ARS code.")
    queue_header: str = _setting("phone.queue_header", "X-Queue", "SIP header with the queue's name.")
    language_header: str = _setting(
        "phone.language_header", "Accept-Language", "SIP header with the citizen's language."
    )
    identity_header: str = _setting(
        "phone.identity_header", "P-Asserted-Identity", "SIP header with the citizen's number."
    )
    session_key_header: str = _setting(
        "phone.session_key_header", "User-to-User", "SIP header with the session's key (RFC 7433)."
    )
    emergency: tuple[str, ...] = _setting(
        "phone.emergency", ("119", "112", "109"), "Numbers of the emergency hand-over."
    )
    relay_numbers: tuple[str, ...] = _setting("phone.relay_numbers", ("107",), "Callers that are relay operators.")
    second_call: bool = _setting("phone.second_call", False, "Offer a call to a desk that is in a call.")
    offer_s: int = _setting("phone.offer_s", 20, "Seconds until an unanswered offer goes back to the queue.")
    microphone: str = _setting("sound.microphone", "", "Microphone by name; empty: the system's.")
    speaker: str = _setting("sound.speaker", "", "Headset or speaker by name; empty: the system's.")
    ring_device: str = _setting("sound.ring_device", "", "Device that rings; empty: the speaker.")
    ring_volume: int = _setting("sound.ring_volume", 80, "Ring volume, 0-100.")
    reader_device: str = _setting("sound.reader_device", "", "Device for spoken announcements; empty: the system's.")
    microphone_wav: str = _setting(
        "sound.microphone_wav", "", "A WAV file in the microphone's place, for practice and tests."
    )

    captions: bool = _setting("captions.on", True, "Recognise speech on this machine.")
    language: str = _setting("captions.language", "ko", "Language recognised when the session names none (BCP 47).")
    vocabulary: tuple[str, ...] = _setting(
        "captions.vocabulary", (), "Names of offices and services that recognition should know."
    )

    hub_url: str = _setting("hub.url", "", "The shared hub's desk interface; empty: an embedded hub.")
    hub_token: str = _setting("hub.token", "", "This agent's credential at a shared hub; empty: from the key store.")
    hub_port: int = _setting("hub.port", 0, "Port of the desk interface when the hub runs here; 0 picks one.")
    hub_bind: str = _setting("hub.bind", "127.0.0.1", "Address of the desk interface when the hub runs here.")
    citizen_port: int = _setting(
        "hub.citizen_port", 0, "Port of the citizens' interface when the hub runs here; 0 picks one."
    )
    citizen_bind: str = _setting(
        "hub.citizen_bind", "127.0.0.1", "Address of the citizens' interface when the hub runs here."
    )
    public_url: str = _setting(
        "hub.public_url", "", "Address under which citizens reach their pages; empty: the citizens' interface itself."
    )
    agent_name: str = _setting(
        "hub.agent_name", "", "Name of the one agent of an embedded hub; empty: the system user's."
    )
    centre_name: str = _setting("hub.centre_name", "서울 120", "The centre's name on citizen pages.")
    link_grace_s: int = _setting("hub.link_grace_s", 1800, "Seconds a citizen link lives after its session closed.")
    keep_content_days: int = _setting("retention.content_days", 90, "Days that words, messages and answers are kept.")
    keep_record_days: int = _setting("retention.record_days", 1095, "Days that codes, consents and decisions are kept.")
    keep_trace_days: int = _setting("retention.trace_days", 365, "Days that technical facts are kept.")
    keep_access_days: int = _setting("retention.access_days", 730, "Days that the access log is kept.")
    rrn_legal_basis: str = _setting(
        "privacy.resident_number_basis", "", "Legal basis for keeping resident numbers; empty: they are masked."
    )
    card_legal_basis: str = _setting(
        "privacy.card_number_basis", "", "Legal basis for keeping card numbers; empty: they are masked."
    )

    wrapup_s: int = _setting("desk.wrapup_s", 60, "Seconds of wrap-up before the agent is asked.")
    wrapup_required: bool = _setting("desk.wrapup_required", True, "A wrap-up code is required to finish.")
    capacity: int = _setting("desk.capacity", 6, "Sessions one agent may hold.")
    theme: str = _setting("desk.theme", "system", "system, light, dark or contrast.")
    interface_language: str = _setting("desk.language", "ko", "Language of the interface: ko or en.")
    scale: int = _setting("desk.scale", 100, "Size of everything, percent (100-200).")
    caption_size: int = _setting("desk.caption_size", 18, "Size of captions, px.")
    reduced_motion: bool = _setting("desk.reduced_motion", False, "No flashing: alerts are steady.")
    announce_captions: bool = _setting("desk.announce_captions", False, "Let the screen reader say each caption.")
    alert_command: str = _setting("desk.alert_command", "", "Command run at each alert, for a lamp or a vibrator.")
    shortcuts: dict[str, str] = dataclasses.field(
        default_factory=dict, metadata={"key": "desk.shortcuts", "help": "Changed keys: action = key."}
    )


def declared() -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """(key, field) of every setting, in the order of declaration."""
    for field in dataclasses.fields(Settings):
        yield field.metadata["key"], field


def load(machine: Path | None = None, user: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force: defaults, the machine's file, the user's where not locked, then `overrides` by key.

    Raises `BadInput` naming the file and key of a value that does not fit.
    """
    machine_values, locked = _read(machine or platform.machine_settings_file())
    user_values, _ = _read(user or platform.user_settings_file())
    allowed = {key: value for key, value in user_values.items() if key not in locked}
    values = {**machine_values, **allowed, **dict(overrides or {})}
    names = {key: field.name for key, field in declared()}
    if unknown := set(values) - set(names):
        raise BadInput(min(unknown), "is not a setting")
    return decode(Settings, {names[key]: value for key, value in values.items()})


def _read(file: Path) -> tuple[dict[str, Any], frozenset[str]]:
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, frozenset()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(str(file), f"is not TOML: {error}") from error
    locked = frozenset(tables.pop("locked", ()))
    values: dict[str, Any] = {}
    for table, entries in tables.items():
        if not isinstance(entries, Mapping):
            raise BadInput(f"{file}: {table}", "must be a table")
        values.update({f"{table}.{key}": value for key, value in entries.items()})
    return values, locked
