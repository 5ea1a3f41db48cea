"""The reference page of settings, made from their declarations: `python -m client.settings_page`."""

from __future__ import annotations

import dataclasses
import sys
import typing
from itertools import groupby
from typing import Any

from client.domain.call import Account
from client.domain.codec import encode
from client.domain.gateway_account import KakaoAccount, SensAccount, SmppAccount, SolapiAccount, WebhookAccount
from client.setting_rules import Declaration
from client.settings import Settings, declared

_TYPES = {str: "text", int: "whole number", bool: "true or false"}
_HEAD = """# Settings

Made from the declarations in `client/settings.py` by `make reference`; do not edit.

Two files in TOML, one for the machine (IT's) and one for the user; `ieum doctor` says where they are here. The user's
value wins unless the machine's file locks the key: `locked = ["hub.url"]` at its top. A key `hub.url` stands as `url`
in the table `[hub]`. A value that does not fit is refused at start, with its file and key. What the table calls secret
may rest in the system's key store instead of a file.
"""


GATEWAYS: tuple[tuple[str, type[Any]], ...] = (
    ("`gateways.sens`", SensAccount),
    ("`gateways.solapi`", SolapiAccount),
    ("`gateways.smpp`", SmppAccount),
    ("`gateways.kakao`", KakaoAccount),
    ("`gateways.chatbot`, `gateways.complaint` and `gateways.webhook`", WebhookAccount),
)


def reference() -> str:
    """The whole page, in Markdown."""
    hints = typing.get_type_hints(Settings)
    parts = [_HEAD]
    for table, settings in groupby(declared(), key=lambda each: each[0].partition(".")[0]):
        parts.append(f"\n## [{table}]\n\n| key | value | default | meaning |\n|---|---|---|---|\n")
        parts.extend(_row(field.metadata["declaration"], field, hints[field.name]) for _, field in settings)
    parts.append(_accounts())
    return "".join(parts)


def _row(declaration: Declaration, field: dataclasses.Field[Any], kind: Any) -> str:
    default = {} if field.default is dataclasses.MISSING else field.default
    meaning = f"{declaration.help} Secret." if declaration.secret else declaration.help
    return f"| `{declaration.key}` | {_value(declaration, kind)} | `{_toml(default)}` | {meaning} |\n"


def _value(declaration: Declaration, kind: Any) -> str:
    if declaration.choices:
        return ", ".join(f"`{choice}`" for choice in declaration.choices)
    if declaration.low is not None or declaration.high is not None:
        return f"{declaration.low}–{declaration.high}"
    if typing.get_origin(kind) is tuple:
        return "list of texts" if str in typing.get_args(kind) else "list of accounts"
    return _TYPES.get(kind, "table of numbers" if int in typing.get_args(kind) else "table of texts")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(encode(value))


def _accounts() -> str:
    lines = ["\n## An entry of `phone.accounts`\n\n| field | default |\n|---|---|\n"]
    for field in dataclasses.fields(Account):
        default = "required" if field.default is dataclasses.MISSING else f"`{_toml(field.default)}`"
        lines.append(f"| `{field.name}` | {default} |\n")
    lines.append("\nAn empty `password` is looked for in the key store under `sip:<user>@<domain>`.\n")
    return "".join(lines) + "".join(_gateway(keys, kind) for keys, kind in GATEWAYS)


def _gateway(keys: str, kind: type[Any]) -> str:
    lines = [f"\n## An entry of {keys}\n\n| field | default |\n|---|---|\n"]
    for field in dataclasses.fields(kind):
        default = "required" if field.default is dataclasses.MISSING else f"`{_toml(field.default)}`"
        lines.append(f"| `{field.name}` | {default} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a redirected stdout is still a TextIOWrapper
    sys.stdout.write(reference())
